"""The authentication backend: a user is whoever redeemed a code; this only loads them again on each request."""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from controlplane.accounts.models import User


class CodeBackend(BaseBackend):
    def authenticate(self, request: Any, **credentials: Any) -> None:
        return None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()
