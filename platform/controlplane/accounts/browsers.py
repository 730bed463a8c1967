"""What a browser says it is, in words somebody knows their own devices by: iPhone・Safari."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

# The first that is found in what the browser says counts: most of them name older ones too.
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "Chromebook"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("Line/", "LINE"),
    ("YJApp", "Yahoo! JAPAN"),
    ("Edg", "Edge"),
    ("SamsungBrowser", "Samsung Internet"),
    ("OPR/", "Opera"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_DESKTOPS = {"Chromebook", "Windows", "Mac", "Linux"}
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Browser:
    """Both are names, the same in every language; "" is not known."""

    system: str = ""
    name: str = ""

    @classmethod
    def read(cls, user_agent: str) -> "Browser":
        return cls(_first(_SYSTEMS, user_agent), _first(_BROWSERS, user_agent))

    @property
    def shown(self) -> str:
        system = _("パソコン（%(system)s）") % {"system": self.system} if self.system in _DESKTOPS else self.system
        if system and self.name:
            return _("%(system)s・%(browser)s") % {"system": system, "browser": self.name}
        return system or self.name or _("名前のわからない端末")


def _first(known: tuple[tuple[str, str], ...], said: str) -> str:
    return next((name for mark, name in known if mark in said), "")
