from tests.staff_side import clock

__all__ = ["clock"]
