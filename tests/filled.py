"""What a browser would send: the forms of a page as they come, filled."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from controlplane.sending import keys

SAID = {"text", "tel", "url", "email"}  # inputs in which words stand


@dataclass
class Form:
    method: str
    values: dict[str, str | list[str]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)  # of the fields in which words stand already

    def give(self, name: str, value: str) -> None:
        """As a browser does: several of one name are a list."""
        there = self.values.get(name)
        self.values[name] = value if there is None else [*([there] if isinstance(there, str) else there), value]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.form: Form | None = None
        self.area: str | None = None
        self.text = ""
        self.choosing = ""
        self.first: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        name = told.get("name", "")
        if tag == "form":
            self.form = Form(told.get("method", "get"))
            self.found.append(self.form)
        if self.form is None:
            return
        if tag == "textarea":
            self.area, self.text = name, ""
        elif tag == "select":
            self.choosing, self.first = name, None
        elif tag == "option" and self.choosing:
            self.first = told.get("value", "") if self.first is None else self.first
            if "selected" in told:
                self.form.give(self.choosing, told.get("value", ""))
        elif tag == "input" and name:
            self._input(self.form, name, told)

    def _input(self, form: Form, name: str, told: dict[str, str]) -> None:
        kind = told.get("type", "text")
        if kind in {"file", "submit", "button"} or (kind in {"checkbox", "radio"} and "checked" not in told):
            return
        form.give(name, told.get("value", "on" if kind == "checkbox" else ""))
        if kind in SAID and told.get("value"):
            form.words.append(name)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        if self.form is None:
            return
        if tag == "textarea" and self.area is not None:
            text = self.text.removeprefix("\r\n").removeprefix("\n")
            self.form.give(self.area, text)
            self.form.words += [self.area] if text else []
            self.area = None
        elif tag == "select" and self.choosing:
            if self.choosing not in self.form.values and self.first is not None:
                self.form.give(self.choosing, self.first)
            self.choosing = ""


def forms(page: str) -> Iterator[Form]:
    """All that are sent with POST."""
    parser = _Forms()
    parser.feed(page)
    yield from (form for form in parser.found if form.method.lower() == "post")


def typed(page: str) -> dict[str, str | list[str]]:
    """The form of the page that changes something: the one that carries a version. Its key is left to who sends it."""
    found = next(form.values for form in forms(page) if "version" in form.values)
    return {name: value for name, value in found.items() if name != keys.NAME}
