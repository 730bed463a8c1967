"""Whoever speaks to another server asks first whether a transaction is open: no module of the product goes round it."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("platform", "tenants", "billing", "provisioning", "api", "web")
SPEAK = {
    "aiohttp", "boto3", "botocore", "django.core.mail", "dns", "ftplib", "http.client", "httpx", "requests", "smtplib",
    "socket", "stripe", "telnetlib", "urllib.request", "urllib3", "websocket",
}  # fmt: skip
ASK = {"refuse_in_transaction", "between_transactions"}


def spoken(source: str) -> set[str]:
    """The libraries for speaking to others that a module imports as it runs."""
    found: set[str] = set()
    tree = ast.parse(source)
    for node in [each for each in ast.walk(tree) if isinstance(each, ast.Import | ast.ImportFrom)]:
        module = getattr(node, "module", None) or ""
        names = {alias.name for alias in node.names} | {f"{module}.{alias.name}" for alias in node.names} | {module}
        found |= {library for library in SPEAK if any(f"{name}.".startswith(f"{library}.") for name in names)}
    return found


def asks(source: str) -> bool:
    calls = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return any(isinstance(call, ast.Name) and call.id in ASK for call in calls)


def test_who_speaks_to_another_server_asks_first():
    sources = {path: path.read_text() for folder in PRODUCT for path in (ROOT / folder).rglob("*.py")}
    speaking = {path.relative_to(ROOT): source for path, source in sources.items() if spoken(source)}
    assert len(speaking) >= 7
    assert {str(path) for path, source in speaking.items() if not asks(source)} == set()


def test_a_module_that_goes_round_it_is_found():
    planted = "from urllib.request import urlopen\n\ndef look(url):\n    return urlopen(url).read()\n"
    assert spoken(planted) == {"urllib.request"}
    assert not asks(planted)
    assert asks(planted.replace("    return", '    refuse_in_transaction("It")\n    return'))
