"""The design system keeps its own rules: strict CSP, known names, tokens only, nothing unescaped."""

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django_cotton import render_component

WEB = Path(__file__).parents[2] / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
COMPONENTS = sorted((WEB / "templates/cotton").glob("*.html"))
CSS = WEB / "static/web/css"
STYLES = sorted(CSS.glob("*.css"))
HOSTILE = """"><script>alert(1)</script>' onclick="x"""

SLOTS = {"me", "kicker", "head", "foot", "tags", "meta", "tag", "answer", "actions", "beside", "below"}
NEEDS_A_SITE = {"bottom_tabs"}  # takes no text; its links exist on a site's host only
CODE_NAMES = {"icon", "sub-icon", "direction", "level"}

COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)
USE = re.compile(r"<c-([a-z-]+)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.DOTALL)


def text_of(path):
    return COMMENT.sub("", path.read_text())


def variables_of(name):
    found = re.search(r"<c-vars\s([^>]*)/>", (WEB / f"templates/cotton/{name.replace('-', '_')}.html").read_text())
    return set(re.findall(r"(?:^|\s):?([a-z-]+)=", found.group(1))) if found else set()


def uses():
    for path in TEMPLATES:
        for use in USE.finditer(text_of(path)):
            if use.group(1) not in {"vars", "slot"}:
                yield path.name, use.group(1), use.group(2)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_inline_style_or_script(path):
    text = text_of(path)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", text)


def test_every_component_that_is_used_exists_and_so_does_every_icon():
    for where, name, attributes in uses():
        assert (WEB / f"templates/cotton/{name.replace('-', '_')}.html").exists(), (where, name)
        for icon in re.findall(r'(?<![:-])\bicon="([a-z-]+)"', attributes) + (
            re.findall(r'(?<!:)name="([a-z-]+)"', attributes) if name == "icon" else []
        ):
            assert (WEB / f"templates/cotton/icon/{icon}.html").exists(), (where, icon)


def test_a_dynamic_attribute_is_always_one_the_component_declares():
    """Undeclared ones are printed as they are by {{ attrs }}: a neighbour's text must never get there."""
    for where, name, attributes in uses():
        for attribute, value in re.findall(r'\s:([a-z-]+)="([^"]*)"', attributes):
            assert attribute in variables_of(name), (where, name, attribute)
            assert not re.search(r"\||==", value), (where, name, attribute, "filters need {{ }}")


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_every_component_says_how_it_is_used_and_is_in_the_list(path):
    name = f"c-{path.stem.replace('_', '-')}"
    assert f"{{# <{name}" in path.read_text()
    assert f"`<{name}" in (WEB / "templates/cotton/README.md").read_text()


@pytest.mark.parametrize(
    "path", [path for path in COMPONENTS if path.stem not in NEEDS_A_SITE], ids=lambda path: path.stem
)
def test_no_component_lets_markup_through_an_attribute(path):
    name = path.stem.replace("_", "-")
    typed = set(re.findall(r"\s:([a-z-]+)=", path.read_text().split("<c-vars")[-1].split("/>")[0]))
    texts = dict.fromkeys(variables_of(name) - typed - SLOTS - CODE_NAMES, HOSTILE)
    html = render_component(RequestFactory().get("/"), name, texts | ({"name": "home"} if name == "icon" else {}))
    assert "<script" not in html
    assert 'onclick="x' not in html


def test_every_stylesheet_is_linked_once_and_the_layers_come_first():
    page = render_to_string("includes/styles.html")
    linked = re.findall(r"web/css/([a-z-]+\.css)", page)
    assert sorted(linked) == [path.name for path in STYLES]
    assert linked[0] == "tokens.css"
    of_members = re.findall(r"web/css/([a-z-]+\.css)", render_to_string("includes/styles.html", {"bundle": "site"}))
    assert of_members == [name for name in linked if name != "landing.css"]
    assert "@layer reset, tokens, base" in (CSS / "tokens.css").read_text()


@pytest.mark.parametrize(
    "path", [path for path in STYLES if path.name not in {"tokens.css", "print.css"}], ids=lambda path: path.name
)
def test_colours_are_tokens(path):
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb\(", re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL))


def test_every_token_that_is_used_is_defined():
    defined = set(re.findall(r"(--[a-z0-9-]+):", (CSS / "tokens.css").read_text()))
    used = {token for path in STYLES for token in re.findall(r"var\((--[a-z0-9-]+)", path.read_text())}
    assert used <= defined


@pytest.mark.parametrize("name", [path.name for path in sorted((WEB / "templates/errors").glob("*.html"))])
def test_error_pages_render_without_a_request_and_offer_a_next_step(name):
    html = render_to_string(f"errors/{name}", {"apex_url": "https://kairan.example/"})
    assert '<a class="button primary wide"' in html
    assert "<script" not in html
