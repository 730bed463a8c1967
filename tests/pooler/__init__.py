"""Reads through shared connections while backends are terminated: `python -m tests.pooler --reads 1000000`."""
