"""A site moves to another subdomain: the old host leads there for every method, and is never anybody else's."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import urlsplit

import pytest
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from controlplane.associations.models import Association, Domain
from controlplane.audit.models import Entry
from controlplane.cities.models import City
from controlplane.tenancy import public

OLD, NEW = "tonan.kairan.localhost", "tonankai.kairan.localhost"


@pytest.fixture
def moved(tonan, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), public():
        tonan.rename("tonankai", by="運営 1")
    return tonan


def test_the_site_lives_at_the_new_host(moved):
    assert moved.slug == "tonankai"
    with public():
        assert moved.host == NEW
        assert Association.objects.get(pk=moved.pk).slug == "tonankai"
        entry = Entry.objects.about(moved).get(verb="association.rename")
        assert (entry.actor, entry.data) == ("運営 1", {"slug": "tonankai", "before": "tonan"})
    assert moved.name in Client(HTTP_HOST=NEW).get("/sign-in/").content.decode()


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete", "options", "trace"])
@pytest.mark.parametrize("path", ["/", "/posts/6/?a=1&b=%E7%B5%84", "/api/v1/posts/?cursor=x", "/nowhere"])
def test_the_old_host_leads_there_with_the_same_method_path_and_question(moved, method, path):
    answer = getattr(Client(HTTP_HOST=OLD), method)(path)
    assert answer.status_code == 308
    assert answer["Location"].startswith(f"http://{NEW}:")
    assert answer["Location"].split(NEW, 1)[1].split("/", 1)[1] == path[1:]
    assert answer["Cache-Control"] == "no-store"


def test_no_path_leads_the_redirect_to_somebody_else_s_host(moved):
    for path in ("//evil.example/", "/\\evil.example", "/@evil.example/", "/\r\nLocation: http://evil.example/"):
        answer = Client(HTTP_HOST=OLD).generic("GET", "/", PATH_INFO=path)
        assert answer.status_code == 308
        assert urlsplit(answer["Location"]).hostname == NEW


def test_the_redirect_costs_no_query_once_the_host_is_known(moved, django_assert_num_queries):
    Client(HTTP_HOST=OLD).get("/")
    with django_assert_num_queries(0):
        Client(HTTP_HOST=OLD).get("/")


def test_the_calendar_feed_goes_on_through_the_redirect(tonan, officer, client_for, django_capture_on_commit_callbacks):
    link = urlsplit(client_for(officer).get("/calendar/share/").context["url"])
    with django_capture_on_commit_callbacks(execute=True), public():
        tonan.rename("tonankai", by="運営 1")
    onward = urlsplit(Client(HTTP_HOST=OLD).get(f"{link.path}?{link.query}")["Location"])
    assert onward.hostname == NEW
    feed = Client(HTTP_HOST=NEW).get(f"{onward.path}?{onward.query}")
    assert feed.status_code == 200
    assert "公園の清掃" in feed.content.decode()


def test_a_host_asked_for_before_it_was_made_is_not_remembered_as_unknown(tonan, django_capture_on_commit_callbacks):
    assert Client(HTTP_HOST=NEW).get("/").status_code == 404
    assert Client(HTTP_HOST=OLD).get("/sign-in/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True), public():
        tonan.rename("tonankai", by="運営 1")
    assert caches["routing"].get(NEW) is None
    assert Client(HTTP_HOST=NEW).get("/sign-in/").status_code == 200
    assert Client(HTTP_HOST=OLD).get("/sign-in/").status_code == 308


def test_moving_back_to_ones_own_former_slug(moved, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), public():
        moved.rename("tonan", by="運営 1")
        assert Domain.objects.filter(association=moved).count() == 2
    assert Client(HTTP_HOST=OLD).get("/sign-in/").status_code == 200
    assert Client(HTTP_HOST=NEW).get("/sign-in/")["Location"].startswith(f"http://{OLD}:")


def test_a_former_slug_is_nobody_else_s(moved, fujishiro, kyoto):
    with public():
        with pytest.raises(ValidationError, match="もう使われています"):
            fujishiro.rename("tonan", by="運営 1")
        with pytest.raises(ValidationError, match="もう使われています"):
            Association.objects.reserve("tonan", name="別の会", city=kyoto, households=1)
        assert "tonan" in Association.objects.taken_slugs("tona")


@pytest.mark.parametrize(
    "slug", ["", "a", "Tonan", "ｔｏｎａｎ", "xn--abc", "admin", "x" * 41, "to nan", "fujishiro", "tonan"]
)
def test_other_slugs_are_refused_and_change_nothing(tonan, fujishiro, slug):
    with public():
        with pytest.raises(ValidationError) as refusal:
            tonan.rename(slug, by="運営 1")
        assert "slug" in refusal.value.message_dict
        assert Association.objects.get(pk=tonan.pk).slug == "tonan"
        assert Domain.objects.filter(association=tonan).count() == 1


def test_what_is_not_live_yet_is_not_renamed(kyoto):
    with public():
        association = Association.objects.create(slug="soon", name="準備中の会", city=kyoto, households=10)
        with pytest.raises(ValidationError, match="公開していない"):
            association.rename("later", by="運営 1")


# --- at the same moment ---


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        with public():
            city = City.objects.get(slug="kyoto")
            rows = [
                Association.objects.reserve(f"race-{n}", name=f"{n}丁目町内会", city=city, households=1) for n in "ab"
            ]
            for row in rows:
                row.open()
        yield rows
        with public():
            Domain.objects.filter(association__in=rows).delete()
            Entry.objects.filter(object_id__in=[str(row.pk) for row in rows]).delete()
            Association.objects.filter(pk__in=[row.pk for row in rows]).delete()
        connection.close()


def at_once(*acts):
    barrier = Barrier(len(acts))

    def go(act):
        barrier.wait()
        try:
            with public():
                act()
        except ValidationError:
            return "refused"
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(go, acts))


def test_of_two_renames_of_one_association_one_wins(committed):
    one, _other = committed
    for number in range(5):
        with public():
            views = [Association.objects.get(pk=one.pk) for _ in range(2)]
        names = [f"race-a{number}", f"race-b{number}"]
        answers = at_once(*(lambda v=v, n=n: v.rename(n, by="運営 1") for v, n in zip(views, names, strict=True)))
        assert answers == ["done", "refused"]
        with public():
            assert Domain.objects.filter(association=one, is_primary=True).count() == 1
            assert Domain.objects.get(association=one, is_primary=True).host.split(".")[0] in names


def test_of_two_associations_that_want_one_slug_one_gets_it(committed):
    for number in range(5):
        with public():
            views = [Association.objects.get(pk=row.pk) for row in committed]
        answers = at_once(*(lambda v=v, n=number: v.rename(f"race-same{n}", by="運営 1") for v in views))
        assert answers == ["done", "refused"]
        with public():
            assert Association.objects.filter(slug=f"race-same{number}").count() == 1
            assert Domain.objects.filter(host=f"race-same{number}.kairan.localhost").count() == 1
