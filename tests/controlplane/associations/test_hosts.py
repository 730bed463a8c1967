"""Hosts of an association's own: what people type becomes one name, or a sentence that helps."""

import pytest
from django.core.exceptions import ValidationError

from controlplane.associations.models import CustomDomain
from controlplane.tenancy import public

TAKEN_AS = {
    "www.tonan-kai.jp": "www.tonan-kai.jp",
    "WWW.Tonan-Kai.JP": "www.tonan-kai.jp",
    " https://www.tonan-kai.jp/ ": "www.tonan-kai.jp",
    "www.tonan-kai.jp.": "www.tonan-kai.jp",
    "ｗｗｗ．ｔｏｎａｎ－ｋａｉ．ｊｐ": "www.tonan-kai.jp",
    "桃南会.jp": "xn--6oq16hcwx.jp",
    "桃南会。jp": "xn--6oq16hcwx.jp",
    "xn--6oq16hcwx.jp": "xn--6oq16hcwx.jp",
    "ﾄｳﾅﾝ.jp": "xn--gck7ch8n.jp",
    "a.b.c.tonan.kyoto.jp": "a.b.c.tonan.kyoto.jp",
}
REFUSED = {
    "": "アドレスを入れてください",
    "   ": "アドレスを入れてください",
    "127.0.0.1": "IPアドレス",
    "[::1]": "IPアドレス",
    "2001:db8::1": "IPアドレス",
    "2130706433": "IPアドレス",
    "0x7f.1": "IPアドレス",
    "www.tonan-kai.jp:8443": "アドレスの名前だけ",
    "www.tonan-kai.jp/kairan": "アドレスの名前だけ",
    "kaicho@tonan-kai.jp": "アドレスの名前だけ",
    "*.tonan-kai.jp": "アドレスの名前だけ",
    "_kairan.tonan-kai.jp": "アドレスの名前だけ",
    "www tonan-kai.jp": "アドレスの名前だけ",
    "www..tonan-kai.jp": "アドレスの名前だけ",
    "tonаn-kai.jp": "アドレスの名前だけ",  # a Cyrillic а
    "xn--tonn-kai-36g.jp": "アドレスの名前だけ",  # the same in disguise
    "tónan.jp": "アドレスの名前だけ",
    "ｔｏｎαｎ.jp": "アドレスの名前だけ",
    "桃\u200d南会.jp": "アドレスの名前だけ",
    "xn--999999999.jp": "「xn--」のあと",
    f"{'x' * 64}.jp": "63文字まで",
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろ.jp": "決まりに合いません",
    "-tonan.jp": "決まりに合いません",
    ".".join(["x" * 60] * 4) + ".tonan.jp": "長すぎます",
    "jp": "みんなで使う終わり",
    "co.jp": "みんなで使う終わり",
    "kyoto.jp": "みんなで使う終わり",
    "localhost": "インターネットにありません",
    "tonan.local": "インターネットにありません",
    "tonan.invalid": "インターネットにありません",
    "kairan.localhost": "ここでは足せません",
    "tonan.kairan.localhost": "ここでは足せません",
    "www.fujishiro.kairan.localhost": "ここでは足せません",
}


@pytest.mark.parametrize(("typed", "host"), TAKEN_AS.items())
def test_what_people_type_becomes_one_name(tonan, typed, host):
    with public():
        assert CustomDomain.objects.ask(tonan, typed, by="桃南会 代表者").host == host


@pytest.mark.parametrize(("typed", "words"), REFUSED.items(), ids=range(len(REFUSED)))
def test_other_hosts_are_refused_in_words_that_help(tonan, typed, words):
    with public():
        with pytest.raises(ValidationError) as refusal:
            CustomDomain.objects.ask(tonan, typed, by="桃南会 代表者")
        assert words in refusal.value.message_dict["host"][0]
        assert not CustomDomain.objects.exists()
