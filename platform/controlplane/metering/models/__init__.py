"""What is counted across all associations: who asks for codes, to whom they go, what short messages cost.

Schema: public only. Limits live where the harm is: at a telephone number, a mailbox, a network address, a bill. Whoever
counts does so in the transaction that acts, which steps into `public` for that moment, as `dispatch.Waiting` does.
Contacts and addresses stand here as keyed digests alone, and for two days.
"""

from controlplane.metering.models.ceilings import CeilingHour
from controlplane.metering.models.counts import Act, Count, key_of
from controlplane.metering.models.long_codes import LongCode
from controlplane.metering.models.spending import Kind, Open, SmsUse, Stop, codes_open, parts_of
from controlplane.metering.models.usage import Usage

__all__ = [
    "Act",
    "CeilingHour",
    "Count",
    "Kind",
    "LongCode",
    "Open",
    "SmsUse",
    "Stop",
    "Usage",
    "codes_open",
    "key_of",
    "parts_of",
]
