"""Paid features: the words billing and the tenants' apps share without knowing each other."""

from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext_lazy


class Feature(models.TextChoices):
    DELIVERY_LEDGER = "delivery_ledger", gettext_lazy("どの世帯に届いたか")
    SURVEYS = "surveys", gettext_lazy("アンケート")
    FOLDERS = "folders", gettext_lazy("書類")
    TALK = "talk", gettext_lazy("話")
    SAFETY_CHECK = "safety_check", gettext_lazy("安否確認")
    HALL_BOOKING = "hall_booking", gettext_lazy("集会所の予約")
    ASSEMBLY_PACK = "assembly_pack", gettext_lazy("総会の書面議決")
    MEMBER_ASSOCIATIONS = "member_associations", gettext_lazy("加盟する自治会へのお知らせ")
    DOCUMENT_DESK = "document_desk", gettext_lazy("提出物の受付")
    STORAGE_20 = "storage_20", gettext_lazy("写真と書類の置き場 20 GB")
    STORAGE_100 = "storage_100", gettext_lazy("写真と書類の置き場 100 GB")
    SMS_50 = "sms_50", gettext_lazy("ショートメール 月50通")
    SMS_300 = "sms_300", gettext_lazy("ショートメール 月300通")


# How much may be kept: a grant like the others, with an end like theirs. Without one, what everybody has.
FREE_STORAGE_GB = 2
STORAGE_GB = {Feature.STORAGE_20: 20, Feature.STORAGE_100: 100}


def storage_gb(features: Collection[str]) -> int:
    """How many gigabytes these grants allow: the largest counts."""
    return max((gb for feature, gb in STORAGE_GB.items() if feature in features), default=FREE_STORAGE_GB)


# Short messages a month for news. Codes to come in by are not among them: they cost nobody anything.
FREE_SMS = 0
SMS_A_MONTH = {Feature.SMS_50: 50, Feature.SMS_300: 300}


def sms_a_month(features: Collection[str]) -> int:
    """How many short messages of news these grants allow: the largest counts."""
    return max((messages for feature, messages in SMS_A_MONTH.items() if feature in features), default=FREE_SMS)


# What this release can do, but for room and short messages, which a plan says in numbers. A plan shows only these,
# however long its list will become.
BUILT = frozenset({Feature.DELIVERY_LEDGER, Feature.MEMBER_ASSOCIATIONS})


class FeatureOff(Exception):
    """A paid feature is asked for that the association has not switched on."""

    def __init__(self, feature: Feature) -> None:
        super().__init__(feature.label)
        self.feature = feature
