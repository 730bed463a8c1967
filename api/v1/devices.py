"""Where I am signed in, and which programs hold a token of mine. The same on every host."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.permissions import SignedIn
from api.views import KairanView, endpoint
from controlplane.accounts.models import ApiToken, Device, User
from controlplane.accounts.ways import Way


class DeviceShape(Serializer[Device]):
    id = serializers.IntegerField()
    name = serializers.CharField(source="shown", help_text="What the browser says it is, in words. No place is kept.")
    first_seen_at = serializers.DateTimeField()
    last_seen_on = serializers.DateField()
    current = serializers.SerializerMethodField(help_text="Whether this very session calls.")

    def get_current(self, device: Device) -> bool:
        return bool(device.session_key == self.context["way"].session_key)


class OwnTokenShape(Serializer[ApiToken]):
    id = serializers.IntegerField()
    name = serializers.CharField(help_text="As the program called itself when it redeemed its code.")
    created_at = serializers.DateTimeField()
    last_used_on = serializers.DateField(allow_null=True)
    expires_at = serializers.DateTimeField()
    current = serializers.SerializerMethodField(help_text="Whether this very token calls.")

    def get_current(self, token: ApiToken) -> bool:
        return bool(token.pk == self.context["way"].token_id)


class OwnView(KairanView):
    permission_classes = (SignedIn,)

    @property
    def user(self) -> User:
        user: Any = self.request.user
        return user  # type: ignore[no-any-return]

    @property
    def way(self) -> Way:
        return Way.of(self.request)

    def shape_context(self) -> dict[str, Any]:
        return super().shape_context() | {"way": self.way}


class Devices(OwnView):
    @endpoint("Devices I am signed in at", gives=DeviceShape(many=True))
    def get(self, request: Request) -> Response:
        return self.page(DeviceShape, self.user.devices.alive())

    @endpoint("Sign out at all other devices", status=204, named="me_devices_destroy_others")
    def delete(self, request: Request) -> Response:
        """A call with a token signs out at every device."""
        self.user.end_devices(but=self.way)
        return Response(status=204)


class DeviceDetail(OwnView):
    @endpoint("Sign out at a device", status=204)
    def delete(self, request: Request, pk: int) -> Response:
        get_object_or_404(self.user.devices.alive(), pk=pk).end()
        return Response(status=204)


class Tokens(OwnView):
    @endpoint("Tokens of mine", gives=OwnTokenShape(many=True))
    def get(self, request: Request) -> Response:
        """Their secrets are shown once, when they are made."""
        return self.page(OwnTokenShape, self.user.tokens.alive_now())

    @endpoint("End all other tokens", status=204, named="me_tokens_destroy_others")
    def delete(self, request: Request) -> Response:
        self.user.end_tokens(but=self.way)
        return Response(status=204)


class TokenDetail(OwnView):
    @endpoint("End a token", status=204)
    def delete(self, request: Request, pk: int) -> Response:
        get_object_or_404(self.user.tokens, pk=pk).delete()
        return Response(status=204)
