"""Static files as they are served: stylesheets joined and made small, names with a hash, compressed ahead."""

import re
from collections.abc import Iterator
from typing import Any

import rcssmin
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

# In the order of the layers; tokens.css comes first because it declares them.
MEMBER = (
    "tokens",
    "base",
    "layout",
    "components-frame",
    "components-actions",
    "components-labels",
    "components-content",
    "components-forms",
    "components-panels",
    "components-figures",
    "screens",
    "utilities",
)
BUNDLES = {"site": MEMBER, "all": (*MEMBER[:-1], "landing", "utilities")}

# rcssmin takes "main :is(p)" in a nested rule for a declaration and closes the gap, which changes what is meant.
GAP = re.compile(r"(?<=[\w)\]]) (?=:(?:is|where|not|has)\()")


def parts(bundle: str) -> list[str]:
    return [f"web/css/{name}.css" for name in BUNDLES[bundle]]


def bundled(bundle: str) -> str:
    return f"web/css/bundle-{bundle}.css"


def small(css: str) -> str:
    """Without what only readers need; what is inside something stays inside it."""
    return str(rcssmin.cssmin(GAP.sub(" *", css)))


class BundledStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """One stylesheet instead of a dozen: each would wait for the line once more."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            for bundle in BUNDLES:
                self._join(bundle)
                paths[bundled(bundle)] = (self, bundled(bundle))
        yield from super().post_process(paths, dry_run, **options)

    def _join(self, bundle: str) -> None:
        texts = []
        for name in parts(bundle):
            with open(str(finders.find(name)), encoding="utf-8") as file:
                texts.append(file.read())
        if self.exists(bundled(bundle)):
            self.delete(bundled(bundle))
        self.save(bundled(bundle), ContentFile(small("\n".join(texts)).encode()))
