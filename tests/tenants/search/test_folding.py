"""What counts as the same letters, and where they stood."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlplane.associations.models import Association
from controlplane.folding import folded, folded_with_places, gapless, words_of
from controlplane.tenancy import public
from tenants.search.excerpts import excerpt, marked
from tenants.search.grams import grams, tag_numbers, wanted

TEXTS = st.text(
    st.sampled_from("かがガｶﾞﾟハﾊﾟpPｐＰéÉ e\u0301ー〜～-－ 　\n\t平㍻㈱𠮷葛\U000e0100ßﬁİ🙂\u200d\u202e\0\ud800゛")
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ゴミ", "ごみ"),
        ("ｺﾞﾐ", "ゴミ"),
        ("ＰＴＡ", "pta"),
        ("１０月", "10月"),
        ("㈱", "(株)"),
        ("葛\U000e0100城", "葛城"),
        ("夏　まつり", "夏\n まつり"),
        ("ヽヾ", "ゝゞ"),
        ("9〜10時", "9～10時"),
        ("東−西", "東-西"),
        ("か\u3099", "が"),
        ("お\u200bはな\u202e", "おはな"),
        ("ß", "SS"),
        ("藤ヶ丘", "藤が丘"),
        ("藤ケ丘", "藤が丘"),
        ("三ヶ月", "３か月"),
        ("2ヵ所", "二カ所"),
        ("髙﨑", "高崎"),
        ("𠮷田", "吉田"),
        ("渡邊", "渡邉"),
        ("渡邊", "渡辺"),
        ("齋藤", "斉藤"),
        ("廣澤", "広沢"),
        ("濵嶋", "浜島"),
        ("三丁目", "3丁目"),
        ("第十二組", "第12組"),
        ("二十日", "20日"),
    ],
)
def test_these_are_the_same(one, other):
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("は", "ば"),
        ("収納ケース", "収納がース"),
        ("受け付け", "受が付が"),
        ("十日", "0日"),
        ("つ", "っ"),
        ("大", "犬"),
        ("a b", "ab"),
    ],
)
def test_these_are_not(one, other):
    assert folded(one) != folded(other)


@given(st.text(st.sampled_from("二三十3ケヶカ月桜丘髙﨑齋かがガｶｺﾞﾟハﾊﾟpPｐＰé e〜～-－ 　\n平㍻㈱𠮷葛ßﬁ🙂")))
def test_folding_twice_is_folding_once(text):
    assert folded(folded(text)) == folded(text)


@pytest.mark.django_db
@given(st.text(st.sampled_from("かがガｶﾞパpＰ 　三十ケヶカ月所桜丘髙﨑邉渡齋0１9-ー〜\u200b㈱平"), max_size=9))
@settings(deadline=None, max_examples=200)
def test_a_query_compares_as_python_does(text):
    with public():
        Association.objects.filter(slug="tonan").update(name=text)
        assert Association.objects.filter(slug="tonan", name__same=text).exists()
        assert Association.objects.filter(slug="tonan", name__says=text[1:3]).exists() == (
            gapless(text[1:3]) in gapless(text)
        )


@given(TEXTS | st.text())
def test_what_is_folded_can_be_stored(text):
    assert "\0" not in folded(text)
    folded(text).encode()


@given(TEXTS | st.text())
def test_each_letter_knows_where_it_stood(text):
    same, places = folded_with_places(text)
    assert same == folded(text)
    assert len(places) == len(same) + 1
    assert places == sorted(places)


@given(TEXTS, TEXTS)
def test_marking_loses_no_letter_and_marks_what_answers(text, question):
    words = words_of(question)
    parts = marked(text, words)
    assert "".join(part.text for part in parts) == text
    assert any(part.found for part in parts) == any(word in folded(text) for word in words)


@given(st.text(), TEXTS, st.text())
def test_an_excerpt_shows_a_word_of_any_text_that_holds_it(before, word, after):
    words, text = words_of(word), before * 300 + "。" + word + after * 300
    holds = any(each in folded(text) for each in words)
    assert any(part.found for part in excerpt(text, words)) == holds
    assert sum(len(part.text) for part in excerpt(text, words)) <= 92


@given(TEXTS | st.text(), TEXTS | st.text(), st.text())
def test_the_index_holds_what_is_wanted_of_every_word_in_a_text(before, word, after):
    for each in words_of(word):
        assert wanted(each) <= grams(folded(before) + each + folded(after))


@given(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])), st.text())
def test_no_letters_of_the_usual_kind_look_like_a_tag(text, tag):
    assert not grams(folded(text).replace("\0", "")) & tag_numbers([tag.encode(errors="ignore").decode()])


def test_a_question_has_few_words_each_once():
    assert words_of("ゴミ ごみ　ｺﾞﾐ 日") == ("ごみ", "日")
    assert len(words_of(" ".join(map(str, range(50))))) == 8
    assert words_of(" \u3000\u202e\n") == ()
