"""Communities, entering and leaving them, and the requests at their doors."""

from typing import Any, ClassVar

from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import InOrder, LatelyMovedFirst
from api.shapes import VERSION, LineField, MemberRef, ReasonDraft, SeatRef, Versioned, reachable
from api.views import SiteView, endpoint
from tenants.communities.models import Community, Membership
from tenants.members.models import Act, Group, Member, Seat, only


class CommunityShape(Serializer[Community]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    access = serializers.ChoiceField(choices=Community.Access.choices)
    members = serializers.IntegerField(source="member_count")
    standing = serializers.ChoiceField(choices=Membership.State.choices, allow_null=True, help_text="The caller's own.")
    role = serializers.ChoiceField(choices=Membership.Role.choices, allow_null=True, help_text="The caller's own.")
    created_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True, help_text="When it ended; it is read only since.")
    last_activity_at = serializers.DateTimeField()
    version = serializers.IntegerField(help_text=VERSION)


class CommunityDraft(Serializer[Any]):
    name = LineField(max_length=40)
    description = serializers.CharField(max_length=300, required=False, allow_blank=True)
    access = serializers.ChoiceField(choices=Community.Access.choices, required=False)


class CommunityChange(Versioned, CommunityDraft):
    pass


class CommunityQuery(Serializer[Any]):
    q = serializers.CharField(max_length=100, required=False, help_text="Words of its name.")
    closed = serializers.BooleanField(required=False, help_text="Those that ended; else those that have not.")


class MembershipShape(Serializer[Membership]):
    state = serializers.ChoiceField(choices=Membership.State.choices)
    since = serializers.DateTimeField()


class RequestShape(Serializer[Membership]):
    member = MemberRef()
    since = serializers.DateTimeField()


class InsideShape(Serializer[Membership]):
    """A place in the community: a person's, or a seat's, which passes on with the seat."""

    id = serializers.IntegerField()
    member = MemberRef(allow_null=True)
    seat = SeatRef(allow_null=True)
    role = serializers.ChoiceField(choices=Membership.Role.choices)
    since = serializers.DateTimeField()


class AskingInDraft(Serializer[Any]):
    members = reachable(Member, lambda member: Member.objects.admitted(), many=True, required=False)
    group = reachable(Group, lambda member: Group.objects.all(), required=False, allow_null=True)
    seat = reachable(Seat, lambda member: Seat.objects.all(), required=False, allow_null=True)


class InvitedShape(Serializer[Any]):
    asked = serializers.IntegerField(help_text="How many were asked by this: not who is inside or was asked before.")


class ReplyDraft(Serializer[Any]):
    enter = serializers.BooleanField()


class CommunityView(SiteView):
    def visible(self) -> Any:
        return Community.objects.visible_to(self.member).with_standing(self.member)

    def community(self, pk: int) -> Community:
        found: Community = get_object_or_404(self.visible(), pk=pk)
        return found

    def led(self, pk: int) -> Community:
        """One the caller leads."""
        found = self.community(pk)
        only(self.member, Act.LEAD_COMMUNITY, found)
        return found

    def letter(self, pk: int) -> dict[str, Any]:
        """What a letter about it needs to name the site and lead to the page."""
        return {"site_name": self.site.name, "url": self.site.url(f"/communities/{pk}/")}


class Communities(CommunityView):
    pagination_class = LatelyMovedFirst

    acts: ClassVar = {"POST": Act.START_COMMUNITY}

    @endpoint("Communities", gives=CommunityShape(many=True), query=[CommunityQuery])
    def get(self, request: Request) -> Response:
        wanted = self.query(CommunityQuery)
        ended = bool(wanted.get("closed"))
        found = self.visible().search(wanted.get("q", ""))
        return self.page(CommunityShape, found.filter(closed_at__isnull=not ended))

    @endpoint("Start a community", takes=CommunityDraft, gives=CommunityShape, status=201)
    def post(self, request: Request) -> Response:
        """Officers."""
        community = Community.start(by=self.member, **self.body(CommunityDraft))
        return self.answer(CommunityShape, self.community(community.pk), status=201)


class CommunityDetail(CommunityView):
    @endpoint("One community", gives=CommunityShape)
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(CommunityShape, self.community(pk))

    @endpoint("Change a community", takes=CommunityChange, gives=CommunityShape)
    def patch(self, request: Request, pk: int) -> Response:
        """Its moderators and officers."""
        self.led(pk).change(by=self.member, **self.change(CommunityChange))
        return self.answer(CommunityShape, self.community(pk))


class Ending(CommunityView):
    @endpoint("End a community", status=204)
    def put(self, request: Request, pk: int) -> Response:
        """Everything stays to be read; nobody writes or enters any more. Moderators and officers."""
        self.led(pk).close(by=self.member)
        return Response(status=204)

    @endpoint("Let it go on", status=204)
    def delete(self, request: Request, pk: int) -> Response:
        """Officers."""
        self.community(pk).reopen(by=self.member)
        return Response(status=204)


class MyMembership(CommunityView):
    @endpoint("Enter, or ask to", gives=MembershipShape)
    def put(self, request: Request, pk: int) -> Response:
        return self.answer(MembershipShape, self.community(pk).join(self.member))

    @endpoint("Leave", status=204)
    def delete(self, request: Request, pk: int) -> Response:
        self.community(pk).leave(self.member)
        return Response(status=204)


class Reply(CommunityView):
    @endpoint("Answer an invitation", takes=ReplyDraft, status=204)
    def put(self, request: Request, pk: int) -> Response:
        self.community(pk).answer(self.member, yes=self.body(ReplyDraft)["enter"])
        return Response(status=204)


class Requests(CommunityView):
    pagination_class = InOrder

    @endpoint("Who waits at the door", gives=RequestShape(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """For its moderators and officers."""
        return self.page(RequestShape, self.led(pk).requests())


class RequestAnswer(CommunityView):
    @endpoint("Let somebody in", status=204)
    def put(self, request: Request, pk: int, member: int) -> Response:
        found = self.led(pk)
        found.let_in(self._asking(found, member), by=self.member)
        return Response(status=204)

    @endpoint("Turn a request down", status=204)
    def delete(self, request: Request, pk: int, member: int) -> Response:
        found = self.led(pk)
        found.turn_away(self._asking(found, member), by=self.member)
        return Response(status=204)

    def _asking(self, found: Community, pk: int) -> Member:
        asking = Member.objects.filter(memberships__in=found.memberships.requested().order_by())
        return get_object_or_404(asking, pk=pk)


class Invited(CommunityView):
    @endpoint("Ask people to come in", takes=AskingInDraft, gives=InvitedShape, status=201)
    def post(self, request: Request, pk: int) -> Response:
        """Persons, everybody of a group, or a seat. Its moderators and officers."""
        asked = self.led(pk).invite(by=self.member, **self.body(AskingInDraft), **self.letter(pk))
        return self.answer(InvitedShape, {"asked": asked}, status=201)


class Inside(CommunityView):
    pagination_class = InOrder

    @endpoint("Who is inside", gives=InsideShape(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """For those inside, and officers."""
        found = self.community(pk)
        if not (
            self.member.may(Act.LEAD_COMMUNITY, found)
            or Community.objects.readable_by(self.member).filter(pk=pk).exists()
        ):
            raise Http404
        return self.page(InsideShape, found.memberships.active().select_related("member", "seat"))


class OneInside(CommunityView):
    def row(self, pk: int, n: int) -> Membership:
        found: Membership = get_object_or_404(self.led(pk).memberships.active(), pk=n)
        return found


class Removal(OneInside):
    @endpoint("Take somebody out", takes=ReasonDraft, status=204)
    def post(self, request: Request, pk: int, n: int) -> Response:
        """With the reason, which they are told. Its moderators and officers."""
        self.row(pk, n).remove(by=self.member, **self.body(ReasonDraft), **self.letter(pk))
        return Response(status=204)


class Moderation(OneInside):
    @endpoint("Make somebody a moderator", status=204)
    def put(self, request: Request, pk: int, n: int) -> Response:
        self.row(pk, n).appoint(by=self.member)
        return Response(status=204)

    @endpoint("End a moderator's work", status=204)
    def delete(self, request: Request, pk: int, n: int) -> Response:
        """One has to stay."""
        self.row(pk, n).relieve(by=self.member)
        return Response(status=204)
