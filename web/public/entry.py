"""The entry form between its steps: everything typed so far travels in the form itself, nothing on the server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID, uuid4

from django.utils import timezone

from controlplane.tenancy import BadToken, Purpose, sign, unsign
from provisioning.models import Application
from web.postal import find_address
from web.public.forms import AssociationForm, CodeForm, PersonForm

ASSOCIATION, PERSON, PROOF = 1, 2, 3
A_DAY = 60 * 60 * 24


@dataclass
class Entry:
    """One entry form as it was sent: what was typed in every step, the form's own key, the proof of the address."""

    typed: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def association(self) -> AssociationForm:
        return AssociationForm(self.typed)

    @cached_property
    def person(self) -> PersonForm:
        return PersonForm(self.typed)

    @cached_property
    def code(self) -> CodeForm:
        return CodeForm(self.typed)

    @cached_property
    def key(self) -> str:
        """Made once when the form is opened: sending the form twice is sending it once."""
        try:
            return str(UUID(self.typed.get("key", "")))
        except ValueError:
            return str(uuid4())

    @cached_property
    def proof(self) -> str:
        return self.typed.get("proof", "")

    @cached_property
    def filled(self) -> str:
        """The address as it was filled in last time."""
        return self.typed.get("filled", "")

    @property
    def is_proven(self) -> bool:
        """Whether the proof belongs to the address that is in the form now."""
        if not self.person.is_valid():
            return False
        try:
            return bool(unsign(Purpose.CONTACT, self.proof, max_age=A_DAY) == self.person.contact.value)
        except BadToken:
            return False

    def prove(self) -> None:
        """The address's code was redeemed."""
        self.proof = sign(Purpose.CONTACT, self.person.contact.value)

    def unchecked(self, **filled: str) -> "tuple[AssociationForm, PersonForm]":
        """The first two steps with what was typed, and no word about mistakes."""
        initial = {**self.typed, **filled}
        return AssociationForm(initial=initial), PersonForm(initial=initial)

    def fill_address(self) -> str:
        """The address of the postal code, unless somebody has written one of their own."""
        found, typed = find_address(self.typed.get("postal_code", "")), self.typed.get("address", "")
        if found and typed in ("", self.filled):
            self.filled = found.line
            return found.line
        return typed

    def carried(self, step: int) -> list[tuple[str, str]]:
        """The fields of the other steps, to be sent along unseen."""
        forms = {ASSOCIATION: AssociationForm, PERSON: PersonForm}
        names = [name for number, form in forms.items() if number != step for name in form.base_fields]
        mine = [("key", self.key), ("proof", self.proof), ("filled", self.filled)]
        return [*mine, *((name, self.typed.get(name, "")) for name in names)]

    def submit(self) -> tuple[Application, bool]:
        """Hand in what all the steps hold; they are valid and the address is proven. Also whether it is new."""
        return Application.objects.submit(
            idempotency_key=f"web-{self.key}",
            city=self.association.city,
            ward=self.association.ward,
            email_proven_at=timezone.now(),
            **self.association.cleaned_data,
            **self.person.cleaned_data,
        )
