"""From an entry form to a live site, and to its end: applications, runs, closures. Schema: public only."""

from provisioning.models.applications import Application, NotOpen, Question
from provisioning.models.approvals import Approval
from provisioning.models.archives import Archive
from provisioning.models.closures import Closure
from provisioning.models.erasures import Erasure
from provisioning.models.fleet import Rollout
from provisioning.models.queue import Stage
from provisioning.models.releases import SchemaRelease
from provisioning.models.rollouts import Fleet, RolloutRecord
from provisioning.models.runs import Run, Step
from provisioning.models.spares import Spare

__all__ = [
    "Application",
    "Approval",
    "Archive",
    "Closure",
    "Erasure",
    "Fleet",
    "NotOpen",
    "Question",
    "Rollout",
    "RolloutRecord",
    "Run",
    "SchemaRelease",
    "Spare",
    "Stage",
    "Step",
]
