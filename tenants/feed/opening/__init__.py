"""Opens uploaded files and writes clean copies. Runs in the bounded process alone; imports no Django, no models."""
