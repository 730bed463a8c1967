"""The double's hosted pages: plain HTML forms that say on every page that no money moves."""

from datetime import UTC, datetime, timedelta, timezone
from html import escape
from pathlib import Path

from infra.dev.doubles.server import Request, Response, Route, page

JAPAN = timezone(timedelta(hours=9))


def style(_request: Request) -> Response:
    return Response(Path(__file__).with_name("pages.css").read_bytes(), 200, "text/css; charset=utf-8")


ROUTES: list[Route] = [("GET", "/pages.css", style)]


def frame(title: str, content: str, status: int = 200) -> Response:
    return page(
        f"""<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title><link rel="stylesheet" href="/pages.css"></head>
<body><main><h1>{escape(title)}</h1>
<p class="test">ここは開発用のテスト画面です。お金は動きません。カード番号も要りません。</p>
{content}
</main></body></html>""",
        status,
    )


def button(action: str, label: str, *, main: bool = False) -> str:
    kind = ' class="main"' if main else ""
    return f'<form method="post" action="{escape(action)}"><button{kind}>{escape(label)}</button></form>'


def link(url: str, label: str) -> str:
    return f'<p><a class="button" href="{escape(url)}">{escape(label)}</a></p>'


def table(rows: list[tuple[str, str]], total: tuple[str, str] | None = None) -> str:
    lines = [f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows]
    if total:
        lines.append(f'<tr class="total"><th>{escape(total[0])}</th><td>{escape(total[1])}</td></tr>')
    return f"<table>{''.join(lines)}</table>"


def yen(amount: int) -> str:
    return f"{amount:,}円"


def day(timestamp: int) -> str:
    moment = datetime.fromtimestamp(timestamp, UTC).astimezone(JAPAN)
    return f"{moment.year}年{moment.month}月{moment.day}日"


INTERVALS = {"day": "日", "week": "週", "month": "月", "year": "年"}


def per(price_recurring: dict[str, object]) -> str:
    count, unit = price_recurring["interval_count"], INTERVALS[str(price_recurring["interval"])]
    return f"毎{unit}" if count == 1 else f"{count}{'か月' if unit == '月' else unit}ごと"
