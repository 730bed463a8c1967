"""What members may do with communities and with the records that these and the seats hand on."""

from tenants.communities.models import Community, HandoverRecord
from tenants.members.models import Act, Member, Seat, rule


@rule(Act.START_COMMUNITY, Act.REOPEN_COMMUNITY)
def start(member: Member, community: Community | None) -> bool:
    return member.is_officer


@rule(Act.ENTER_COMMUNITY)
def enter(member: Member, community: Community | None) -> bool:
    """What one knows of. Whether at once or after asking, the community says."""
    return community is None or Community.objects.visible_to(member).filter(pk=community.pk).exists()


@rule(Act.LEAD_COMMUNITY)
def lead(member: Member, community: Community | None) -> bool:
    """Its moderators of today, and the officers beside them."""
    if community is None:
        return member.is_officer or Community.objects.moderated_by(member).exists()
    return community.moderated_by(member)


@rule(Act.WRITE_RECORD)
def write_record(member: Member, owner: Seat | Community | None) -> bool:
    """Into a seat's records whoever holds it today, into a community's those inside while it lasts."""
    if isinstance(owner, Seat):
        return member.seats().filter(pk=owner.pk).exists()
    rooms = Community.objects.writable_by(member)
    if owner is None:
        return member.is_leader or rooms.exists()
    return rooms.filter(pk=owner.pk).exists()


@rule(Act.EDIT_RECORD)
def edit_record(member: Member, record: HandoverRecord | None) -> bool:
    """While its year lasts whoever holds its seat; in a community its author, and who leads what a seat said there."""
    if record is None:
        return write_record(member, None)
    led = record.as_seat and record.community and record.community.moderated_by(member)
    return _stands_open_to(member, record) and bool(record.seat_id or record.author_id == member.pk or led)


@rule(Act.REMOVE_RECORD)
def remove_record(member: Member, record: HandoverRecord | None) -> bool:
    """The same people, and in a community also who leads it: taking back puts no words into anybody's mouth."""
    if record is None:
        return write_record(member, None)
    led = record.community and record.community.moderated_by(member)
    return edit_record(member, record) or bool(led and _stands_open_to(member, record))


def _stands_open_to(member: Member, record: HandoverRecord) -> bool:
    return not record.is_frozen and write_record(member, record.seat or record.community)
