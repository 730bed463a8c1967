"""`python -m infra.dev.words`: the code's texts into the catalogues of web/locale, and their .mo beside them.

A text is its own key, in Japanese; `en` says all of them, `ja_Easy` (plainer Japanese) those a member meets. What
the code no longer says goes out. With `--check` nothing is written: it tells what is missing, differs, or is not
compiled.
"""

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from infra.dev.folder import ROOT

LOCALE = ROOT / "web" / "locale"
LANGUAGES = ("en", "ja_Easy")
SOURCES = ("web", "tenants", "billing", "provisioning", "platform/controlplane", "api")
# In Japanese for everybody: samples for those who draw, the mailbox of development, invented neighbours.
UNTRANSLATED = ("web/catalogue.py", "web/templates/catalogue.html", "web/development", "web/templates/development",
                "provisioning/demonstration", "provisioning/management")  # fmt: skip
# What operations, city staff and programs read has no plainer Japanese of its own.
FOR_STAFF = ("web/operations", "web/templates/operations", "web/city", "web/templates/city", "web/staff",
             "web/templates/staff", "web/hosts.py", "web/templates/hosts", "web/templates/layouts/operations.html",
             "web/templates/layouts/city.html", "web/listing.py", "web/templatetags/desk.py", "provisioning", "api",
             "platform/controlplane/cities", "platform/controlplane/dispatch", "platform/controlplane/staff",
             "platform/controlplane/tenancy/middleware", "platform/controlplane/outbox/alarms.py", "tests")  # fmt: skip
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None, "ngettext_lazy": (1, 2), "pgettext_lazy": ((1, "c"), 2), "npgettext_lazy": ((1, "c"), 2, 3),
    "gettext_noop": None,
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\{[a-z_]*\}")

BEGINNING = datetime(2026, 4, 1, tzinfo=UTC)  # a catalogue says no day: equal words are equal files
HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {}\\n"

"""

Key = tuple[str, str | None]


def main(arguments: list[str]) -> int:
    settings.configure(USE_I18N=True)
    django.setup()
    said = extract()
    if "--check" in arguments:
        wrong = [line for language in LANGUAGES for line in faults(language, said)]
        print("\n".join(wrong) if wrong else f"{len(said)} texts, each with its words in every language.")
        return bool(wrong)
    for language in LANGUAGES:
        catalog = renewed(language, said)
        _folder(language).mkdir(parents=True, exist_ok=True)
        (_folder(language) / "django.po").write_bytes(as_po(catalog))
        (_folder(language) / "django.mo").write_bytes(as_mo(catalog))
        missing = sum(not _said(message) for message in catalog if message.id)
        print(f"{language}: {len(catalog)} texts, {missing} still without words")
    return 0


# --- out of the code ---


def extract() -> Catalog:
    """Every text that goes through gettext, with the files that say it."""
    said = Catalog()
    for path in sources():
        where = str(path.relative_to(ROOT))
        for message_id, context in sorted(_texts(path), key=str):
            said.add(message_id, locations=[(where, 0)], context=context)
    return said


def sources() -> Iterator[Path]:
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*")):
            where = str(path.relative_to(ROOT))
            if (
                path.suffix in {".py", ".html", ".txt"}
                and "migrations" not in where
                and not _under(where, UNTRANSLATED)
            ):
                yield path


def _texts(path: Path) -> set[tuple[Any, str | None]]:
    text = path.read_text()
    if path.suffix != ".py":
        # A template becomes lines of Python that only call gettext; its indentation means nothing.
        text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines())
    found = set()
    for _line, function, messages, _comments in extract_python(io.BytesIO(text.encode()), KEYWORDS, [], {}):
        found |= _called(function, messages)
    return found


def _called(function: Any, messages: Any) -> set[tuple[Any, str | None]]:
    words = [messages] if isinstance(messages, str) else list(messages)
    context = words.pop(0) if "pgettext" in function else None
    plural = function.startswith(("ngettext", "npgettext", "ungettext"))
    texts = words[:2] if plural else words[:1]
    if not texts or not all(texts):
        return set()
    return {(tuple(texts) if plural else texts[0], context)}


# --- into the catalogues ---


def renewed(language: str, said: Catalog) -> Catalog:
    """The language's catalogue with exactly the texts the code says now, and the words it had for them."""
    had = read(language)
    catalog = empty(language)
    for message in said:
        if message.id and _belongs(message, language):
            words = had.get(_first(message), message.context)
            fits = words is not None and isinstance(words.id, tuple) == isinstance(message.id, tuple)
            catalog.add(message.id, words.string if words and fits else None, locations=message.locations,
                        context=message.context)  # fmt: skip
    return catalog


def read(language: str) -> Catalog:
    path = _folder(language) / "django.po"
    return read_po(path.open("rb"), locale=_plurals_of(language)) if path.exists() else empty(language)


def empty(language: str) -> Catalog:
    return Catalog(locale=_plurals_of(language), creation_date=BEGINNING, revision_date=BEGINNING, fuzzy=False)


def as_po(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalog, width=118, sort_output=True, include_lineno=False, omit_header=True)
    return HEADER.format(catalog.plural_forms).encode() + out.getvalue().rstrip() + b"\n"


def as_mo(catalog: Catalog) -> bytes:
    """Only what has words: for the rest gettext falls back to the Japanese."""
    said = empty(str(catalog.locale))
    for message in catalog:
        if message.id and _said(message):
            said.add(message.id, message.string, context=message.context)
    out = io.BytesIO()
    write_mo(out, said)
    return out.getvalue()


# --- what is wrong ---


def faults(language: str, said: Catalog) -> Iterator[str]:
    had, wanted = read(language), renewed(language, said)
    if as_po(wanted) != (_folder(language) / "django.po").read_bytes():
        yield f"{language}: not what the code says now. Run python -m infra.dev.words, and give new texts their words."
    compiled = read_mo((_folder(language) / "django.mo").open("rb"))
    if _words(compiled) != {key: words for key, words in _words(had).items() if all(words)}:
        yield f"{language}: django.mo is not what django.po says. Run python -m infra.dev.words."
    for message in wanted:
        if message.id:
            yield from _faults_of(language, message)


def _faults_of(language: str, message: Message) -> Iterator[str]:
    where = ", ".join(path for path, _line in message.locations)
    if not _said(message):
        yield f"{language}: no words yet for {message.id!r} ({where})"
    elif any(_placeholders(words) - _placeholders(message.id) for words in _as_list(message.string)) or (
        _placeholders(message.id) - _placeholders(message.string)
    ):
        yield f"{language}: other placeholders than {message.id!r} has: {message.string!r}"


def _placeholders(words: Any) -> set[str]:
    return {name for text in _as_list(words) for name in PLACEHOLDER.findall(text.replace("%%", ""))}


def _words(catalog: Catalog) -> dict[Key, list[str]]:
    return {(_first(message), message.context): _as_list(message.string) for message in catalog if message.id}


def _said(message: Message) -> bool:
    return all(_as_list(message.string))


def _as_list(words: Any) -> list[str]:
    return [words] if isinstance(words, str) else list(words or [""])


def _first(message: Message) -> str:
    return message.id if isinstance(message.id, str) else str(message.id[0])


def _belongs(message: Message, language: str) -> bool:
    """Japanese stays Japanese for those who work here; a text that a member meets too has its plainer words."""
    return language != "ja_Easy" or not all(_under(path, FOR_STAFF) for path, _line in message.locations)


def _under(where: str, places: tuple[str, ...]) -> bool:
    return any(where == place or where.startswith(f"{place}/") for place in places)


def _plurals_of(language: str) -> str:
    return language.partition("_")[0]


def _folder(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
