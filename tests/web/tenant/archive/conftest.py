"""The whole way to a file needs commits."""

from tests.provisioning.archive.conftest import living, run_committed_tasks, settle

__all__ = ["living", "run_committed_tasks", "settle"]
