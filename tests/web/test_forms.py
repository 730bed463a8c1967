"""Forms speak like a neighbour and accept what people really type."""

import pytest
from django import forms

from web.forms import (
    Choices,
    CountField,
    FilesField,
    KairanForm,
    NormalizedCharField,
    ProseField,
    SixDigitField,
    Switch,
)


class RegistrationForm(KairanForm):
    name = NormalizedCharField(label="お名前", max_length=5)
    kana = NormalizedCharField(label="よみがな", required=False)
    email = forms.EmailField(label="メールアドレス", required=False, help_text="例：name@example.jp")
    group = forms.ChoiceField(
        label="組",
        choices=[("1", "1組"), ("2組から3組", [("2", "2組"), ("3", "3組")])],
        widget=Choices(layout="three", notes={"1": "川のそば"}),
    )
    households = CountField(label="加入世帯数", unit="世帯", min_value=1, required=False)
    code = SixDigitField(label="番号", required=False)
    body = ProseField(label="本文", required=False, widget=forms.Textarea)
    agreed = forms.BooleanField(label="きまりを読みました", required=False)
    pinned = forms.BooleanField(label="固定する", required=False, widget=Switch)
    own = forms.CharField(label="メモ", required=False, max_length=1, error_messages={"max_length": "1文字だけです。"})


def filled(**changes):
    return RegistrationForm({"name": "会員1", "group": "1", **changes})


def errors_of(**changes):
    return {name: list(errors) for name, errors in filled(**changes).errors.items()}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "お名前が、まだ入っていません。"),
        ({"name": "とても長い名前"}, "お名前は、5文字までにしてください。いまは7文字です。"),
        ({"group": ""}, "組が、まだ選ばれていません。"),
        ({"group": "9"}, "組を、もう一度選んでください。"),
        ({"email": "member"}, "メールアドレスの形が、ちがうようです。例：name@example.jp"),
        ({"households": "百"}, "加入世帯数は、数字で入れてください。例：120"),
        ({"households": "0"}, "加入世帯数は、1以上で入れてください。"),
        ({"code": "12"}, "6けたの番号を入れてください。"),
        ({"own": "ふたつ"}, "1文字だけです。"),
    ],
)
def test_an_error_is_one_whole_sentence_about_its_field(changes, sentence):
    assert errors_of(**changes) == {next(iter(changes)): [sentence]}


def test_full_width_letters_and_digits_are_understood():
    form = filled(name="会員　Ａ", kana="ｶｲｲﾝ", households="１，４００世帯", code="１２３-４５６")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["name"] == "会員 A"
    assert form.cleaned_data["kana"] == "カイイン"
    assert form.cleaned_data["households"] == 1400
    assert form.cleaned_data["code"] == "123456"


def test_prose_keeps_its_brackets_waves_and_lines():
    form = filled(body="7月26日（日）8:00〜9:00\r\n雨のときは中止")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["body"] == "7月26日（日）8:00〜9:00\n雨のときは中止"


@pytest.mark.parametrize("letter", ["\x07", "\u202e", "\n"])
def test_a_name_with_control_characters_is_refused(letter):
    assert list(errors_of(name=f"会{letter}員")) == ["name"]


def test_rare_characters_of_family_names_survive():
    assert filled(name="𠮷槗髙﨑邉").is_valid()


def test_a_field_shows_label_hint_error_and_ties_them_to_its_control():
    html = filled(email="member")["email"].as_field_group()
    assert '<label for="id_email">メールアドレス' in html
    assert '<span class="may">なくてもよい</span>' in html
    assert 'aria-describedby="id_email_helptext id_email_error"' in html
    assert 'aria-invalid="true"' in html
    assert html.index('id="id_email_helptext"') < html.index('id="id_email_error"') < html.index("<input")
    assert 'class="input"' in html
    assert "has-error" in html


def test_choices_are_a_fieldset_with_a_legend_notes_and_folded_groups():
    html = filled(group="")["group"].as_field_group()
    assert '<fieldset class="field has-error" id="id_group"' in html
    assert "<legend>組" in html
    assert html.count('type="radio"') == 3
    assert "川のそば" in html
    assert "2組から3組</summary>" in html
    assert html.count('class="choices three"') == 2


def test_a_folded_group_opens_when_something_in_it_is_chosen():
    assert "<details open" not in filled(group="1")["group"].as_field_group().replace('class="help" ', "")
    assert "<details open" in filled(group="2")["group"].as_field_group().replace('class="help" ', "")


def test_a_number_stands_beside_its_unit_and_a_code_is_large():
    assert "<span>世帯</span>" in filled()["households"].as_field_group()
    code = filled()["code"].as_field_group()
    assert 'class="code-input"' in code
    assert 'autocomplete="one-time-code"' in code


def test_a_tick_and_a_switch_carry_their_words_as_label():
    assert '<label class="choice" for="id_agreed">' in filled()["agreed"].as_field_group()
    switch = filled()["pinned"].as_field_group()
    assert '<label class="switch" for="id_pinned">' in switch
    assert 'role="switch"' in switch


def test_what_was_typed_stays_and_is_escaped():
    html = str(filled(name='"><script>'))
    assert "<script>" not in html
    assert "&quot;&gt;&lt;script&gt;" in html


def test_the_summary_counts_the_places_and_links_to_them():
    html = str(RegistrationForm({"name": ""}))
    assert "2か所、なおしてください" in html
    assert '<a href="#id_name">お名前が、まだ入っていません。</a>' in html
    assert '<a href="#id_group">組が、まだ選ばれていません。</a>' in html


def test_the_summary_says_what_concerns_the_whole_form():
    form = filled()
    form.add_error(None, "この番号は、もう使われています。")
    assert "もう一度、たしかめてください" in str(form)
    assert "この番号は、もう使われています。" in str(form)


def test_a_good_form_has_no_summary():
    assert "alert" not in str(filled())


def test_several_files_at_once_and_none():
    class PhotoForm(KairanForm):
        photos = FilesField(label="写真")

    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils.datastructures import MultiValueDict

    two = MultiValueDict({"photos": [SimpleUploadedFile("1.jpg", b"1"), SimpleUploadedFile("2.jpg", b"2")]})
    chosen = PhotoForm({}, two)
    assert chosen.is_valid(), chosen.errors
    assert [photo.name for photo in chosen.cleaned_data["photos"]] == ["1.jpg", "2.jpg"]
    assert PhotoForm({}, MultiValueDict()).errors["photos"] == ["写真が、まだ選ばれていません。"]
