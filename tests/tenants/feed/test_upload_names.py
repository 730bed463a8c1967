"""File names of uploads: what members see and download by, whatever was sent."""

import io
import unicodedata

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tenants.feed.uploads import NAME_LENGTH, clean


def named(name: str) -> str:
    """What becomes of a photo's name that reaches us as it was sent."""
    drawn = io.BytesIO()
    Image.new("RGB", (8, 8)).save(drawn, "PNG")
    file = SimpleUploadedFile("x", drawn.getvalue())
    file._name = name  # past Django's own cleaning
    return clean(file).name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("夏まつり.JPG", "夏まつり.webp"),
        ("..\\..\\windows\\a.png", "a.webp"),
        ("お知らせ\r\nSet-Cookie: x=1.jpg", "お知らせSet-Cookie_ x=1.webp"),
        ("まつり\u202egpj.exe", "まつりgpj.webp"),
        ("が.jpg", "が.webp"),
        ("か\u3099.jpg", "が.webp"),
        (".jpg", "写真.webp"),
        ("\u200b.jpg", "写真.webp"),
        ('a"<b>|c?.jpg', "a__b__c_.webp"),
        ("令和8年度 第3回.v2", "令和8年度 第3回.webp"),
    ],
)
def test_a_name_is_shown_without_tricks(given: str, kept: str) -> None:
    assert named(given) == kept


def test_no_name_is_too_long_or_leaves_its_folder() -> None:
    for name in ("../../etc/passwd", "/etc/passwd", "長" * 300 + ".jpg", "a" * 300, "\0\r\n", "..", "CON", "𠮷" * 300):
        kept = named(name)
        assert 0 < len(kept) <= NAME_LENGTH
        assert kept.endswith(".webp")
        assert not set(kept) & set('/\\:"\r\n\0')
        assert unicodedata.is_normalized("NFC", kept)
