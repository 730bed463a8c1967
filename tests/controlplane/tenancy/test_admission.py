"""A process works on so many requests at once; who finds no place is told so, and nobody is kept waiting."""

import threading
from contextlib import ExitStack
from unittest.mock import Mock, patch

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory

from controlplane.tenancy import routing
from controlplane.tenancy.middleware import admission
from controlplane.tenancy.middleware.admission import AdmissionMiddleware, Full, Places
from controlplane.tenancy.middleware.transport import OurHostsMiddleware

NOW = {"patience": 0.0}


@pytest.fixture
def hours(monkeypatch):
    """A clock of our own, for moments and for the processor's time alike."""
    clock = {"now": 1000.0}
    monkeypatch.setattr(admission.time, "monotonic", lambda: clock["now"])
    monkeypatch.setattr(admission.time, "thread_time", lambda: clock["now"])
    return clock


def _holds(places: Places, *keys: str, reading: bool = True) -> ExitStack:
    held = ExitStack()
    for key in keys:
        held.enter_context(places.one(key, reading=reading, **NOW))
    return held


def test_there_are_so_many_places_and_the_next_one_is_full():
    places = Places(4, 0)
    with _holds(places, "a", "b", "c", "d"), pytest.raises(Full), places.one("e", reading=True, **NOW):
        pass
    with _holds(places, "a", "b", "c", "d"):  # all were given back
        pass


def test_one_association_takes_no_more_than_half():
    places = Places(4, 0)
    with _holds(places, "a", "a"):
        with pytest.raises(Full), places.one("a", reading=True, **NOW):
            pass
        with _holds(places, "b", "c"):
            pass


def test_a_place_given_back_goes_to_who_waits():
    places, served = Places(2, 0), []
    held = _holds(places, "a", "b")

    def wait() -> None:
        with places.one("c", reading=True, patience=10):
            served.append("c")

    thread = threading.Thread(target=wait)
    thread.start()
    while not places._count["waiting"]:
        pass
    held.close()
    thread.join(10)
    assert served == ["c"]


def test_answers_may_still_wait_where_pages_no_longer_may():
    places, kinds = Places(2, 0), []
    held = _holds(places, "x", "y")

    def wait(key: str, reading: bool) -> None:
        try:
            with places.one(key, reading=reading, patience=10):
                kinds.append("served")
        except Full:
            kinds.append("full")

    threads = [threading.Thread(target=wait, args=(key, True)) for key in "abcd"]
    for thread in threads:
        thread.start()
    while places._count["waiting"] < 4:
        pass
    wait("e", True)  # no room to wait for a page
    assert kinds == ["full"]
    answer = threading.Thread(target=wait, args=("f", False))
    answer.start()
    while places._count["waiting"] < 5:
        pass
    held.close()
    for thread in [*threads, answer]:
        thread.join(10)
    assert kinds == ["full", *["served"] * 5]


def _work(places: Places, key: str, clock: dict[str, float], seconds: float) -> None:
    with places.one(key, reading=True, **NOW):
        clock["now"] += seconds


def test_beside_others_an_association_is_held_to_its_share_and_they_are_not(hours):
    places = Places(4, 0.2)
    _work(places, "small", hours, 0.01)
    _work(places, "busy", hours, 1.5)
    with pytest.raises(Full):
        _work(places, "busy", hours, 0.1)
    _work(places, "small", hours, 0.01)
    hours["now"] += 4  # a fifth of four seconds was paid back
    _work(places, "busy", hours, 0.1)


def test_where_all_are_as_busy_the_time_is_theirs(hours):
    places = Places(4, 0.1)
    for _n in range(20):
        _work(places, "busy", hours, 0.2)
        _work(places, "as busy", hours, 0.2)


def test_a_host_not_known_yet_is_not_kept_out_by_what_others_of_them_used(hours):
    places = Places(4, 0.1)
    for _n in range(20):
        _work(places, "small", hours, 0.01)
        _work(places, routing.ELSEWHERE, hours, 0.2)


def test_answers_go_on_where_the_share_is_used_up_for_pages(hours):
    places = Places(4, 0.2)
    _work(places, "small", hours, 0.01)
    _work(places, "busy", hours, 0.55)
    with pytest.raises(Full):
        _work(places, "busy", hours, 0.1)
    with places.one("busy", reading=False, **NOW):
        hours["now"] += 1.0
    with pytest.raises(Full), places.one("busy", reading=False, **NOW):
        pass


@pytest.fixture
def work(monkeypatch):
    """A clock of our own for the processor's time alone."""
    clock = {"now": 0.0}
    monkeypatch.setattr(admission.time, "thread_time", lambda: clock["now"])
    return clock


def _waited_for_a_query(place: admission.Place) -> bool:
    """Whether a query has to wait for somebody: then all the patience is used up, 0.05 seconds."""
    place.patience = min(place.patience, 0.05)
    with place.standing_back(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return place.patience <= 0


def test_who_has_used_more_stands_back_before_a_query_while_the_others_are_at_work(db, work):
    places = Places(4, 0.2)
    _work(places, "busy", work, 0.4)
    with places.one("busy", reading=True) as busy:
        assert not _waited_for_a_query(busy)
        with _holds(places, "small"):
            assert _waited_for_a_query(busy)
    with _holds(places, "busy"), places.one("small", reading=True) as small:
        assert not _waited_for_a_query(small)


def test_what_changes_something_stands_back_before_its_first_query_only(db, work):
    places = Places(4, 0.2)
    _work(places, "busy", work, 0.4)
    with places.one("busy", reading=False) as busy, busy.standing_back(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        with _holds(places, "small"):
            wait = Mock(side_effect=AssertionError("it may hold locks by now"))
            with patch.object(places, "stand_back", wait):
                cursor.execute("SELECT 1")


def test_one_association_s_waiting_takes_nobody_else_s():
    places, refused = Places(4, 0), []
    held = _holds(places, "noisy", "noisy", "a", "b")

    def wait(key: str) -> None:
        try:
            with places.one(key, reading=False, patience=10):
                pass
        except Full:
            refused.append(key)

    threads = [threading.Thread(target=wait, args=("noisy",)) for _n in range(6)]
    for thread in threads:
        thread.start()
    while places._count["waiting"] + len(refused) < 6:
        pass
    neighbour = threading.Thread(target=wait, args=("quiet",))
    neighbour.start()
    while places._count["waiting"] < 4:
        pass
    held.close()
    for thread in [*threads, neighbour]:
        thread.join(10)
    assert refused == ["noisy"] * 3


def test_alone_an_association_may_use_all_of_it(hours):
    places = Places(4, 0.2)
    for _n in range(50):
        _work(places, "only", hours, 0.5)


def test_full_is_a_503_in_words_with_the_time_to_come_again(settings):
    settings.WEB_PLACES = 1
    answers = []

    def view(request):
        if request.path == "/":
            answers.append(middleware(RequestFactory().get("/second/", HTTP_HOST="x.kairan.localhost")))
            answers.append(middleware(RequestFactory().get("/api/v1/posts/", HTTP_HOST="x.kairan.localhost")))
            answers.append(middleware(RequestFactory().get("/certz?domain=x.example", HTTP_HOST="10.0.0.7")))
            answers.append(middleware(RequestFactory().get("/healthz")))
        return HttpResponse("served")

    middleware = AdmissionMiddleware(view)
    middleware.places.one = _impatient(middleware.places)
    assert middleware(RequestFactory().get("/", HTTP_HOST="y.kairan.localhost")).content == b"served"
    page, problem, certificate, health = answers
    assert (page.status_code, page["Retry-After"]) == (503, "10")
    assert "混み合って" in page.content.decode()
    assert (problem.status_code, problem["Content-Type"]) == (503, "application/problem+json")
    assert certificate.status_code == 503
    assert health.content == b"served"


def test_a_flood_of_foreign_names_by_plain_http_asks_for_one_at_a_time(settings, monkeypatch):
    settings.SECURE_SSL_REDIRECT = True
    go_on, asked, answers = threading.Event(), [], []

    def find(host):
        asked.append(host)
        assert go_on.wait(10)

    monkeypatch.setattr(routing, "find", find)
    middleware = OurHostsMiddleware(lambda _request: HttpResponse("served"))
    middleware.lookups.one = _impatient(middleware.lookups)

    def call(number):
        answers.append(middleware(RequestFactory().get("/", HTTP_HOST=f"x{number}.example")).status_code)

    threads = [threading.Thread(target=call, args=[number]) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(0.5)
    go_on.set()
    for thread in threads:
        thread.join()
    assert (len(asked), sorted(answers)) == (1, [404, 503, 503, 503, 503])


def _impatient(places: Places):
    whole = places.one
    return lambda key, *, reading: whole(key, reading=reading, **NOW)
