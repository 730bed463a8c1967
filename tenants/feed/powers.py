"""What members may do with posts, with what others say under them, and with files."""

from tenants.communities.models import Community
from tenants.feed.models import Attachment, Comment, Confirmation, Moderation, Post
from tenants.members.models import Act, Household, Member, rule


@rule(Act.WRITE_POST)
def write(member: Member, post: Post | None) -> bool:
    """Officers to anyone, leaders to their own groups and to the seats, members into communities they are in."""
    to, rooms = Post.Audience, Community.objects.writable_by(member)
    if post is None:
        return member.is_leader or rooms.exists()
    if post.audience == to.COMMUNITY:
        return rooms.filter(pk=post.community_id or 0).exists()
    if post.audience == to.SEATS:
        return member.is_leader
    if post.audience == to.GROUP and member.is_leader:
        groups = member.led_groups()  # which one, a post may not say yet
        return (groups.filter(pk=post.group_id) if post.group_id else groups).exists()
    return member.is_officer


@rule(Act.PIN_POST)
def pin(member: Member, post: Post | None) -> bool:
    return member.is_officer or bool(post and post.community and post.community.moderated_by(member))


@rule(Act.EDIT_POST)
def edit(member: Member, post: Post | None) -> bool:
    """See `changeable_by`: what was signed by a seat is the officers' to correct, a person's own words are theirs."""
    return write(member, None) if post is None else Post.objects.filter(pk=post.pk).changeable_by(member).exists()


@rule(Act.WITHDRAW_POST)
def withdraw(member: Member, post: Post | None) -> bool:
    """See `in_hands_of`."""
    return write(member, None) if post is None else Post.objects.filter(pk=post.pk).in_hands_of(member).exists()


@rule(Act.ANSWER_POST)
def answer(member: Member, post: Post | None) -> bool:
    """Comment, react, press the seal of one's own home: whoever reads it."""
    return post is None or Post.objects.filter(pk=post.pk).visible_to(member).exists()


@rule(Act.REMOVE_COMMENT)
def remove_comment(member: Member, comment: Comment | None) -> bool:
    """Its author, and officers where they read the post."""
    if comment is None or comment.author_id == member.pk:
        return True
    return member.is_officer and answer(member, comment.post)


@rule(Act.REPORT)
def report(member: Member, thing: Post | Comment | None) -> bool:
    return answer(member, thing.post if isinstance(thing, Comment) else thing)


@rule(Act.HIDE)
def hide(member: Member, thing: Post | Comment | None) -> bool:
    """Officers what they read or were told of, moderators what was reported in their community."""
    if thing is None:
        return _judges(member)
    if Moderation.objects.judged_by(member).to_look_at().about(thing).exists():
        return True
    return member.is_officer and report(member, thing)


@rule(Act.SETTLE)
def settle(member: Member, row: Moderation | None) -> bool:
    """Officers; and moderators what they hid themselves, while they lead the community."""
    if row is None or member.is_officer:
        return _judges(member)
    own = row.kind == Moderation.Kind.HIDING and row.by_id == member.pk
    return own and Moderation.objects.judged_by(member).filter(pk=row.pk).exists()


def _judges(member: Member) -> bool:
    return member.is_officer or Community.objects.moderated_by(member).exists()


@rule(Act.RULE_TALK, Act.SEE_ROOM, Act.SEE_REPORTS)
def serve(member: Member, thing: object) -> bool:
    return member.is_officer


@rule(Act.SEE_REACH)
def see_reach(member: Member, post: Post | None) -> bool:
    """Figures; the homes by name are `known_to` each."""
    return member.is_leader and answer(member, post)


@rule(Act.CONFIRM_FOR, Act.HAND_PAPER)
def act_for(member: Member, home: Household | None) -> bool:
    """Officers any home, leaders those of their own groups."""
    return member.is_leader if home is None else Household.objects.known_to(member).filter(pk=home.pk).exists()


@rule(Act.TAKE_SEAL_BACK)
def take_seal_back(member: Member, seal: Confirmation | None) -> bool:
    """The home's own; officers; and the leader who pressed it, while the home is theirs to look after."""
    if seal is None or seal.household_id == member.household_id:
        return True
    return member.is_officer or (seal.by_id == member.pk and act_for(member, seal.household))


@rule(Act.SEND_FILES)
def send_files(member: Member, thing: object) -> bool:
    return not member.visiting


@rule(Act.DESCRIBE_FILE)
def describe_file(member: Member, file: Attachment | None) -> bool:
    """Whoever may edit what carries it; its owner while nothing does."""
    if file is None or file.is_loose:
        return file is None or file.owner_id == member.pk
    return member.may(Act.EDIT_RECORD, file.record) if file.record else edit(member, file.post)


@rule(Act.REMOVE_FILE)
def remove_file(member: Member, file: Attachment | None) -> bool:
    """Whoever may take back what carries it; and officers, who look after the room there is, where they read."""
    if file is None or file.is_loose:
        return file is None and member.is_officer
    if file.record:
        return member.may(Act.REMOVE_RECORD, file.record)
    return withdraw(member, file.post) or (member.is_officer and not file.is_shared and answer(member, file.post))
