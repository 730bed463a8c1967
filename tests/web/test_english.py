"""Every page of a site in English: no Japanese is left but what people wrote, names, and examples of what to type."""

import re

import pytest

from tests.architecture.test_crawl import SITE_URLS
from tests.web.test_words import JAPANESE

# What the cast is called and has written (tests/conftest.py), the city's offices, and the languages' own names.
THEIRS = re.compile(
    r"桃南会?(だけの話)?|会長|組長|会員\d|紙の家|\d+組|役員のへや|防災の会|清掃のお知らせ|役員だけ|へやの話|公園の清掃|伏見区役所|京都市|伏見区"
    r"|やさしい日本語|日本語|ことば|回覧|さん"
)
EXAMPLES = re.compile(r"(Example|For example)[^<]*")
UNSEEN = re.compile(r'<span class="disc[^>]*>.*?</span>|<script.*?</script>|<!--.*?-->|<option.*?</option>', re.DOTALL)
QUIET = ("/api/", "/calendar.ics")


@pytest.mark.parametrize("role", ["officer", "member"])
def test_a_walk_in_english_meets_japanese_only_in_people_s_own_words(client_for, request, role):
    client = client_for(request.getfixturevalue(role))
    wrong, seen = [], 0
    for url in SITE_URLS:
        if url.startswith(QUIET):
            continue
        answer = client.get(url, HTTP_ACCEPT_LANGUAGE="en")
        if answer.status_code != 200 or "html" not in answer.get("Content-Type", ""):
            continue
        seen += 1
        text = THEIRS.sub("", EXAMPLES.sub("", UNSEEN.sub("", answer.content.decode())))
        wrong += [f"{url}: {line.strip()[:160]}" for line in text.splitlines() if JAPANESE.search(line)]
    assert not wrong, "\n".join(wrong)
    assert seen > 15
