"""A form as a browser without script sends it: its controls as they stand, what somebody typed, and one button."""

from dataclasses import dataclass
from typing import Any

import lxml.html
from django.http import HttpResponse
from django.test import Client


@dataclass
class Form:
    client: Client
    page: str  # where it stands
    action: str
    fields: dict[str, list[Any]]
    button: tuple[str, str] = ("", "")  # the plain one, or the first by name

    def type(self, **typed: Any) -> "Form":
        self.fields |= {name: value if isinstance(value, list) else [value] for name, value in typed.items()}
        return self

    def press(self, button: str = "", value: str = "1", **options: Any) -> HttpResponse:
        """Sent as often as it is pressed: the page does not change by it."""
        fields = self.fields | ({button: [value]} if button else {})
        scheme = f"http://{self.client.defaults['HTTP_HOST']}"
        headers = {"Referer": f"{scheme}{self.page}", "Origin": scheme, **options.pop("headers", {})}
        answer: Any = self.client.post(self.action, fields, headers=headers, **options)
        return answer  # type: ignore[no-any-return]

    def __getitem__(self, name: str) -> str:
        return str(self.fields[name][0])


def forms_of(client: Client, answer: Any, page: str) -> list[Form]:
    tree = lxml.html.fromstring(answer.content.decode())
    found = []
    for form in tree.forms:
        if form.method == "POST":
            buttons = [(each.get("name") or "", each.get("value") or "") for each in form.iter("button")]
            found.append(
                Form(client, page, form.get("action") or page, _fields_of(form), min(buttons, default=("", "")))
            )
    return found


def _fields_of(form: Any) -> dict[str, list[Any]]:
    fields: dict[str, list[Any]] = {}
    for control in form.iter("input", "textarea", "select"):
        name, kind = control.get("name"), control.get("type", control.tag)
        if not name or kind in ("submit", "button", "file") or (kind in ("checkbox", "radio") and not control.checked):
            continue
        if kind in ("checkbox", "radio"):
            values = [control.get("value", "on")]
        elif kind == "select":
            chosen = [option.get("value") for option in control.iter("option") if "selected" in option.attrib]
            values = chosen or [option.get("value") for option in control.iter("option")][:1]
        else:
            values = [(control.value or "").removeprefix("\n")]
        fields.setdefault(name, []).extend(values)
    return fields


def form_on(client: Client, page: str, action: str = "") -> Form:
    """The form of this page that goes there (by its beginning); without a word, the longest one."""
    answer: Any = client.get(page)
    assert answer.status_code == 200, (page, answer.status_code, answer.get("Location"))
    forms = [form for form in forms_of(client, answer, page) if form.action.startswith(action or page)]
    assert forms, f"No form for {action or page} on {page}"
    return max(forms, key=lambda form: len(form.fields))
