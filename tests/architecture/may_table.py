"""The rule as people say it: which act on what is whose. The one place where `test_may` takes its expectations from."""

from tenants.members.models import Act

# Who they are. 防災の会 is a community: the second leader is in it by the seat, the officer is outside.
INSIDE = {"member", "moderator", "second leader", "representative"}
OFFICE = {"officer", "representative"}
LEADERS = {"leader", "second leader"}  # of 1組 and 2組
FORMER = {"former leader", "former officer", "former representative", "former moderator"}
EVERYBODY = {"member", "neighbour", "moderator"} | OFFICE | LEADERS | FORMER
NOBODY: set[str] = set()
REPRESENTATIVE = {"representative"}
IN_1 = {"neighbour", "leader", "representative", "former leader"} | OFFICE  # who reads what is said to 1組
OUTSIDER = "outsider"

# The rule. Things are made in `scene`; None is the question whether there is anything at all.
TABLE: dict[Act, dict[str | None, set[str]]] = {
    Act.MIND_ONESELF: {None: EVERYBODY},
    Act.SEE_ROSTER: {
        None: OFFICE | LEADERS,
        "home in 1組": OFFICE | {"leader"},
        "home in 2組": OFFICE | {"second leader"},
    },
    Act.MIND_HOME: {"home in 1組": OFFICE, "neighbour's home": OFFICE | {"neighbour"}},
    Act.KEEP_HOME: {None: OFFICE, "home in 1組": OFFICE, "neighbour's home": OFFICE},
    Act.CORRECT_PERSON: {"neighbour": OFFICE | {"neighbour"}},
    Act.ADMIT: {"waiting": OFFICE},
    Act.TAKE_OUT: {"neighbour": OFFICE | {"neighbour"}},
    Act.ERASE: {"neighbour": OFFICE | {"neighbour"}},
    Act.INVITE: {
        None: OFFICE | LEADERS,
        "invitation into 1組": OFFICE | {"leader"},
        "invitation into 2組": OFFICE | {"second leader"},
        "invitation to 会計": OFFICE,
        "invitation to 会長": REPRESENTATIVE,
    },
    Act.WITHDRAW_INVITATION: {"invitation into 1組": OFFICE | {"leader"}, "invitation to 会計": OFFICE},
    Act.KEEP_GROUPS: {None: OFFICE, "1組": OFFICE},
    Act.SEE_SEATS: {None: OFFICE},
    Act.MAKE_SEAT: {None: OFFICE},
    Act.HAND_OVER: {"会計": OFFICE, "会長": REPRESENTATIVE},
    Act.SEE_PLAN: {None: OFFICE},
    Act.SEE_USAGE: {None: OFFICE},
    Act.CHOOSE_PLAN: {None: REPRESENTATIVE},
    Act.TAKE_EVERYTHING_ALONG: {None: REPRESENTATIVE},
    Act.CHOOSE_ADDRESS: {None: REPRESENTATIVE},
    Act.SEE_SUPPORT: {None: OFFICE},
    Act.LET_SUPPORT_IN: {None: REPRESENTATIVE},
    Act.END_SUPPORT: {None: OFFICE},
    Act.DEAL_WITH_FEDERATIONS: {None: OFFICE},
    Act.START_COMMUNITY: {None: OFFICE},
    Act.ENTER_COMMUNITY: {"防災の会": EVERYBODY, "役員のへや": OFFICE},
    Act.LEAD_COMMUNITY: {None: OFFICE | {"moderator"}, "防災の会": OFFICE | {"moderator"}},
    Act.REOPEN_COMMUNITY: {"防災の会": OFFICE},
    Act.WRITE_RECORD: {None: OFFICE | LEADERS | INSIDE, "1組 組長": {"leader"}, "防災の会": INSIDE},
    Act.EDIT_RECORD: {"record of 1組 組長": {"leader"}, "member's record in 防災の会": {"member"}},
    Act.REMOVE_RECORD: {
        "record of 1組 組長": {"leader"},
        "member's record in 防災の会": {"member", "moderator", "representative"},
    },
    Act.WRITE_POST: {
        None: OFFICE | LEADERS | INSIDE,
        "post to everyone": OFFICE,
        "post to 1組": OFFICE | {"leader"},
        "post to 2組": OFFICE | {"second leader"},
        "post to the seats": OFFICE | LEADERS,
        "post to officers": OFFICE,
        "post into 防災の会": INSIDE,
    },
    Act.PIN_POST: {None: OFFICE, "member's talk": OFFICE | {"moderator"}},
    Act.EDIT_POST: {
        "chair's notice": OFFICE,
        "treasurer's notice": OFFICE,  # signed by the seat, by somebody who has left it
        "unsigned notice": NOBODY,  # of somebody who spoke to all as an officer, and is none any more
        "leader's word": OFFICE | {"leader"},
        "former leader's word": NOBODY,
        "member's talk": {"member"},
        "seat's talk": {"second leader", "representative"},
    },
    Act.WITHDRAW_POST: {
        "chair's notice": OFFICE,
        "treasurer's notice": OFFICE,
        "unsigned notice": OFFICE,
        "leader's word": OFFICE | {"leader"},
        "former leader's word": OFFICE,
        "member's talk": {"member"},
        "seat's talk": {"second leader", "representative"},
    },
    Act.ANSWER_POST: {"chair's notice": EVERYBODY, "leader's word": IN_1, "member's talk": INSIDE},
    Act.REMOVE_COMMENT: {
        "comment on the notice": OFFICE | {"member"},
        "comment in the talk": {"member", "representative"},
    },
    Act.REPORT: {"chair's notice": EVERYBODY, "member's talk": INSIDE},
    Act.HIDE: {
        "chair's notice": OFFICE,
        "member's talk": {"representative"},
        "reported talk": OFFICE | {"moderator"},
    },
    Act.SETTLE: {
        None: OFFICE | {"moderator"},
        "report": OFFICE,
        "moderator's hiding": OFFICE | {"moderator"},
        "former moderator's hiding": OFFICE,
    },
    Act.SEE_REPORTS: {None: OFFICE},
    Act.RULE_TALK: {None: OFFICE},
    Act.SEE_REACH: {"circular": OFFICE | LEADERS, "leader's word": OFFICE | {"leader"}},
    Act.CONFIRM_FOR: {"home in 1組": OFFICE | {"leader"}, "home in 2組": OFFICE | {"second leader"}},
    Act.TAKE_SEAL_BACK: {"former leader's seal": OFFICE},
    Act.HAND_PAPER: {"home in 1組": OFFICE | {"leader"}, "home in 2組": OFFICE | {"second leader"}},
    Act.SEND_FILES: {None: EVERYBODY},
    Act.DESCRIBE_FILE: {"photo of the notice": OFFICE, "photo of the talk": {"member"}},
    Act.REMOVE_FILE: {"photo of the notice": OFFICE, "photo of the talk": {"member", "representative"}},
    Act.SEE_ROOM: {None: OFFICE},
    Act.PLAN_EVENT: {
        None: OFFICE | LEADERS | INSIDE,
        "event for everyone": OFFICE | LEADERS,
        "event for officers": OFFICE,
        "event in 防災の会": INSIDE,
    },
    Act.SHARE_EVENT: {None: OFFICE},
    Act.CHANGE_EVENT: {
        "leader's event": OFFICE | {"leader"},
        "former leader's event": OFFICE,
        "former officer's event": OFFICE,
        "former representative's event": OFFICE,
        "officers' event": OFFICE,
        "member's event": {"member", "moderator", "representative"},
    },
    Act.ANSWER_EVENT: {"leader's event": EVERYBODY, "member's event": INSIDE, "officers' event": OFFICE},
    Act.ANSWER_FOR: {"home in 1組": OFFICE | {"leader"}, "home in 2組": OFFICE | {"second leader"}},
    Act.SEE_ANSWERS: {None: OFFICE},
    Act.FILL_CALENDAR: {None: OFFICE},
}
