"""An association as a file: written, checked, made into a new association, put back in the place of what is there."""

from provisioning.archive.importing import take_in
from provisioning.archive.manifest import BadArchive, Entry, Manifest
from provisioning.archive.reading import verify
from provisioning.archive.restoring import restore
from provisioning.archive.writing import export

__all__ = ["BadArchive", "Entry", "Manifest", "export", "restore", "take_in", "verify"]
