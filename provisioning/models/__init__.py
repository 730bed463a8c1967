"""From an entry form to a live site: applications, runs and their steps. Schema: public only."""

from provisioning.models.applications import Application, NotOpen, Question
from provisioning.models.fleet import Rollout, SchemaRelease
from provisioning.models.queue import Stage
from provisioning.models.runs import Run, Step
from provisioning.models.spares import Spare

__all__ = ["Application", "NotOpen", "Question", "Rollout", "Run", "SchemaRelease", "Spare", "Stage", "Step"]
