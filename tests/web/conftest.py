"""Staff at their browsers: see tests.staff_side."""

from tests.staff_side import clock, person_at, required, settled

__all__ = ["clock", "person_at", "required", "settled"]
