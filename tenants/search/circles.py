"""To which circle of readers something was said, as a tag: spares looking at what a member is not shown anyway.

It never lets anybody see anything; a shelf's `visible` has the say.
"""

EVERYONE = "to:everyone:"


def circle(audience: str, within: int | None = None) -> str:
    """`within` is the group or the community."""
    return f"to:{audience}:{within or ''}"
