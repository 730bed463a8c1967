"""Bulletins: written by a city's staff, with their counts; on a site those that came in, from city and federation."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import LatelyPublishedFirst
from api.permissions import city_staff_of
from api.shapes import VERSION, BySlug, LineField, Versioned
from api.v1.attachments import LinkedAttachmentShape
from api.views import CityView, SiteView, endpoint
from controlplane.associations.models import Association, Bulletin, BulletinCopy, BulletinFile
from controlplane.associations.models.bulletin_words import BODY_LENGTH, URL_LENGTH
from tenants.feed.models import Post

AUDIENCES = [choice for choice in Bulletin.Audience.choices if choice[0] != Bulletin.Audience.MEMBERS]
HIDDEN = "Null below five, rounded in sums with such parts."


class BulletinCounts(Serializer[Bulletin]):
    sent = serializers.IntegerField(help_text="Associations.")
    arrived = serializers.IntegerField(help_text="Associations.")
    households = serializers.IntegerField(source="households.value", allow_null=True, help_text=HIDDEN)
    read_households = serializers.IntegerField(source="reads.value", allow_null=True, help_text=HIDDEN)


class FileShape(Serializer[BulletinFile]):
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    pages = serializers.IntegerField(allow_null=True)


class SentShape(Serializer[Bulletin]):
    """What a city's and a federation's bulletins have alike."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Bulletin.Kind.choices)
    title = serializers.CharField()
    body = serializers.CharField()
    url = serializers.CharField(allow_blank=True, help_text="The page it leads to.")
    officers_only = serializers.BooleanField()
    published_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField(help_text=VERSION)
    counts = BulletinCounts(source="*")


class BulletinShape(SentShape):
    audience = serializers.ChoiceField(choices=AUDIENCES)
    ward = serializers.CharField(allow_blank=True, help_text="The first of its wards.")
    wards = serializers.ListField(child=serializers.CharField())
    federation = serializers.SerializerMethodField(help_text="The federation's slug.")

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_federation(self, bulletin: Bulletin) -> str | None:
        return bulletin.to_federation.slug if bulletin.to_federation else None


class CopyShape(Serializer[BulletinCopy]):
    association = serializers.CharField(source="association.slug")
    received_at = serializers.DateTimeField(allow_null=True)
    counted_at = serializers.DateTimeField(allow_null=True)
    households = serializers.IntegerField(source="homes.value", allow_null=True, help_text="Null below five.")
    read_households = serializers.IntegerField(source="reads.value", allow_null=True, help_text="Null below five.")


class ByAssociation(Serializer[Bulletin]):
    """What came back, and the documents that went along."""

    files = FileShape(many=True)
    associations = serializers.SerializerMethodField()

    @extend_schema_field(CopyShape(many=True))
    def get_associations(self, bulletin: Bulletin) -> Any:
        copies: Any = bulletin.copies.select_related("association").order_by("pk")
        return CopyShape(copies, many=True).data


class BulletinDetailShape(BulletinShape, ByAssociation):
    pass


class WordsDraft(Serializer[Any]):
    title = LineField(max_length=120)
    body = serializers.CharField(max_length=BODY_LENGTH)


class WordsChange(Versioned, WordsDraft):
    pass


class SendingDraft(WordsDraft):
    kind = serializers.ChoiceField(choices=Bulletin.Kind.choices, required=False)
    url = serializers.URLField(max_length=URL_LENGTH, required=False, allow_blank=True)
    officers_only = serializers.BooleanField(required=False, help_text="No member sees it but officers.")


class BulletinDraft(SendingDraft):
    audience = serializers.ChoiceField(choices=AUDIENCES)
    ward = serializers.CharField(max_length=20, required=False, allow_blank=True)
    federation = BySlug(
        slug_field="slug", source="to_federation", queryset=Association.objects.none(), required=False, allow_null=True
    )

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        city = self.context.get("city")
        if city:
            live = Association.objects.live().filter(city=city, kind=Association.Kind.FEDERATION)
            fields["federation"].queryset = live
        return fields


class CityBulletinView(CityView):
    pagination_class = LatelyPublishedFirst

    def shape_context(self) -> dict[str, Any]:
        staff = city_staff_of(self.request)
        return super().shape_context() | {"city": staff.city if staff else None}

    def sent(self, slug: str) -> Any:
        return Bulletin.objects.filter(city=self.city(slug)).select_related("city", "to_federation").with_counts()


class CityBulletins(CityBulletinView):
    @endpoint("Bulletins of a city", gives=BulletinShape(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """What the city's staff have told associations, with counts."""
        return self.page(BulletinShape, self.sent(slug))

    @endpoint("Publish a bulletin", takes=BulletinDraft, gives=BulletinShape, status=201)
    def post(self, request: Request, slug: str) -> Response:
        """To all associations of the city, a ward's, or a federation's. Each site copies it into its own feed."""
        city = self.city(slug)
        made = Bulletin.objects.publish(by=self.by, city=city, **self.body(BulletinDraft))
        return self.answer(BulletinShape, self.sent(slug).get(pk=made.pk), status=201)


class CityBulletinDetail(CityBulletinView):
    @endpoint("One bulletin, with counts by association", gives=BulletinDetailShape)
    def get(self, request: Request, slug: str, pk: UUID) -> Response:
        return self.answer(BulletinDetailShape, self._find(slug, pk))

    @endpoint("Correct a bulletin", takes=WordsChange, gives=BulletinDetailShape)
    def patch(self, request: Request, slug: str, pk: UUID) -> Response:
        """Here and in every feed it stands in."""
        found = self._find(slug, pk)
        said = {"title": found.title, "body": found.body} | self.change(WordsChange)
        found.edit(by=self.by, **said)
        return self.answer(BulletinDetailShape, self._find(slug, pk))

    @endpoint("Withdraw a bulletin", status=204)
    def delete(self, request: Request, slug: str, pk: UUID) -> Response:
        """From every feed."""
        self._find(slug, pk).withdraw(by=self.by)
        return Response(status=204)

    def _find(self, slug: str, pk: UUID) -> Bulletin:
        found: Bulletin = get_object_or_404(self.sent(slug), pk=pk)
        return found


class TakenShape(Serializer[Post]):
    """A bulletin as it stands in this feed."""

    id = serializers.UUIDField(source="source_id")
    post = serializers.IntegerField(source="pk")
    sent_by = serializers.ChoiceField(choices=["city", "federation"], source="source")
    sender = serializers.CharField(source="source_name")
    kind = serializers.ChoiceField(choices=Bulletin.Kind.choices)
    title = serializers.CharField()
    body = serializers.CharField()
    published_at = serializers.DateTimeField(source="publish_at")
    edited_at = serializers.DateTimeField(allow_null=True)


class TakenDetailShape(TakenShape):
    files = LinkedAttachmentShape(many=True, source="documents")


class Bulletins(SiteView):
    @endpoint("Bulletins", gives=TakenShape(many=True))
    def get(self, request: Request) -> Response:
        """From the city, and from federations the association has accepted."""
        return self.page(TakenShape, Post.objects.visible_to(self.member).exclude(source=""))


class TakenDetail(SiteView):
    @endpoint("One bulletin with its documents", gives=TakenDetailShape)
    def get(self, request: Request, bulletin: UUID) -> Response:
        """As it stands in this feed, for those who may see it there."""
        found = get_object_or_404(Post.objects.visible_to(self.member).exclude(source=""), source_id=bulletin)
        return self.answer(TakenDetailShape, found)
