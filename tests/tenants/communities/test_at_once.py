"""Two moderators at the same moment, in transactions of their own: nothing is answered twice, one of them stays."""

from concurrent.futures import ThreadPoolExecutor

from django.core.exceptions import ValidationError
from django.db import connection

from controlplane.associations.models import Association
from controlplane.audit.models import Entry
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public
from tenants.communities.models import Community
from tenants.members.models import Member


def test_of_two_who_answer_at_the_same_moment_one_holds(django_db_setup, django_db_blocker):
    """And two moderators who leave at the same moment do not both get away."""
    with django_db_blocker.unblock():
        with public():
            tonan = Association.objects.get(slug="tonan")
        try:
            with bound(tonan):
                people = {
                    who: Member.objects.get(user__email=f"{who}@tonan.example.jp")
                    for who in ("officer", "leader", "member")
                }
                room = Community.start(by=people["officer"], name="同時の会", access="approval")
                room.join(people["member"])
                room.invite(by=people["officer"], members=[people["leader"]])
                room.answer(people["leader"], yes=True)
                room.memberships.get(member=people["leader"]).appoint(by=people["officer"])

            def answer(yes: bool) -> None:
                try:
                    with bound(tonan):
                        (room.let_in if yes else room.turn_away)(people["member"], by=people["officer"])
                finally:
                    connection.close()

            def leave(who: str) -> bool:
                try:
                    with bound(tonan):
                        room.leave(people[who])
                    return True
                except ValidationError:
                    return False
                finally:
                    connection.close()

            with ThreadPoolExecutor(6) as pool:
                list(pool.map(answer, [True, False] * 3))
                gone = list(pool.map(leave, ["officer", "leader"]))
            with bound(tonan):
                answers = Entry.objects.filter(
                    verb__in=["community.let_in", "community.turn_away"], object_id=str(room.pk)
                )
                assert answers.count() == 1
                assert sorted(gone) == [False, True]
                assert room.memberships.moderators().count() == 1
        finally:
            with bound(tonan):
                Community.objects.filter(name="同時の会").delete()
                Message.objects.filter(to__endswith="@tonan.example.jp").delete()
                Entry.objects.filter(object_type="communities.community", verb__startswith="community.").filter(
                    object_id=str(room.pk)
                ).delete()
            connection.close()
