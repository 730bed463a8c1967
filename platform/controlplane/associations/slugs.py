"""Slugs: the subdomain of an association. Plain ASCII, not reserved, never reused."""

import re
import unicodedata

import jaconv
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Taken as they stand, also with a number behind or with hyphens between.
RESERVED = frozenset(
    """about apex apiv app apps assets blog bosai bousai calendar cdn chat city contact dashboard demo dev dns docs
    download email emergency example files ftp help home host hostname id images info internet jp kyogikai lists
    local localdomain localhost lp manage map media mobile my new news ns ns1 ns2 nttjp null organization phishing
    portal post privacy public register s3 safe sandbox school search secure server service sftp shop signup sip
    sites ssh ssl sso stage staging start stat static stats status stripe terms test tls town undefined unsubscribe
    update upload uptime user users video village vote vpn web webhook webhooks wiki""".split()
)
# No part between hyphens may be one of these: such an address would speak for us, for mail, or for a public body.
SPEAKING = frozenset(
    """abuse account accounts admin administrator admins alert api auth autoconfig autodiscover autodiscovery bank
    billing bounce broadcasthost cert chotei citizen cityhall daemon digitalagency dkim dmarc dmarc1
    donotreply egov fireservice fucho gov government govt gyosei helpdesk hokenjo hokensho hostmaster imap
    isatap jichitai kancho keisatsu keisatsusho kencho kenchou kinkyu koban kokuzei kokyo kugikai kugisho
    kuyakuba kuyakusho lg login mail mailer mails mailserver master mta mx mynumber nameserver netmaster noc
    noreply official ombudsman operation operations ops owner password pay payment payments police pop pop3
    postmaster prefecture press root saiban saibansho security seifu seiyakusho shicho shichoson shichosonn
    shigikai shigisho shiyakusho shobo shobosho shoubou shoubousho signin smtp soumusho spam spf ssladmin
    ssladministrator staff support sysadmin system todofuken unei usenet uucp verification verify webmail
    webmailer webmaster wpad www yakuba yakusho zeimusho""".split()
)
INSIDE = ("kuyakusho", "shiyakusho", "keisatsusho", "autodiscover", "postmaster", "hostmaster", "webmaster")
# Prefectures, designated cities, the wards of Kyoto, Sakai and Tokyo: an address of these would pass for the place's.
PLACES = frozenset(
    """hokkaido aomori iwate miyagi akita yamagata fukushima ibaraki tochigi gunma saitama chiba tokyo kanagawa niigata
    toyama ishikawa fukui yamanashi nagano gifu shizuoka aichi mie shiga kyoto osaka hyogo nara wakayama tottori shimane
    okayama hiroshima yamaguchi tokushima kagawa ehime kochi fukuoka saga nagasaki kumamoto oita miyazaki kagoshima
    okinawa nippon nihon japan tokyoto
    sapporo sendai yokohama kawasaki sagamihara hamamatsu nagoya sakai kobe kitakyushu
    fushimi nishikyo ukyo sakyo nakagyo shimogyo kamigyo higashiyama yamashina minami kita
    mihara sakaiku nakaku higashiku nishiku minamiku kitaku
    chiyoda chuo minato shinjuku bunkyo taito sumida koto shinagawa meguro ota setagaya shibuya nakano suginami toshima
    arakawa itabashi nerima adachi katsushika edogawa
    uji kameoka joyo muko nagaokakyo yawata kyotanabe kizugawa otsu""".split()
)
_OF_A_PLACE = ("city", "ward", "pref", "shi", "ku", "fu", "ken")  # not cho, machi: neighbourhoods are called so
_OFFICES = frozenset("city ward pref gov office hall council".split())  # beside a place's name: kyoto-city-office
_KIND = re.compile(r"(?:(?:じち|ちょうない)?れんごう)?(?:じちかい|ちょうないかい|ちょうかい|きょうぎかい|かい)$")
_READ = str.maketrans("0134578l", "oieastbi")  # digits, and an l, that read as other letters
_LONG = re.compile(r"(?<=[ou])[ouh](?![aeiy])")  # kyouto, toukyou, oosaka, ohsaka
_DIGITS = str.maketrans("0134578", "oieastb")
_PLAIN_PLACES = frozenset(_LONG.sub("", place) for place in PLACES)
_SLUG = re.compile(r"[a-z](?:[a-z0-9]|-(?=[a-z0-9])){1,38}[a-z0-9]\Z")


def validate_slug(value: str) -> None:
    """Raise ValidationError unless `value` is 3-40 of a-z, 0-9 and single inner hyphens, and speaks for nobody else."""
    if value != unicodedata.normalize("NFKC", value) or not _SLUG.match(value):
        raise ValidationError(_("半角の小文字・数字・ハイフンで3〜40文字です。英字で始めてください。例：tonan"))
    if value.startswith("xn--") or _speaks_for_others(value):
        raise ValidationError(_("この名前は使えません。ほかの名前にしてください。"))


def names_a_place(slug: str) -> bool:
    """Whether it reads as a city's, a ward's or a prefecture's own address: kyoto, kyoto-city, kyotoshi, fushimi-ku."""
    return any(_is_a_place(parts) for parts in (_parts(slug), _parts(slug.translate(_DIGITS))))


def _is_a_place(parts: list[str]) -> bool:
    if len(parts) > 1 and parts[-1] in _OF_A_PLACE:
        return True
    plain = [_LONG.sub("", part) for part in parts]
    if not _OFFICES.isdisjoint(parts) and not _PLAIN_PLACES.isdisjoint(plain):
        return True
    whole = "".join(plain).replace("cityof", "city")
    stems = {whole, *(whole.removesuffix(kind).removeprefix(kind) for kind in _OF_A_PLACE)}
    return not stems.isdisjoint(_PLAIN_PLACES)


def _speaks_for_others(slug: str) -> bool:
    parts, whole = _parts(slug), "".join(_parts(slug))
    if slug in RESERVED or whole in RESERVED | SPEAKING or not SPEAKING.isdisjoint(parts):
        return True
    read = slug.translate(_READ)  # ka1ran
    ours = any(part.startswith("kairan") or part.endswith("kairan") for part in (*parts, *read.split("-"), whole))
    return ours or any(word in whole for word in INSIDE)


def _parts(slug: str) -> list[str]:
    """Between hyphens, without the numbers behind, which tell nobody anything: mail2, www-1."""
    return [part for each in slug.split("-") if (part := each.rstrip("0123456789"))]


def slug_from_kana(kana: str) -> str:
    """ふじしろだいじちかい → fujishirodai: a proposal for a slug, or "" when the reading makes none."""
    plain = jaconv.kata2hira(unicodedata.normalize("NFKC", kana)).replace("ー", "").replace(" ", "")
    reading = _KIND.sub("", plain)
    letters = re.sub(r"[^a-z0-9]", "", jaconv.kana2alphabet(reading).lower())[:34]
    try:
        validate_slug(letters)
    except ValidationError:
        return ""
    return "" if names_a_place(letters) else letters
