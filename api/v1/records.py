"""Handover records: read by whoever holds the seat or is inside, written within their year, noted in any."""

from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import NewestFirst
from api.shapes import VERSION, CommunityRef, DayField, LineField, SeatRef, Versioned, reachable
from api.v1.attachments import AttachmentShape
from api.views import SiteView, endpoint
from tenants.communities.models import Community, HandoverRecord
from tenants.communities.models.records import LENGTH
from tenants.feed.models import Attachment
from tenants.members.models import Act, Seat

OUTCOMES = HandoverRecord.Outcome.choices


class NoteShape(Serializer[HandoverRecord]):
    id = serializers.IntegerField()
    text = serializers.CharField(source="handling")
    signature = serializers.CharField()
    created_at = serializers.DateTimeField()


class RecordShape(Serializer[HandoverRecord]):
    id = serializers.IntegerField()
    seat = SeatRef(allow_null=True)
    community = CommunityRef(allow_null=True)
    fiscal_year = serializers.IntegerField(help_text="From 1 April of this year to 31 March.")
    happened_on = serializers.DateField()
    problem = serializers.CharField()
    handling = serializers.CharField()
    result = serializers.CharField(allow_blank=True)
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    signature = serializers.CharField(help_text="The seat that spoke, else the person.")
    frozen = serializers.BooleanField(source="is_frozen", help_text="Its year is over: only notes are added.")
    notes = NoteShape(many=True)
    attachments = AttachmentShape(many=True, help_text="`attachments/{id}/` has the links.")
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField(help_text=VERSION)


class RecordWords(Serializer[Any]):
    happened_on = DayField(required=False)
    problem = LineField(max_length=120)
    handling = serializers.CharField(max_length=LENGTH)
    result = serializers.CharField(max_length=LENGTH, required=False, allow_blank=True)
    outcome = serializers.ChoiceField(choices=OUTCOMES, required=False)


class RecordChange(Versioned, RecordWords):
    pass


class RecordDraft(RecordWords):
    seat = reachable(Seat, lambda member: member.seats(), required=False, allow_null=True)
    community = reachable(Community, Community.objects.writable_by, required=False, allow_null=True)


class RecordQuery(Serializer[Any]):
    year = serializers.IntegerField(required=False, min_value=1950, max_value=2100, source="fiscal_year")
    seat = serializers.IntegerField(required=False, min_value=1)
    community = serializers.IntegerField(required=False, min_value=1)
    q = serializers.CharField(required=False, max_length=100, help_text="Words, all of which occur.")


class NoteDraft(Serializer[Any]):
    text = serializers.CharField(max_length=LENGTH)


class RecordView(SiteView):
    pagination_class = NewestFirst

    def visible(self) -> Any:
        found = HandoverRecord.objects.visible_to(self.member).for_reading()
        return found.prefetch_related(Prefetch("attachments", Attachment.objects.defer("text").order_by("pk")))

    def record(self, pk: int) -> HandoverRecord:
        found: HandoverRecord = get_object_or_404(self.visible(), pk=pk)
        return found


class Records(RecordView):
    acts: ClassVar = {"POST": Act.WRITE_RECORD}

    @endpoint("Handover records", gives=RecordShape(many=True), query=[RecordQuery])
    def get(self, request: Request) -> Response:
        """Of the seats one holds, all years, and of the communities one is inside; officers: of all seats."""
        wanted = self.query(RecordQuery)
        found = self.visible().search(wanted.pop("q", ""))
        return self.page(RecordShape, found.filter(**wanted))

    @endpoint("Write a record", takes=RecordDraft, gives=RecordShape, status=201)
    def post(self, request: Request) -> Response:
        """For a seat one holds or a community one is inside; one of the two."""
        written = HandoverRecord.write(by=self.member, **self.body(RecordDraft))
        return self.answer(RecordShape, self.record(written.pk), status=201)


class RecordDetail(RecordView):
    @endpoint("One record", gives=RecordShape)
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(RecordShape, self.record(pk))

    @endpoint("Change a record", takes=RecordChange, gives=RecordShape)
    def patch(self, request: Request, pk: int) -> Response:
        """While its year lasts."""
        self.record(pk).edit(by=self.member, **self.change(RecordChange))
        return self.answer(RecordShape, self.record(pk))

    @endpoint("Take a record back", status=204)
    def delete(self, request: Request, pk: int) -> Response:
        """While its year lasts."""
        self.record(pk).remove(by=self.member)
        return Response(status=204)


class FilesDraft(Serializer[Any]):
    attachments = reachable(
        Attachment, lambda member: Attachment.objects.loose().filter(owner=member), many=True, allow_empty=False
    )


class Files(RecordView):
    acts: ClassVar = {"POST": Act.EDIT_RECORD}

    @endpoint("Put photos and documents beside it", takes=FilesDraft, gives=RecordShape, status=201)
    def post(self, request: Request, pk: int) -> Response:
        """Uploaded before; while the record's year lasts, ten at most."""
        with transaction.atomic():
            for attachment in self.body(FilesDraft)["attachments"]:
                attachment.put_into(self.record(pk), by=self.member)
        return self.answer(RecordShape, self.record(pk), status=201)


class FileDetail(RecordView):
    @endpoint("Take a file away for good", status=204)
    def delete(self, request: Request, pk: int, attachment: int) -> Response:
        """While the record's year lasts."""
        get_object_or_404(self.record(pk).attachments.all(), pk=attachment).remove(by=self.member)
        return Response(status=204)


class Notes(RecordView):
    @endpoint("Add a note", takes=NoteDraft, gives=RecordShape, status=201)
    def post(self, request: Request, pk: int) -> Response:
        """A correction, or what became of it; in any year."""
        self.record(pk).add_note(self.body(NoteDraft)["text"], by=self.member)
        return self.answer(RecordShape, self.record(pk), status=201)
