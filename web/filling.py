"""Fills a form of a finished page in again with what was typed into it, whatever the page is made of.

This works on the HTML, so that it is one place for every form there is, also for controls no form class knows of.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

Attributes = dict[str, str | None]
Fields = dict[str, list[str]]
UNTOUCHED = {"file", "submit", "button", "image", "reset", "password"}


@dataclass
class Control:
    tag: str
    attributes: Attributes
    start: int
    end: int  # of the start tag
    close: int = 0  # where a text area's own text ends
    of: str = ""  # an option's select

    @property
    def name(self) -> str:
        return self.of or self.attributes.get("name") or ""

    @property
    def kind(self) -> str:
        return (self.attributes.get("type") or "text").lower() if self.tag == "input" else self.tag

    @property
    def value(self) -> str:
        return self.attributes.get("value") or ("on" if self.kind in ("checkbox", "radio") else "")


@dataclass
class Form:
    attributes: Attributes
    start: int
    end: int = 0
    around: list[tuple[int, int]] = field(default_factory=list)  # what folds it away
    controls: list[Control] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        return {control.name for control in self.controls}


def fill(page: str, fields: Fields, *, path: str, at: str, hidden: set[str], before: str) -> str | None:
    """The page (found at the path `at`) with its form for `path` filled in, and `before` in front of it.

    None when it has no such form. `hidden` are fields that are the page's own and stay as they are.
    """
    reader = _Reader(page)
    forms = [form for form in reader.forms if (form.attributes.get("action") or at) == path]
    if not forms:
        return None
    form = max(forms, key=lambda each: len(each.names & fields.keys()))
    left = {name: list(values) for name, values in fields.items() if name not in hidden}
    edits = [(form.start, form.start, before), *_opened(form)]
    for control in form.controls:
        if control.name and control.name not in hidden and control.kind not in UNTOUCHED:
            edits += _filled(page, control, left)
    rest = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name in sorted(left.keys() - form.names)
        for value in left[name]
    )
    return _edited(page, [*edits, (form.end, form.end, rest)])


def _opened(form: Form) -> Iterator[tuple[int, int, str]]:
    for start, end in form.around:
        yield start, end, "<details open>"


def _filled(page: str, control: Control, left: Fields) -> Iterator[tuple[int, int, str]]:
    values = left.get(control.name)
    if control.kind in ("checkbox", "radio", "option"):
        mark = "selected" if control.kind == "option" else "checked"
        attributes = {name: value for name, value in control.attributes.items() if name != mark}
        if control.value in (values or []):
            attributes[mark] = None
        elif control.kind == "option" and values is None:
            return  # a select that was not sent
        yield control.start, control.end, _tag(control.tag, attributes)
    elif values:
        value = values.pop(0) if len(values) > 1 else values[0]
        if control.tag == "textarea":
            yield control.end, control.close, f"\n{escape(value)}"
        elif control.tag == "input":
            yield control.start, control.end, _tag("input", {**control.attributes, "value": value})


def _tag(tag: str, attributes: Attributes) -> str:
    said = (name if value is None else f'{name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{' '.join([tag, *said])}>"


def _edited(page: str, edits: list[tuple[int, int, str]]) -> str:
    parts, at = [], 0
    for start, end, text in sorted(edits, key=lambda edit: edit[:2]):
        parts += [page[at:start], text]
        at = end
    return "".join([*parts, page[at:]])


class _Reader(HTMLParser):
    """Where a page's forms are, and what stands in them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=False)
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._details: list[tuple[int, int]] = []
        self._select = ""
        self._area: Control | None = None
        self._lines = [0]
        for line in page.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start, attributes = self._here(), dict(attrs)
        end = start + len(self.get_starttag_text() or "")
        if tag == "details" and "open" not in attributes:
            self._details.append((start, end))
        elif tag == "details":
            self._details.append((0, 0))
        elif tag == "form" and (attributes.get("method") or "").lower() == "post":
            self._form = Form(attributes, start, around=[place for place in self._details if place[1]])
            self.forms.append(self._form)
        elif tag == "select":
            self._select = attributes.get("name") or ""
            self._add(Control(tag, attributes, start, end))
        elif tag == "option":
            self._add(Control(tag, attributes, start, end, of=self._select))
        elif tag in ("input", "textarea", "button"):
            control = Control(tag, attributes, start, end)
            self._area = control if tag == "textarea" else self._area
            self._add(control)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form:
            self._form.end = self._here()
            self._form = None
        elif tag == "details" and self._details:
            self._details.pop()
        elif tag == "textarea" and self._area:
            self._area.close = self._here()
            self._area = None

    def _add(self, control: Control) -> None:
        if self._form:
            self._form.controls.append(control)

    def _here(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column
