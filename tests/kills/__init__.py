"""A harness that kills things while associations are being made: `python -m tests.kills --rounds 200`."""
