"""The second factor of operators and city staff. Schema: public only."""

from controlplane.staff.models.factors import DigitsOff, Paused, SecondFactor, WrongFactor, staff_name
from controlplane.staff.models.passkeys import Passkey

__all__ = ["DigitsOff", "Passkey", "Paused", "SecondFactor", "WrongFactor", "staff_name"]
