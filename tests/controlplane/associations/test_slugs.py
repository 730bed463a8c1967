"""A slug is plain, or it is refused: property-tested."""

import re
import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from controlplane.accounts.models import ApiToken
from controlplane.associations.models import Association
from controlplane.associations.slugs import INSIDE, RESERVED, SPEAKING, names_a_place, slug_from_kana, validate_slug
from controlplane.audit.models import Entry
from controlplane.tenancy import public, routing
from provisioning.demonstration import examples
from provisioning.models import Application


def accepted(slug: str) -> bool:
    try:
        validate_slug(slug)
    except ValidationError:
        return False
    return True


def full_width(word: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) for letter in word)


@given(st.text(max_size=60))
def test_whatever_is_accepted_is_a_plain_dns_label(slug):
    if accepted(slug):
        assert re.fullmatch(r"[a-z][a-z0-9-]{1,38}[a-z0-9]", slug)
        assert "--" not in slug
        assert slug not in RESERVED
        assert slug == unicodedata.normalize("NFKC", slug) == slug.encode("idna").decode()


# Addresses that could be taken for us, for mail, for the machinery, or for a public body: as people would try them.
RISKY = """kalran kalran-support payments egov jichitai shigikai zeimusho hokenjo mynumber donotreply
admin admins administrator admin1 admin-tonan tonan-admin root sysadmin support support2
tonan-support help helpdesk help-desk info contact official official-kairan kairan kairan1
kairan-official kairan-support kairan-kyoto kairan-staff kairan-mail kairanban kairankai mykairan
my-kairan tonan-kairan kyoto-kairan ka1ran ka1ran-official kairansupport kai-ran operations
operator-support ops staff unei tonan-unei security secure login signin sign-in signup sign-up sso
auth account accounts password billing payment pay stripe api api-v1 apiv1 apex app apps web www
www1 www-2 web2 cdn static assets media images img-admin dev staging test demo status stats
dashboard vpn ssh ftp sftp dns ns ns1 ns2 nameserver mx mx1 mail mail1 mail-tonan tonan-mail webmail
mailer mail-server mailserver smtp smtp1 imap pop pop3 email noreply no-reply postmaster post-master
hostmaster webmaster abuse abuse-tonan mailer-daemon spf dkim dmarc autodiscover autoconfig
autodiscover-tonan wpad isatap localhost broadcasthost ssladmin uucp usenet ombudsman gov gov-kyoto
kyoto-gov govt government seifu lg lg-kyoto yakusho shiyakusho kyoto-shiyakusho kyotoshiyakusho
kuyakusho fushimi-kuyakusho fushimikuyakusho yakuba kencho kenchou fucho keisatsu kyoto-keisatsu
keisatsusho fushimikeisatsusho police police1 kyoto-police koban shobo shobosho shoubousho bousai
bosai emergency kinkyu hokensho saibansho press privacy terms wiki""".split()
# Cities, wards, prefectures: only for whoever says that it is meant.
PUBLIC_PLACES = """kyoto-city-office cityofkyoto city-of-kyoto ky0to fushim1 kyouto kyohto oosaka ohsaka toukyou
kyoto kyoto1 kyoto-city kyotocity kyoto-shi kyotoshi kyotofu kyoto-fu city-kyoto citykyoto
kyoto-pref fushimi fushimi-ku fushimiku fushimi-ward nishikyo nishikyo-ku ukyoku ukyo-ku sakyo
kamigyo-ku higashiyamaku yamashina-ku sakai sakai-city sakaishi osaka osaka-shi tokyo tokyo-to
tokyoto shinjuku-ku setagaya uji-shi muko-shi anywhere-city anywhere-ku""".split()
PLAIN = """tonan tonankai fujishirodai katagihara ichiharano momoyama-minami momoyama-cho fukakusa-machi
kyoto-tonan fushimi-momoyama kitano higashi nishi-kujo ukai mukaijima okairanai tokoji arashiyama
kamo2 sakaimachi gov2kai""".split()


def test_at_least_as_many_risky_names_are_refused_as_were_tried():
    assert [slug for slug in RISKY if accepted(slug)] == []
    assert len(RISKY) + len(PUBLIC_PLACES) > 164


def test_the_names_of_cities_and_wards_are_known_as_such():
    assert [slug for slug in PUBLIC_PLACES if not names_a_place(slug)] == []
    assert [slug for slug in PLAIN if names_a_place(slug) or not accepted(slug)] == []


def test_the_associations_there_are_have_their_names():
    """Those of the demonstration, and what their readings make; that of 南区 makes none."""
    slugs = {each.slug for each in examples()} | {slug_from_kana(each.kana) for each in examples()} - {""}
    assert len(slugs) == 6
    assert [slug for slug in slugs if not accepted(slug) or names_a_place(slug)] == []


def test_no_place_is_proposed():
    assert slug_from_kana("ふしみく") == slug_from_kana("ふしみじちかい") == ""
    assert slug_from_kana("ふじしろだいじちかい") == "fujishirodai"


@given(st.from_regex(r"[a-z]{3,30}", fullmatch=True))
def test_plain_words_are_accepted_unless_they_say_something_else(slug):
    assert accepted(slug) or slug in RESERVED or any(word in slug for word in (*SPEAKING, *INSIDE, "kairan"))


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "ab",
        "a" * 41,
        "a" * 64,
        "a" * 300,
        "Tonan",
        "1tonan",
        "-tonan",
        "tonan-",
        "to--nan",
        "to---nan",
        "tonan\n",
        "tonan ",
        "to nan",
        "to\u00a0nan",
        "to\u200bnan",
        "to\u00adnan",
        "tonan\x00",
        "to.nan",
        "to_nan",
        "to/nan",
        "to%nan",
        "tónan",
        "ｔｏｎａｎ",
        "to－nan",
        "to‐nan",
        "桃南",
        "xn--abc",
        "xn--8ws00z",
        "аdmin",  # a Cyrillic a
        "tοnan",  # a Greek o
        "tonanſ",  # a long s, which NFKC makes an s
        "\u212aairan",  # the sign for kelvin
        "①tonan",
        *sorted(RESERVED),
    ],
)
def test_lookalikes_and_reserved_words_are_refused(slug):
    assert not accepted(slug)


@given(st.text(alphabet="abcxyz019-.ａ１－А_ \u200b\u00ad\u212a", min_size=1, max_size=45))
def test_words_of_letters_that_look_alike_are_plain_or_refused(slug):
    if accepted(slug):
        assert re.fullmatch(r"[a-z][a-z0-9-]{1,38}[a-z0-9]", slug, re.ASCII)


@given(
    st.sampled_from(sorted(RESERVED)), st.sampled_from([str.upper, str.title, lambda word: word + "\u200b", full_width])
)
def test_no_spelling_of_a_reserved_word_is_accepted(word, spell):
    assert not accepted(spell(word))


@given(st.from_regex(r"[a-z][a-z0-9]{2,20}", fullmatch=True))
def test_an_accepted_slug_makes_a_host_of_its_own(slug):
    if accepted(slug):
        host = f"{slug}.kairan.localhost"
        assert routing.normalise_host(host) == host


@pytest.mark.parametrize("used", ["tonan", "fujishiro"])
def test_a_slug_in_use_is_refused_where_it_is_given(kyoto, tonan, fujishiro, used):
    fields = {"name": "二つ目", "kind": "association", "city": kyoto, "ward": "西京区", "households": 9}
    fields |= {"postal_code": "6158106", "address": "京都市西京区", "representative_name": "会長"}
    fields |= {"representative_email": "kaicho@example.jp", "representative_phone": "+81751234567"}
    with public():
        application, _new = Application.objects.submit(**fields)
        for taken in (used, used.upper(), "admin", f"{used}\n"):
            with pytest.raises(ValidationError) as refusal, transaction.atomic():
                application.approve(by="tests", slug=taken)
            assert set(refusal.value.message_dict) == {"slug"}
        assert Association.objects.filter(slug__istartswith=used).count() == 1


def test_a_place_is_given_to_whoever_says_that_it_is_meant(kyoto, operator, apex):
    """Of pages and API alike, and the log keeps that it was meant."""
    fields = {"name": "伏見連合会", "kind": "federation", "city": kyoto, "ward": "伏見区", "households": 900}
    fields |= {"postal_code": "6128374", "address": "京都市伏見区", "representative_name": "会長"}
    fields |= {"representative_phone": "+81751234567"}
    with public():
        one, other = (
            Application.objects.submit(**fields | {"representative_email": f"{n}@example.jp"})[0] for n in ("a", "b")
        )
    with public():
        key = {"Authorization": f"Token {ApiToken.objects.issue(operator)[1]}"}
    program, desk = apex(), apex(operator)
    path = f"/api/v1/applications/{one.pk}/approval/"
    refused = program.post(path, {"slug": "fushimi"}, content_type="application/json", headers=key)
    assert refused.status_code == 400
    assert "slug" in refused.json()["errors"]
    page = desk.post(f"/operations/applications/{other.pk}/approval/", {"slug": "fushimi-ku"})
    assert "役所のページと思われないか" in page.content.decode()
    meant = {"slug": "fushimi", "place": True}
    assert program.post(path, meant, content_type="application/json", headers=key).status_code == 202
    given = desk.post(f"/operations/applications/{other.pk}/approval/", {"slug": "fushimi-ku", "place": "on"})
    assert given.status_code == 302
    with public():
        assert Association.objects.filter(slug__in=["fushimi", "fushimi-ku"]).count() == 2
        entries = Entry.objects.filter(verb="application.approve")
        assert [entry.data["place"] for entry in entries] == [True, True]


def test_moving_to_a_place_s_name_is_meant_too(tonan):
    with public():
        with pytest.raises(ValidationError), transaction.atomic():
            tonan.rename("kyoto-city", by="運営 1")
        tonan.rename("kyoto-city", by="運営 1", place=True)
        assert Association.objects.get(pk=tonan.pk).slug == "kyoto-city"
