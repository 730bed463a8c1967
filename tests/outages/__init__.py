"""What still works while a part is stopped, refuses or hangs, and what is lost: `python -m tests.outages`."""
