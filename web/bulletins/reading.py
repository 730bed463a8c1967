"""Whether a text is easy to read: its sentences, and which of them are long."""

import re

LONG = 60  # letters


def long_sentences(text: str) -> list[str]:
    """Those a reader would have to begin twice; addresses do not count."""
    plain = re.sub(r"https?://\S+", "", text)
    sentences = (part.strip() for line in plain.splitlines() for part in re.split(r"(?<=[。！？])", line))
    return [sentence for sentence in sentences if len(sentence) > LONG]
