"""What the demonstration's neighbourhoods write: the uses the two documents name, with days counted from today."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Notice:
    """A post `days` ago; `picture` names a scene, `pdf` asks for a one-page document."""

    days: int
    kind: str
    title: str
    body: str
    picture: str = ""
    alt: str = ""
    pdf: str = ""
    pinned: bool = False
    audience: str = "everyone"
    caption: str = ""
    event: str = ""  # the title of a plan


@dataclass(frozen=True)
class Plan:
    """An event `days` from today at `hour`; `rrule` in RFC 5545."""

    days: int
    hour: int
    hours: int
    title: str
    place: str
    description: str
    rrule: str = ""
    capacity: int | None = None  # with a line of those who wait
    asks: str = ""


NOTICES = (
    Notice(
        26,
        "notice",
        "このページの使い方",
        "お知らせは、ここに届きます。読むと、おうちの「はんこ」がつきます。\n\n登録しなくても困りません。紙の回覧は、これまでどおり届きます。",
    ),
    Notice(
        19,
        "report",
        "42人で公園の草を刈りました",
        "朝8時、すずしいうちに始めて1時間。子どもたちも袋を持ってくれました。ありがとうございました。\n\n次は来月の第2土曜です。",
        "seiso",
        "公園で、ほうきと袋を持って掃除をする人たち",
        caption="終わったあとは、みんなでお茶を飲みました",
    ),
    Notice(
        12,
        "notice",
        "集会所の今月の空きです",
        "土曜の午後と、日曜の午前が空いています。\n使いたい方は、集会所係までお知らせください。",
        "hall",
        "集会所の正面",
    ),
    Notice(
        9,
        "report",
        "防災訓練をしました",
        "消火器の使い方と、安否の知らせ方を練習しました。はじめての方も、30分で終わりました。",
        "drill",
        "集会所の前で、消火器の使い方を教わる人たち",
    ),
    Notice(
        6,
        "notice",
        "市民しんぶんと、地元にかかわる市の話",
        "市のホームページから、この町にかかわる話を選びました。\n\nhttps://www.city.kyoto.lg.jp/",
    ),
    Notice(
        4,
        "circular",
        "清掃活動のお手伝いをお願いします",
        "次の土曜の朝8時から、公園の清掃をします。1時間だけでも、とても助かります。\n\n・軍手と帽子を持ってきてください\n・ほうきと袋は、こちらで用意します\n・雨のときは、次の週にします\n\nできそうな方は、下の「手伝えます」を押してください。くわしい当番は、添付の表をごらんください。",
        pdf="清掃活動 当番表",
        pinned=True,
        event="朝の清掃活動",
    ),
    Notice(
        3, "notice", "今年度の相談と記録", "役員のあいだで決めたことを、ここに残していきます。", audience="officers"
    ),
    Notice(
        0,
        "urgent",
        "川の水が増えています",
        "川のそばへ行かないでください。集会所を開けています。心配な方は、どうぞお越しください。",
        "river",
        "黄色い目盛りまで水が上がった川",
    ),
)

COMMENTS = (
    "うちは2人で行けます。",
    "足が悪いので当日は行けませんが、袋づめは家でできます。",
    "ありがとうございます。助かります。",
)

PLANS = (
    Plan(5, 8, 1, "朝の清掃活動", "公園", "ほうきと袋は、こちらで用意します。", "FREQ=MONTHLY;BYDAY=2SA,4SA"),
    Plan(9, 19, 2, "役員会", "集会所", "来月の予定を決めます。", "FREQ=MONTHLY;BYDAY=1FR"),
    Plan(16, 10, 2, "登録会", "集会所", "スマホの使い方から、役員がお手伝いします。", capacity=20),
    Plan(
        23,
        13,
        3,
        "もちつき大会",
        "集会所の前",
        "雨のときは、次の日にします。朝7時にお知らせします。",
        asks="アレルギーはありますか",
    ),
)

MOVED = ("公園の工事のため、集会所の前から始めます。", "集会所の前")  # the second time of the first plan

CITY_DATES = (  # days from today, for how many days, kind
    (6, 0, "event", "防災行政無線の放送訓練"),
    (12, 13, "deadline", "地域活動の補助金の申し込み"),
)

COMMUNITIES = (
    ("組長のへや", "approval", "組長と役員が、困ったことと、その対応を残すところです。"),
    ("防災の会", "open", "備蓄の見なおしや、訓練の相談をします。"),
    ("子ども会", "open", "行事の写真と、次の予定をのせます。"),
)

RECORDS = (  # what happened, what was done, how it stands: for every leader's room
    ("雨で中止の連絡が遅れた", "朝6時に「緊急」で送ると決めた。紙の家には組長が電話する。", "rule"),
    ("ごみ置き場のカラス", "網を新しくした（8,400円）。まち美化事務所に相談した。", "done"),
    ("空き家の草が道に出ている", "区役所に伝えた。持ち主に手紙を出してもらう。", "waiting"),
)

BULLETIN = (
    "熱中症に気をつけて",
    "暑い日が続いています。\nのどがかわく前に、水を飲みましょう。\n近くのお年寄りにも、声をかけてください。",
)
DRAFT = ("合同防災訓練の係を決めます", "係の集まりをひらきます。\n\n各町内会から、1人ずつお願いします。")
SCHEDULED = ("冬の火の用心", "火を使うときは、そばをはなれないでください。\n\nこまったときは、消防署へお電話ください。")
SHARED = ("合同防災訓練", "小学校の運動場")
