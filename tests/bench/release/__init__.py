"""The release after this one: one more column with an index, so that a fleet has something to migrate."""
