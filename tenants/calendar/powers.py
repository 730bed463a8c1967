"""What members may do with the calendar and with answers to it."""

from tenants.calendar.models import Event
from tenants.communities.models import Community
from tenants.members.models import Act, Household, Member, rule


@rule(Act.PLAN_EVENT)
def plan(member: Member, event: Event | None) -> bool:
    """Officers and leaders for everyone, officers for officers, members inside a community there."""
    if event is None:
        return member.is_leader or Community.objects.writable_by(member).exists()
    if event.audience == Event.Audience.COMMUNITY:
        return Community.objects.writable_by(member).filter(pk=event.community_id or 0).exists()
    return member.is_officer if event.audience == Event.Audience.OFFICERS else member.is_leader


@rule(Act.CHANGE_EVENT)
def change(member: Member, event: Event | None) -> bool:
    """Whoever sees it and is an officer, or planned it and still might; in a community also who leads that."""
    if event is None:
        return plan(member, None)
    if not Event.objects.filter(pk=event.pk).visible_to(member).exists():
        return False
    if member.is_officer:
        return True
    if event.community:
        return event.author_id == member.pk or event.community.moderated_by(member)
    return event.author_id == member.pk and plan(member, event)


@rule(Act.SHARE_EVENT, Act.SEE_ANSWERS, Act.FILL_CALENDAR)
def serve(member: Member, thing: object) -> bool:
    return member.is_officer


@rule(Act.ANSWER_EVENT)
def answer(member: Member, event: Event | None) -> bool:
    return event is None or Event.objects.filter(pk=event.pk).visible_to(member).exists()


@rule(Act.ANSWER_FOR)
def answer_for(member: Member, home: Household | None) -> bool:
    """Officers any home, leaders those of their own groups."""
    return member.is_leader if home is None else Household.objects.known_to(member).filter(pk=home.pk).exists()
