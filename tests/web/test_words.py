"""Every text goes through gettext, and every one of them has its words in English and, where members meet it, in plain
Japanese. `python -m infra.dev.words` takes new ones up."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.dev import words

JAPANESE = re.compile(r"[\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u4e00-\u9fff]")
GETTEXT = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
TAGS = re.compile(
    r"{%\s*comment.*?endcomment\s*%}|{%\s*blocktranslate\b.*?{%\s*endblocktranslate\s*%}"
    r"|{%\s*translate\b.*?%}|{#.*?#}",
    re.DOTALL,
)
SAID = re.compile(r'_\("[^"]*"\)')

# What stands in Japanese for everybody. Names and texts that become an association's own data, patterns that read
# Japanese, names of languages, places and the product; paper, which goes round among all households.
AS_IT_IS = {
    "api/v1/subscription.py",  # who acted, for the log
    "platform/controlplane/accounts/contacts.py",
    "platform/controlplane/associations/hosts.py",
    "platform/controlplane/associations/slugs.py",
    "platform/controlplane/folding.py",
    "platform/controlplane/settings.py",
    "platform/controlplane/staff/ceremony.py",
    "platform/controlplane/staff/digits.py",
    "provisioning/documents/__init__.py",
    "provisioning/steps/people.py",
    "tenants/communities/models/erasing.py",
    "tenants/feed/mentions.py",
    "tenants/feed/opening/words.py",
    "tenants/feed/models/erasing.py",
    "tenants/members/models/erasing.py",
    "tenants/members/models/groups.py",
    "web/forms.py",
    "web/postal.py",
    "web/templates/cotton/wordmark.html",
    "web/templates/language/_choice.html",
    "web/templates/language/_links.html",
    "web/templates/layouts/base.html",
    "web/templates/layouts/city.html",
    "web/templates/layouts/landing.html",
    "web/templates/layouts/operations.html",
    "web/templates/layouts/plain.html",
    "web/templates/public/landing.html",
    "web/templates/tenant/feed/paper.html",
    "web/tenant/archive/views.py",  # who acted, for the log
    "web/tenant/federation/views.py",  # who acted, for the log
    "web/tenant/menu/address.py",  # who acted, for the log
    "web/tenant/plan/views.py",  # who acted, for the log
    "web/tenant/search/forms.py",
}


def sources(suffix: str) -> list[Path]:
    return [path for path in words.sources() if path.suffix == suffix and place(path) not in AS_IT_IS]


def place(path: Path) -> str:
    return str(path.relative_to(words.ROOT))


def unspoken(node: ast.AST) -> Iterator[str]:
    """Japanese in a piece of code that is no argument of gettext and no docstring."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in GETTEXT:
            return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and JAPANESE.search(node.value):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from unspoken(child)


@pytest.fixture(scope="module")
def said():
    return words.extract()


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_text_has_its_words_and_the_catalogue_is_compiled(language, said):
    assert list(words.faults(language, said)) == []


def test_no_code_speaks_japanese_past_gettext():
    wrong = [f"{place(path)}: {text}" for path in sources(".py") for text in unspoken(ast.parse(path.read_text()))]
    assert wrong == []


def test_no_template_speaks_japanese_past_gettext():
    wrong = []
    for path in sources(".html"):
        text = SAID.sub("", TAGS.sub("", path.read_text()))
        wrong += [f"{place(path)}: {line.strip()[:80]}" for line in text.splitlines() if JAPANESE.search(line)]
    assert wrong == []


def test_what_stands_as_it_is_still_does():
    """A file that no longer needs its place in the list leaves it."""
    for where in AS_IT_IS:
        assert JAPANESE.search((words.ROOT / where).read_text()), where


def test_a_text_without_words_or_with_other_placeholders_is_told():
    catalog = words.empty("en")
    catalog.add("%(n)s件", "", locations=[("web/x.py", 0)])
    catalog.add("{day}まで", "until {date}", locations=[("web/x.py", 0)])
    catalog.add(("{count}人", "{count}人"), ("{count} person", "{count} people"), locations=[("web/x.py", 0)])
    told = [fault for message in catalog if message.id for fault in words._faults_of("en", message)]
    assert len(told) == 2
    assert "no words yet" in told[0]
    assert "other placeholders" in told[1]


def test_staff_s_desks_fall_back_to_japanese_and_members_pages_do_not():
    catalog = words.empty("ja_Easy")
    operations = catalog.add("甲", locations=[("web/operations/forms.py", 0)])
    member = catalog.add("乙", locations=[("web/operations/forms.py", 0), ("web/tenant/menu/views.py", 0)])
    assert not words._belongs(operations, "ja_Easy")
    assert words._belongs(member, "ja_Easy")
    assert words._belongs(operations, "en")
