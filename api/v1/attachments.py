"""Attachments: uploaded loose, then named by the post that carries them."""

from typing import Any, ClassVar

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.shapes import LineField
from api.views import SiteView, endpoint
from controlplane.rates import Cost, costs
from tenants.feed.models import Attachment
from tenants.members.models import Act


class AttachmentShape(Serializer[Attachment]):
    id = serializers.IntegerField()
    state = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(choices=Attachment.Kind.choices)
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    pages = serializers.IntegerField(allow_null=True)
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    alt = serializers.CharField(allow_blank=True, help_text="What a photo shows, to be read out.")
    caption = serializers.CharField(allow_blank=True, help_text="What stands under a photo.")

    @extend_schema_field(serializers.ChoiceField(choices=["ready"]))
    def get_state(self, attachment: Attachment) -> str:
        """Uploads are checked before the answer, so what exists is ready."""
        return "ready"


class LinkedAttachmentShape(AttachmentShape):
    url = serializers.SerializerMethodField(help_text="Good for five minutes.")
    preview_url = serializers.SerializerMethodField(help_text="A small picture, or else the file itself.")

    def get_url(self, attachment: Attachment) -> str:
        return attachment.link()

    def get_preview_url(self, attachment: Attachment) -> str:
        return attachment.link(preview=True)


class UploadShape(Serializer[Any]):
    file = serializers.FileField(max_length=255, allow_empty_file=True)


@costs(Cost.FILE)
class Attachments(SiteView):
    parser_classes = (MultiPartParser,)
    acts: ClassVar = {"POST": Act.SEND_FILES}

    @endpoint(
        "Upload", takes={"multipart/form-data": UploadShape}, gives=LinkedAttachmentShape, status=201, refuses=(503,)
    )
    def post(self, request: Request) -> Response:
        """A photo or a PDF, told by its content and kept without metadata."""
        attachment = Attachment.objects.receive(self.body(UploadShape)["file"], by=self.member)
        return self.answer(LinkedAttachmentShape, attachment, status=201)


class Words(Serializer[Any]):
    alt = LineField(max_length=200, required=False, allow_blank=True)
    caption = LineField(max_length=200, required=False, allow_blank=True)


class AttachmentDetail(SiteView):
    @endpoint("One attachment with links to its content", gives=LinkedAttachmentShape)
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(LinkedAttachmentShape, self._find(pk))

    @endpoint("Say what a photo shows", takes=Words, gives=LinkedAttachmentShape)
    def patch(self, request: Request, pk: int) -> Response:
        """Its owner, and whoever may change its post."""
        attachment = self._find(pk)
        told = {"alt": attachment.alt, "caption": attachment.caption} | self.body(Words, partial=True)
        attachment.describe(by=self.member, **told)
        return self.answer(LinkedAttachmentShape, attachment)

    def _find(self, pk: int) -> Attachment:
        attachment = get_object_or_404(Attachment, pk=pk)
        if not attachment.may_see(self.member):
            raise Http404
        return attachment
