"""How much a caller of the API may ask for: a process counts the first few alone, the rest is counted for all."""

import pytest

from controlplane import rates


@pytest.fixture
def forty_a_minute(monkeypatch, settings):
    """40 a minute: a process lets 2 pass by its own count."""
    settings.RATE_FACTOR = 1
    settings.RATES = {**settings.RATES, "api": (40, 20, 60)}
    monkeypatch.setattr(rates, "now", lambda: 3_000_000.0)
    monkeypatch.setattr(rates, "_own", rates._Own())


def _ask(api, who, times):
    return [api(who).get("me/").status_code for _n in range(times)]


def test_so_many_pass_and_the_next_is_429(api, member, forty_a_minute):
    assert _ask(api, member, 42) == [200] * 40 + [429] * 2


def test_who_is_refused_is_told_when_to_come_again(api, member, forty_a_minute):
    _ask(api, member, 40)
    refused = api(member).get("me/")
    assert refused.json()["status"] == 429
    assert 0 < int(refused["Retry-After"]) <= 61


def test_others_are_not_kept_out_by_one_who_asks_too_often(api, member, officer, forty_a_minute):
    _ask(api, member, 41)
    assert _ask(api, officer, 1) == [200]


def test_what_another_process_told_counts(api, member, forty_a_minute, monkeypatch):
    _ask(api, member, 30)
    monkeypatch.setattr(rates, "_own", rates._Own())  # a second process
    answers = _ask(api, member, 20)
    assert answers == [200] * 10 + [429] * 10


def test_a_new_minute_begins_at_nothing(api, member, forty_a_minute, monkeypatch):
    _ask(api, member, 41)
    monkeypatch.setattr(rates, "now", lambda: 3_000_060.0)
    assert _ask(api, member, 1) == [200]


def test_an_association_has_a_rate_and_another_one_has_its_own(
    api, client_for, member, officer, outsider, forty_a_minute
):
    answers = _ask(api, member, 35) + _ask(api, officer, 30)
    assert answers == [200] * 60 + [429] * 5
    assert client_for(outsider).get("/api/v1/me/").status_code == 200


@pytest.mark.parametrize(
    ("language", "words"),
    [("ja", "秒おいて、もう一度"), ("en", "seconds"), ("ja-easy", "秒")],
    ids=["ja", "en", "ja-easy"],
)
def test_who_asks_too_often_reads_one_language(api, member, forty_a_minute, language, words):
    """The reader's own, and no English behind Japanese."""
    _ask(api, member, 41)
    program = api(member)
    program.client.cookies["language"] = language
    answer = program.get("me/")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    detail = answer.json()["detail"]
    assert words in detail
    assert (language == "en") == detail.isascii()
    assert "Expected" not in detail


def test_no_refusal_mixes_two_languages(api, apex_api, member, kyoto):
    """Whatever REST framework says by itself, in the language of who asks."""
    program = api(member)
    for language in ("ja", "en"):
        program.client.cookies["language"] = language
        refusals = [
            api().client.get("/api/v1/me/", HTTP_ACCEPT_LANGUAGE=language),
            program.client.put("/api/v1/me/", headers={**program.headers, "Accept-Language": language}),
            program.client.get("/api/v1/me/", headers={"Authorization": "Token x", "Accept-Language": language}),
            program.client.post(
                "/api/v1/posts/",
                "x",
                content_type="text/plain",
                headers={**program.headers, "Accept-Language": language},
            ),
            program.client.get("/api/v1/me/", headers={**program.headers, "Accept": "image/png"}),
        ]
        for answer in refusals:
            said = answer.json()["title"] + answer.json()["detail"]
            assert answer.status_code >= 400
            assert (language == "en") == said.isascii(), said


def test_who_is_refused_for_another_reason_was_counted(browser, tonan, api, member, forty_a_minute):
    """A token that is none, by its address; what somebody may not do, by the person."""
    stranger = browser(tonan)
    guesses = [stranger.get("/api/v1/me/", headers={"Authorization": f"Token {n}"}).status_code for n in range(21)]
    assert guesses == [401] * 20 + [429]
    assert [api(member).get("members/").status_code for _n in range(41)] == [404] * 40 + [429]
