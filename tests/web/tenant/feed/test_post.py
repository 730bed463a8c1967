"""One post: reading presses the seal, then people react, talk, print."""

import pytest

from controlplane.tenancy import bound
from tenants.feed.models import Comment, Post
from tenants.members.models import Household


@pytest.fixture
def post(tonan, officer):
    with bound(tonan):
        return Post.write(
            by=officer, title="夏まつりのお手伝い", body="とき　8月1日\n\nhttps://example.jp/ をごらんください。"
        )


def reload(tonan, post):
    with bound(tonan):
        return Post.objects.get(pk=post.pk)


def test_opening_a_post_presses_the_household_s_seal_once(client_for, member, tonan, post):
    client = client_for(member)
    first = client.get(f"/posts/{post.pk}/").content.decode()
    assert f"{member.household.name}さんのお宅は見ました" in first
    assert "1世帯が見ました" in first
    client.get(f"/posts/{post.pk}/")
    assert reload(tonan, post).read_households == 1


def test_a_link_in_the_text_can_be_followed(client_for, member, post):
    assert (
        '<a href="https://example.jp/" rel="nofollow noopener noreferrer ugc">'
        in client_for(member).get(f"/posts/{post.pk}/").content.decode()
    )


def test_a_reaction_is_set_changed_and_taken_back(client_for, member, tonan, post):
    client = client_for(member)
    url = f"/posts/{post.pk}/reaction/"
    for kind, counts in (("help", {"help": 1}), ("thanks", {"thanks": 1}), ("thanks", {})):
        assert client.post(url, {"kind": kind}).status_code == 302
        assert reload(tonan, post).reaction_counts == counts


def test_a_reaction_by_htmx_brings_back_the_buttons_alone(client_for, member, post):
    answer = client_for(member).post(f"/posts/{post.pk}/reaction/", {"kind": "help"}, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert text.count('aria-pressed="true"') == 1
    assert "<html" not in text


def test_an_unknown_reaction_is_not_found(client_for, member, post):
    assert client_for(member).post(f"/posts/{post.pk}/reaction/", {"kind": "x"}).status_code == 404


def test_a_comment_stands_under_the_post(client_for, member, post):
    client = client_for(member)
    answer = client.post(f"/posts/{post.pk}/comment/", {"body": "2人で行けます。\n<b>テント</b>"}, follow=True)
    text = answer.content.decode()
    assert "2人で行けます。" in text
    assert "&lt;b&gt;テント" in text
    assert "コメント 1件" in text


def test_an_empty_comment_says_what_to_do_and_keeps_the_page(client_for, member, post):
    client = client_for(member)
    answer = client.post(f"/posts/{post.pk}/comment/", {"body": " "})
    assert answer.status_code == 422
    assert "コメントが、まだ書かれていません。" in answer.content.decode()
    by_htmx = client.post(f"/posts/{post.pk}/comment/", {"body": ""}, headers={"HX-Request": "true"})
    assert by_htmx.status_code == 422
    assert "<html" not in by_htmx.content.decode()


def test_closed_comments_offer_no_form_and_keep_what_was_typed(client_for, member, tonan, post):
    with bound(tonan):
        Post.objects.filter(pk=post.pk).update(comments_open=False)
    client = client_for(member)
    assert "コメントを送る" not in client.get(f"/posts/{post.pk}/").content.decode()
    assert client.post(f"/posts/{post.pk}/comment/", {"body": "ひとこと"}).status_code == 422


def test_one_s_own_comment_goes_away_after_asking(client_for, member, tonan, post):
    with bound(tonan):
        comment = post.comment(by=member, body="まちがえました")
    client = client_for(member)
    assert "消しますか" in client.get(f"/comments/{comment.pk}/remove/").content.decode()
    text = client.post(f"/comments/{comment.pk}/remove/", follow=True).content.decode()
    assert "まちがえました" not in text
    with bound(tonan):
        assert Comment.objects.get(pk=comment.pk).removed_at


def test_another_s_comment_is_only_an_officer_s_to_remove(client_for, member, officer, tonan, post):
    with bound(tonan):
        comment = post.comment(by=officer, body="役員の言葉")
        other = post.comment(by=member, body="会員の言葉")
    assert client_for(member).get(f"/comments/{comment.pk}/remove/").status_code == 404
    assert client_for(member).post(f"/comments/{comment.pk}/remove/").status_code == 404
    assert client_for(officer).post(f"/comments/{other.pk}/remove/").status_code == 302


def test_officers_find_their_work_under_the_post_and_members_do_not(client_for, member, officer, leader, post):
    url = f"/posts/{post.pk}/"
    assert f"/posts/{post.pk}/edit/" in client_for(officer).get(url).content.decode()
    assert f"/posts/{post.pk}/delivery/" in client_for(leader).get(url).content.decode()
    assert f"/posts/{post.pk}/edit/" not in client_for(leader).get(url).content.decode()
    assert f"/posts/{post.pk}/delivery/" not in client_for(member).get(url).content.decode()


def test_the_paper_version_has_a_qr_code_and_no_list_for_members(client_for, member, post):
    text = client_for(member).get(f"/posts/{post.pk}/paper/").content.decode()
    assert "夏まつりのお手伝い" in text
    assert 'class="segno"' in text
    assert "紙の家" not in text


def test_the_paper_version_lists_the_houses_on_paper_for_who_carries_it(client_for, officer, leader, tonan, post):
    with bound(tonan):
        Household.objects.create(name="2組の紙の家", group_id=2, channel="paper")
    assert "2組の紙の家" in client_for(officer).get(f"/posts/{post.pk}/paper/").content.decode()
    assert "2組の紙の家" not in client_for(officer).get(f"/posts/{post.pk}/paper/?group=1").content.decode()
    own = client_for(leader).get(f"/posts/{post.pk}/paper/").content.decode()
    assert "紙の家" in own
    assert "2組の紙の家" not in own


def test_the_paper_version_is_a_pdf_too(client_for, member, post):
    answer = client_for(member).get(f"/posts/{post.pk}/paper.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(client_for, member, post, method):
    assert getattr(client_for(member), method)(f"/posts/{post.pk}/").status_code == 405


@pytest.mark.parametrize("path", ["", "paper/", "paper.pdf", "edit/", "remove/"])
def test_the_outsider_gets_nothing(client_for, outsider, post, path):
    assert client_for(outsider).get(f"/posts/{post.pk}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["comment/", "reaction/", "edit/", "remove/"])
def test_the_outsider_changes_nothing(client_for, outsider, post, path, tonan):
    answer = client_for(outsider).post(f"/posts/{post.pk}/{path}", {"body": "よそ者", "kind": "help"})
    assert answer.status_code == 404
    assert reload(tonan, post).withdrawn_at is None
