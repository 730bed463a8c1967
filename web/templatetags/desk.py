"""How the desks of operations and the city write times of machines, telephone numbers and shares."""

import datetime as dt

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.accounts.contacts import show_phone

register = template.Library()


@register.filter
def phone_ja(value: str) -> str:
    """+81751234567 is 075-123-4567."""
    return show_phone(value)


@register.filter
def seconds_ja(value: dt.datetime | None) -> str:
    """9:41:02."""
    if not value:
        return ""
    moment = timezone.localtime(value)
    return f"{moment.hour}:{moment:%M:%S}"


@register.filter
def took_ja(start: dt.datetime | None, end: dt.datetime | None) -> str:
    """0.02秒, 28秒."""
    if start is None or end is None or end < start:
        return ""
    seconds = (end - start).total_seconds()
    return _("%(count)s秒") % {"count": f"{seconds:.2f}" if seconds < 10 else f"{seconds:.0f}"}


@register.filter
def left_ja(until: dt.datetime) -> str:
    """How long something still holds: 12分, 3時間, 2日."""
    minutes = max(1, -(-int((until - timezone.now()).total_seconds()) // 60))
    if minutes <= 90:
        return _("%(count)s分") % {"count": minutes}
    hours = round(minutes / 60)
    return _("%(count)s時間") % {"count": hours} if hours < 48 else _("%(count)s日") % {"count": round(hours / 24)}


VERBS = {
    "application.submit": gettext_lazy("申し込みを受け取った"),
    "application.approve": gettext_lazy("申し込みを承認した"),
    "application.ask": gettext_lazy("質問を送った"),
    "application.answer": gettext_lazy("質問に返事をした"),
    "application.reject": gettext_lazy("申し込みをお断りした"),
    "run.live": gettext_lazy("ページを公開した"),
    "run.retry": gettext_lazy("作業をやりなおした"),
    "association.suspend": gettext_lazy("ページを止めた"),
    "association.resume": gettext_lazy("ページをまた開いた"),
    "association.close": gettext_lazy("ページを閉じた"),
    "association.undo_close": gettext_lazy("閉じるのを取り消した"),
    "association.dump": gettext_lazy("データを書き出して、たしかめた"),
    "association.approve_drop": gettext_lazy("データを消すことを承認した"),
    "association.drop": gettext_lazy("データをすべて消した"),
    "association.rename": gettext_lazy("アドレスを変えた"),
    "association.import": gettext_lazy("持ち出したデータから、ページをつくった"),
    "association.restore": gettext_lazy("データを前のときに戻した"),
    "archive.ask": gettext_lazy("データの持ち出しを頼んだ"),
    "archive.fetch": gettext_lazy("持ち出したデータを受け取った"),
    "domain.ask": gettext_lazy("独自のアドレスを足した"),
    "domain.prove": gettext_lazy("独自のアドレスをたしかめた"),
    "domain.make_primary": gettext_lazy("おもなアドレスを変えた"),
    "domain.switch_off": gettext_lazy("独自のアドレスをやめた"),
    "message.resend": gettext_lazy("もう一度送った"),
    "staff.sign_in": gettext_lazy("入った"),
    "staff.wrong_code": gettext_lazy("番号をまちがえた"),
    "staff.wrong_passkey": gettext_lazy("パスキーが合わなかった"),
    "staff.pause": gettext_lazy("何度もまちがえて、お休みになった"),
    "staff.use_recovery_code": gettext_lazy("予備の番号を使った"),
    "staff.make_recovery_codes": gettext_lazy("予備の番号をつくった"),
    "staff.add_factor": gettext_lazy("入るときの守りを足した"),
    "staff.remove_factor": gettext_lazy("入るときの守りを外した"),
    "account.put_contact_back": gettext_lazy("入るときの連絡先を、もとにもどした"),
    "staff.reset_factors": gettext_lazy("ほかの人の守りを、はじめからにした"),
    "staff.sign_out_everywhere": gettext_lazy("すべての画面から出た"),
    "support.ask": gettext_lazy("サポートで見せてほしいと頼んだ"),
    "support.grant": gettext_lazy("サポートに見てよいことにした"),
    "support.revoke": gettext_lazy("サポートを終わりにした"),
    "support.decline": gettext_lazy("サポートに見せないことにした"),
    "support.come_in": gettext_lazy("サポートで団体のページに入った"),
    "fleet.migrate": gettext_lazy("すべての団体を更新した"),
    "fleet.retry": gettext_lazy("更新をもう一度ためした"),
    "subscription.start_checkout": gettext_lazy("有料プランの手続きをはじめた"),
    "subscription.change_plan": gettext_lazy("プランが変わった"),
    "association.forget_dump": gettext_lazy("書き出したデータを消した"),
    "bulletin.publish": gettext_lazy("お知らせを送った"),
    "bulletin.edit": gettext_lazy("送ったお知らせをなおした"),
    "bulletin.withdraw": gettext_lazy("送ったお知らせを取り下げた"),
    "city_date.announce": gettext_lazy("市の日にちを出した"),
    "city_date.correct": gettext_lazy("市の日にちをなおした"),
    "city_date.withdraw": gettext_lazy("市の日にちを消した"),
    "federation.ask": gettext_lazy("連合会への参加を頼んだ"),
    "federation.accept": gettext_lazy("連合会への参加を受けた"),
    "federation.end": gettext_lazy("連合会への参加を終わりにした"),
    "support.read": gettext_lazy("サポートでページを開いた"),
    "support.leave": gettext_lazy("サポートのページから出た"),
}


@register.filter
def verb_ja(verb: str) -> str:
    """What an entry of the audit trail says was done; a verb without a sentence says itself."""
    return str(VERBS.get(verb, verb))


FACTS = {
    "slug": gettext_lazy("アドレス"),
    "before": gettext_lazy("前"),
    "host": gettext_lazy("アドレス"),
    "reason": gettext_lazy("理由"),
    "until": gettext_lazy("取り消せる日"),
    "dump": gettext_lazy("書き出しの指紋"),
    "bytes": gettext_lazy("大きさ"),
    "title": gettext_lazy("題名"),
    "name": gettext_lazy("名前"),
    "kind": gettext_lazy("種類"),
    "path": gettext_lazy("ページ"),
    "plan": gettext_lazy("プラン"),
    "factor": gettext_lazy("入るときの守り"),
    "audience": gettext_lazy("届け先"),
    "left": gettext_lazy("残り"),
    "tries": gettext_lazy("回数"),
    "migrated": gettext_lazy("更新した団体"),
}

SAID = {
    "all": gettext_lazy("市全体"),
    "ward": gettext_lazy("1つの区"),
    "federation": gettext_lazy("1つの自治連合会"),
    "passkey": gettext_lazy("パスキー"),
    "app": gettext_lazy("認証アプリ"),
    "recovery": gettext_lazy("予備の番号"),
}


@register.filter
def said_ja(value: object) -> str:
    """What a detail of an entry says, where it is one of our own words."""
    return str(SAID.get(value, value) if isinstance(value, str) else value)


@register.filter
def fact_ja(name: str) -> str:
    """What a detail of an entry is; one without a word is called by its own name."""
    return str(FACTS.get(name, name))


REASONS = {
    "421": gettext_lazy("相手が混んでいる"),
    "450": gettext_lazy("相手が受け取れない"),
    "452": gettext_lazy("受信箱がいっぱい"),
    "550": gettext_lazy("あて先がない"),
    "552": gettext_lazy("受信箱がいっぱい"),
    "553": gettext_lazy("あて先の書き方がちがう"),
    "554": gettext_lazy("迷惑メールとして断られた"),
    "400": gettext_lazy("番号がちがう"),
    "404": gettext_lazy("番号がない"),
}


@register.filter
def reason_ja(code: str) -> str:
    """550 5.1.1 is あて先がない; a code without a sentence is そのほか."""
    return str(REASONS.get(code.partition(" ")[0], _("そのほか")))


@register.filter
def percent(share: float | None) -> str:
    """0.27 is 27%; what is hidden is a dash."""
    return "—" if share is None else f"{100 * share:.0f}%"
