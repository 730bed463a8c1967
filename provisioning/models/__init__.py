"""From an entry form to a live site: applications, runs and their steps. Schema: public only."""

from provisioning.models.applications import Application, NotOpen, Question
from provisioning.models.queue import Stage
from provisioning.models.runs import Run, Step

__all__ = ["Application", "NotOpen", "Question", "Run", "Stage", "Step"]
