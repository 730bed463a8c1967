"""How one hears of news, stopping a mail from the mail, and the rule on comments."""

from email import message_from_string
from email.policy import default
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client

from controlplane.accounts.contacts import Contact
from controlplane.accounts.models import LoginCode
from controlplane.tenancy import bound
from tenants.calendar.models import Event
from tenants.feed import letters, news
from tenants.feed.models import Post, Receiving


def choice(tonan, member):
    with bound(tonan):
        return Receiving.of(member).choice


def test_a_member_chooses_how_to_hear_of_news(client_for, member, tonan):
    client = client_for(member)
    page = client.get("/news/").content.decode()
    assert "member@tonan.example.jp" in page
    assert "1日1回" in page
    answer = client.post("/news/", {"choice": "now"}, follow=True)
    assert "受け取り方を「すぐに」にしました" in answer.content.decode()
    assert choice(tonan, member) == "now"
    for wrong in ("", "x"):
        assert client.post("/news/", {"choice": wrong}).status_code == 422
    assert choice(tonan, member) == "now"


def test_a_mail_is_stopped_from_the_mail_by_pressing_a_button(browser, member, tonan, fujishiro):
    with bound(tonan):
        url = f"/news/stop/{Receiving.of(member).token}/"
    anybody = browser(tonan)
    assert "止めますか" in anybody.get(url).content.decode()
    assert choice(tonan, member) == "daily"
    assert "メールを止めました" in anybody.post(url).content.decode()
    assert choice(tonan, member) == "none"
    assert browser(fujishiro).post(url).status_code == 404
    assert anybody.get(f"{url[:-2]}x/").status_code == 404


def test_a_mail_program_stops_the_mails_with_one_click(officer, member, tonan, fujishiro, mailoutbox, run_tasks):
    with run_tasks(), bound(tonan):
        Receiving.of(member).choose("now")
        post = Post.write(by=officer, title="資源回収の日が変わります")
        Post.objects.filter(pk=post.pk).update(tell_at=post.publish_at)
        news.tell_of(post.pk)
    (letter,) = mailoutbox
    head = message_from_string(letter.message().as_string(), policy=default)
    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = head["List-Unsubscribe"].strip(" <>")
    assert url in letter.body
    path, one_click = urlsplit(url).path, {"List-Unsubscribe": "One-Click"}
    program, elsewhere = (
        Client(enforce_csrf_checks=True, HTTP_HOST=f"{place.slug}.{settings.APEX_HOST}") for place in (tonan, fujishiro)
    )
    assert elsewhere.post(path, one_click).status_code == 404
    assert choice(tonan, member) == "now"
    answer = program.post(path, one_click)
    assert (answer.status_code, choice(tonan, member)) == (200, "none")
    assert program.post(path, one_click).status_code == 200


def test_a_day_s_mail_has_the_button_and_what_must_arrive_has_none(
    officer, leader, member, tonan, mailoutbox, run_tasks
):
    with run_tasks(), bound(tonan):
        urgent = Post.write(by=officer, kind="urgent", title="橋が通れません")
        Post.write(by=officer, title="草とり")
        event = Event.objects.get()
        event.answer(member, "yes")
        event.cancel(by=officer)
        LoginCode.objects.send(Contact.parse(leader.user.email), asked_from="192.0.2.9", site_name=tonan.name)
        letters.digest(member, [urgent])
    buttons = {letter.subject: "List-Unsubscribe" in letter.extra_headers for letter in mailoutbox}
    with_one = [subject for subject, button in buttons.items() if button]
    assert len(buttons) >= 4
    assert with_one == ["【桃南会】新しいお知らせ 1件"]


def test_officers_close_comments_for_the_whole_association(client_for, officer, member):
    desk = client_for(officer)
    assert "決めごと" in desk.get("/menu/talk/").content.decode()
    desk.post("/menu/talk/", {"reactions": "on"})
    page = client_for(member).get("/posts/1/").content.decode()
    assert "コメントを送る" not in page
    assert "ありがとう" in page
    assert client_for(member).post("/posts/1/comment/", {"body": "x"}).status_code == 422
    desk.post("/menu/talk/", {"comments": "on"})
    page = client_for(member).get("/posts/1/").content.decode()
    assert "コメントを送る" in page
    assert 'id="reactions"' not in page


def test_only_officers_and_nobody_from_outside(client_for, member, outsider, browser, tonan):
    assert client_for(member).get("/menu/talk/").status_code == 404
    assert client_for(member).post("/menu/talk/", {"comments": "on"}).status_code == 404
    assert browser(tonan).get("/news/").status_code == 302
    with bound(tonan):
        before = Post.objects.count()
    assert client_for(outsider).post("/news/", {"choice": "none"}).status_code == 302
    with bound(tonan):
        assert not Receiving.objects.exists()
        assert Post.objects.count() == before
