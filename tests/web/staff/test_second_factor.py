"""The second factor through pages: no step can be skipped, guessed, used twice or taken along."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from controlplane.accounts.models import ApiToken, User
from controlplane.associations.models import Operator
from controlplane.audit.models import Entry
from controlplane.outbox.models import Message
from controlplane.staff.models import SecondFactor
from controlplane.tenancy import bound, public
from tests.architecture.test_crawl import APEX_URLS

METHODS = ("get", "post", "put", "patch", "delete")
BAD_ANSWERS = ["", "{}", "[]", "null", "x" * 30_000, '{"id": 1}', '{"id": "AAAA", "rawId": "AAAA", "response": {}}',
               '{"id":"eA","rawId":"eA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"eA"}}',
               '{"id":"eA","rawId":"eA","type":"public-key","response":{"clientDataJSON":"e30",'
               '"authenticatorData":"eA","signature":"eA"}}']  # fmt: skip


def text(answer) -> str:
    return answer.content.decode()


def verbs() -> list[str]:
    with public():
        return list(Entry.objects.filter(verb__startswith="staff.").order_by("pk").values_list("verb", flat=True))


def mails(user) -> list[str]:
    with public():
        return list(Message.objects.filter(to=user.email).order_by("pk").values_list("subject", flat=True))


def test_the_code_alone_opens_nothing(required, person_at, operator):
    person = person_at(operator)
    answer = person.prove_contact(onward="/operations/runs/")
    assert answer.url == "/sign-in/set-up/"
    assert not person.is_in
    assert person.client.get("/operations/").url.startswith("/sign-in/")


@pytest.mark.parametrize("has_one", [False, True], ids=["none yet", "has one"])
@pytest.mark.parametrize("who", ["operator", "city_official"])
def test_with_the_first_factor_every_address_answers_as_to_a_stranger(required, person_at, apex, request, who, has_one):
    """Pages and API, whatever is added: the walk is over the map of addresses."""
    user = request.getfixturevalue(who)
    person = person_at(user)
    if has_one:
        person.prove_contact()
        person.set_up_app()
        person = person_at(user, like=person)
    person.prove_contact()
    wrong = []
    for url in APEX_URLS:
        if url.startswith("/sign-in/"):
            continue
        for method in METHODS:
            stranger = apex()
            stranger.raise_request_exception = person.client.raise_request_exception = False
            kept = person.client.cookies.copy()
            mine, theirs = getattr(person.client, method)(url), getattr(stranger, method)(url)
            person.client.cookies = kept
            if (mine.status_code, mine.get("Location")) != (theirs.status_code, theirs.get("Location")):
                wrong.append(f"{method} {url}: {mine.status_code}, a stranger {theirs.status_code}")
    assert wrong == []


def test_setting_up_an_app_lets_one_in_and_shows_ten_codes_once(required, person_at, operator):
    person = person_at(operator)
    person.prove_contact(onward="/operations/runs/")
    page = person.client.get("/sign-in/set-up/app/")
    assert "<svg" in text(page)
    assert "no-store" in page["Cache-Control"]
    assert person.client.post("/sign-in/set-up/app/", {"code": "000000"}).status_code == 422
    assert not person.is_in
    assert len(set(person.set_up_app())) == 10
    assert person.is_in
    assert person.client.get("/operations/").status_code == 200
    assert "staff.add_factor" in verbs()
    assert any("認証アプリ" in subject for subject in mails(operator))


def test_afterwards_the_digits_are_asked_for(settled, person_at, operator):
    again = person_at(operator, like=settled)
    assert again.prove_contact(onward="/operations/runs/").url == "/sign-in/second/"
    assert again.show(code="000000").status_code == 422
    assert not again.is_in
    assert again.show().url == "/operations/runs/"
    assert again.is_in


def test_digits_are_good_once(settled, person_at, operator):
    seen = settled.digits()
    first, thief = person_at(operator, like=settled), person_at(operator, like=settled)
    first.prove_contact()
    assert first.show(code=seen).status_code == 302
    thief.prove_contact()
    assert thief.show(code=seen).status_code == 422
    assert not thief.is_in


def test_digits_of_the_set_up_are_good_once_too(settled, person_at, operator):
    import pyotp

    again = person_at(operator, like=settled)
    again.prove_contact()
    assert again.show(code=pyotp.TOTP(settled.secret).at(settled.clock.now())).status_code == 422


def test_digits_of_somebody_else_are_wrong(settled, person_at, city_official, operator):
    official = person_at(city_official)
    official.prove_contact()
    official.set_up_app()
    thief = person_at(operator, like=official)
    thief.prove_contact()
    assert thief.show().status_code == 422


def test_five_wrong_tries_pause_for_a_quarter_of_an_hour_each_time(settled, person_at, operator):
    thief = person_at(operator, like=settled)
    thief.prove_contact()
    for minutes in (15, 15):
        for _ in range(5):
            assert thief.show(code="000000").status_code == 422
        assert "までお休みします" in text(thief.show())
        settled.clock.go_on(minutes=minutes - 2)
        thief.prove_contact()
        assert "までお休みします" in text(thief.show())
        settled.clock.go_on(minutes=2)
    thief.prove_contact()
    assert thief.show().status_code == 302
    assert verbs().count("staff.wrong_code") == 10
    assert verbs().count("staff.pause") == 2
    assert mails(operator).count("番号が何度もまちがえられました") == 2


def test_a_pause_holds_for_recovery_codes_and_from_another_browser(settled, person_at, operator):
    thief = person_at(operator, like=settled)
    thief.prove_contact()
    for _ in range(5):
        thief.show(code="WRONG-CODES", recovery="1")
    other = person_at(operator, like=settled)
    other.prove_contact()
    assert other.show(code=settled.recovery[0], recovery="1").status_code == 422


def test_guessing_for_a_day_is_less_than_one_in_ten_thousand(settled, person_at, operator, settings):
    """30 tries of three numbers out of a million; counted by trying."""
    tried, end = 0, settled.clock.now() + timedelta(days=1)
    while settled.clock.now() < end:
        with public():
            own = SecondFactor.objects.of(operator)
            try:
                own.check_code("000000")
            except Exception as refused:
                tried += type(refused).__name__ == "WrongFactor"
        settled.clock.go_on(minutes=5)
    assert tried * 3 / 1_000_000 <= 1 / 10_000


def test_when_digits_are_used_up_for_the_day_a_recovery_code_still_opens(settled, person_at, operator):
    """Whoever has the mailbox and guesses on for hours keeps its owner waiting for a quarter of an hour at most."""
    thief = person_at(operator, like=settled)
    for _pause in range(6):
        thief.prove_contact()
        for _ in range(5):
            thief.show(code="000000")
        settled.clock.go_on(minutes=16)
    thief.prove_contact()
    assert "アプリの番号を止めました" in text(thief.show())
    assert thief.show(code=settled.recovery[0], recovery="1").status_code == 302


def test_a_recovery_code_works_once_however_it_is_typed(settled, person_at, operator):
    code = settled.recovery[3]
    lost = person_at(operator)
    lost.prove_contact()
    assert lost.show(code=f" {code.lower().replace('-', '')} ", recovery="1").status_code == 302
    assert lost.is_in
    thief = person_at(operator)
    thief.prove_contact()
    assert thief.show(code=code, recovery="1").status_code == 422
    assert "staff.use_recovery_code" in verbs()
    assert "予備の番号が使われました" in mails(operator)
    with public():
        kept = SecondFactor.objects.get(user=operator)
        assert len(kept.recovery) == 9
        assert not any(code.replace("-", "") in str(value) for value in (kept.recovery, kept.app_secret))


def test_new_recovery_codes_end_the_old(settled, person_at, operator):
    fresh = re.findall(r"<li>([2-9A-Z]{5}-[2-9A-Z]{5})</li>", text(settled.client.post("/security/recovery-codes/")))
    assert len(fresh) == 10
    lost = person_at(operator)
    lost.prove_contact()
    assert lost.show(code=settled.recovery[0], recovery="1").status_code == 422
    assert lost.show(code=fresh[0], recovery="1").status_code == 302


def test_the_secret_is_kept_sealed(settled, operator):
    with public():
        own = SecondFactor.objects.get(user=operator)
        assert settled.secret not in own.app_secret
        settled.client.get("/security/")
        assert "app_secret" not in settled.client.session


def test_the_second_page_needs_the_first_factor(required, apex, operator):
    client = apex()
    for url in ("/sign-in/second/", "/sign-in/set-up/", "/sign-in/set-up/app/", "/sign-in/set-up/passkey/"):
        assert client.get(url).url == "/sign-in/"
    for url in ("/sign-in/second/", "/sign-in/set-up/app/", "/sign-in/set-up/passkey/"):
        assert client.post(url, {"code": "123456", "name": "x"}).url == "/sign-in/"


def test_who_has_a_factor_cannot_set_one_up_instead_of_showing_it(settled, person_at, operator):
    thief = person_at(operator)
    thief.prove_contact()
    for url in ("/sign-in/set-up/", "/sign-in/set-up/app/", "/sign-in/set-up/passkey/"):
        assert thief.client.get(url).url == "/sign-in/second/"
    for url in ("/sign-in/set-up/app/", "/sign-in/set-up/passkey/"):
        assert thief.client.post(url, {"code": "123456", "name": "x", "answer": "{}"}).url == "/sign-in/second/"


def test_half_a_sign_in_lasts_a_quarter_of_an_hour(settled, person_at, operator):
    slow = person_at(operator, like=settled)
    slow.prove_contact()
    settled.clock.go_on(minutes=16)
    assert slow.show().url == "/sign-in/"


def test_half_a_sign_in_of_somebody_who_is_no_longer_staff_is_over(settled, person_at, operator):
    late = person_at(operator, like=settled)
    late.prove_contact()
    with public():
        Operator.objects.filter(user=operator).delete()
    assert late.show().url == "/sign-in/"


def test_the_session_has_a_new_key_after_each_step(required, person_at, operator):
    person = person_at(operator)
    keys = []
    person.client.post("/sign-in/", {"email": operator.email})
    keys.append(person.client.cookies[settings.SESSION_COOKIE_NAME].value)
    person.prove_contact()
    keys.append(person.client.cookies[settings.SESSION_COOKIE_NAME].value)
    person.set_up_app()
    keys.append(person.client.cookies[settings.SESSION_COOKIE_NAME].value)
    assert len(set(keys)) == 3
    for old in keys[:2]:  # whoever knew an earlier one is outside
        thief = Client(HTTP_HOST=settings.APEX_HOST)
        thief.cookies[settings.SESSION_COOKIE_NAME] = old
        assert thief.get("/operations/").status_code == 302


def test_a_session_left_alone_for_an_hour_is_over(settled):
    settled.clock.go_on(minutes=59)
    assert settled.is_in
    settled.clock.go_on(minutes=59)
    assert settled.is_in
    settled.clock.go_on(minutes=61)
    answer = settled.client.get("/operations/")
    assert answer.url == "/sign-in/?next=/operations/"
    assert "しばらく使っていなかった" in text(settled.client.get(answer.url))


def test_a_session_is_over_after_twelve_hours_however_busy(settled):
    for _ in range(24):
        assert settled.is_in
        settled.clock.go_on(minutes=30)
    settled.clock.go_on(minutes=1)
    assert not settled.is_in


def test_showing_the_factor_again_makes_no_session_live_longer(settled):
    for _ in range(24):
        settled.clock.go_on(minutes=29.5)
        settled.show()
    settled.clock.go_on(minutes=1)
    assert not settled.is_in


def test_the_api_of_a_session_ends_with_it(settled):
    assert settled.client.get("/api/v1/associations/").status_code == 200
    settled.clock.go_on(minutes=61)
    assert settled.client.get("/api/v1/associations/").status_code == 401


def test_a_session_without_the_factor_is_ended_wherever_it_comes_from(required, apex, operator):
    """Signed in while no factor was asked for, or by some other way in that forgot it."""
    client = apex(operator)
    assert client.get("/operations/").url == "/sign-in/?next=/operations/"
    assert client.get("/api/v1/associations/").status_code == 401


def test_signing_out_everywhere_ends_other_browsers_and_tokens(settled, person_at, operator):
    other = person_at(operator, like=settled)
    other.come_in()
    with public():
        _row, secret = ApiToken.objects.issue(operator)
    headers = {"Authorization": f"Token {secret}"}
    assert other.is_in
    assert Client(HTTP_HOST=settings.APEX_HOST).get("/api/v1/associations/", headers=headers).status_code == 200
    assert settled.client.get("/security/sessions/").status_code == 405
    assert settled.client.post("/security/sessions/").url == "/sign-in/"
    assert not settled.is_in
    assert not other.is_in
    assert Client(HTTP_HOST=settings.APEX_HOST).get("/api/v1/associations/", headers=headers).status_code == 401


def test_changes_to_the_factors_want_the_factor_again(settled):
    changes = ["/security/app/removal/", "/security/recovery-codes/", "/sign-in/set-up/app/", "/sign-in/set-up/"]
    for url in changes:
        assert settled.client.get(url).status_code == 200, url
    settled.clock.go_on(minutes=11)
    for url in changes:
        assert settled.client.get(url).url == f"/sign-in/second/?next={url}"
    assert settled.client.post("/security/app/removal/").url.startswith("/sign-in/second/")
    assert settled.show(code=settled.digits(), next="/security/app/removal/").url == "/security/app/removal/"
    assert settled.client.get("/security/app/removal/").status_code == 200
    assert settled.show(code=settled.digits(), next="https://evil.example/").url == "/security/"


def test_the_last_factor_stays_while_one_is_required(settled, operator):
    answer = settled.client.post("/security/app/removal/", follow=True)
    assert "さいごの1つは外せません" in text(answer)
    with public():
        assert SecondFactor.objects.is_set_up(operator)


def test_where_none_is_required_the_last_may_go_and_the_codes_with_it(settled, settings, operator):
    settings.STAFF_SECOND_FACTOR = False
    assert "外しました" in text(settled.client.post("/security/app/removal/", follow=True))
    with public():
        own = SecondFactor.objects.get(user=operator)
        assert (own.app_secret, own.recovery) == ("", [])
    assert "staff.remove_factor" in verbs()


def test_in_development_the_code_is_enough_until_one_sets_something_up(person_at, operator):
    person = person_at(operator)
    assert person.prove_contact().url == "/sign-in/desk/"
    assert person.is_in
    elsewhere = person_at(operator)
    elsewhere.prove_contact()
    assert len(person.set_up_app()) == 10
    assert person.is_in
    assert not elsewhere.is_in  # what was open before ends
    assert person_at(operator).prove_contact().url == "/sign-in/second/"


@pytest.mark.parametrize("answer", BAD_ANSWERS)
def test_what_no_browser_says_is_refused(required, person_at, operator, answer):
    person = person_at(operator)
    person.prove_contact()
    person.client.get("/sign-in/set-up/passkey/")
    sent = person.client.post("/sign-in/set-up/passkey/", {"name": "鍵", "answer": answer})
    assert sent.status_code == 422
    person.set_up_app()
    again = person_at(operator, like=person)
    again.prove_contact()
    again.client.get("/sign-in/second/")
    assert again.show(answer=answer).status_code == 422
    assert not again.is_in


def test_members_are_never_asked(required, browser, tonan, member):
    client = browser(tonan)
    client.post("/sign-in/", {"contact": member.user.email})
    with bound(tonan):
        code = re.search(r"\d{6}", Message.objects.filter(to=member.user.email).latest("pk").subject)[0]
    assert client.post("/sign-in/code/", {"code": code}).url == "/"
    assert client.get("/").status_code == 200


# --- losing everything ---


@pytest.fixture
def colleague(db) -> User:
    with public():
        user = User.objects.create(email="colleague@example.jp")
        Operator.objects.create(user=user, name="運営 2")
    return user


@pytest.fixture
def helper(settled, person_at, colleague):
    person = person_at(colleague)
    person.prove_contact()
    person.set_up_app()
    return person


def test_another_operator_helps_somebody_who_lost_everything(settled, helper, person_at, operator):
    url = f"/operations/staff/{operator.pk}/reset/"
    assert "電話か対面で" in text(helper.client.get(url))
    assert settled.is_in
    assert helper.client.post(url).url == "/operations/staff/"
    assert not settled.is_in
    assert person_at(operator).prove_contact().url == "/sign-in/set-up/"
    with public():
        entry = Entry.objects.get(verb="staff.reset_factors")
    assert entry.actor == "運営 2"
    assert "入るときの守りを、はじめからにしました" in mails(operator)


def test_nobody_resets_their_own(helper, colleague):
    assert helper.client.get(f"/operations/staff/{colleague.pk}/reset/").status_code == 404
    assert helper.client.post(f"/operations/staff/{colleague.pk}/reset/").status_code == 404
    with public(), pytest.raises(PermissionError):
        SecondFactor.objects.of(colleague).reset(by=colleague.operator)


def test_city_staff_reset_nobody(settled, person_at, city_official, operator):
    official = person_at(city_official)
    official.prove_contact()
    official.set_up_app()
    assert official.client.get("/operations/staff/").status_code == 404
    assert official.client.post(f"/operations/staff/{operator.pk}/reset/").status_code == 404
    assert settled.is_in


def test_the_list_says_who_has_what_and_an_account_without_a_desk_is_not_in_it(helper, operator, city_official):
    with public():
        stranger = User.objects.create(email="account@example.jp")
    page = text(helper.client.get("/operations/staff/"))
    assert operator.email in page
    assert city_official.email in page
    assert "account@example.jp" not in page
    assert helper.client.post(f"/operations/staff/{stranger.pk}/reset/").status_code == 404


def test_whoever_runs_the_server_helps_the_last_operator(settled, person_at, operator):
    call_command("reset_factors", operator.email.upper(), stdout=StringIO())
    assert not settled.is_in
    assert person_at(operator).prove_contact().url == "/sign-in/set-up/"
    for email in ("stranger@example.jp", "no address"):
        with pytest.raises(CommandError):
            call_command("reset_factors", email)
