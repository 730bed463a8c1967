"""Attachments: uploaded loose, then named by the post that carries them."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.views import SiteView, endpoint
from tenants.feed.models import Attachment


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


class Attachments(SiteView):
    parser_classes = (MultiPartParser,)

    @endpoint("Upload", takes={"multipart/form-data": UploadShape}, gives=LinkedAttachmentShape, status=201)
    def post(self, request: Request) -> Response:
        """A photo or a PDF, told by its content and kept without metadata."""
        attachment = Attachment.objects.receive(self.body(UploadShape)["file"], by=self.member)
        return self.answer(LinkedAttachmentShape, attachment, status=201)


class AttachmentDetail(SiteView):
    @endpoint("One attachment with links to its content", gives=LinkedAttachmentShape)
    def get(self, request: Request, pk: int) -> Response:
        attachment = get_object_or_404(Attachment, pk=pk)
        if not attachment.may_see(self.member):
            raise Http404
        return self.answer(LinkedAttachmentShape, attachment)
