"""The peer: django-tenants 4 as its documentation sets it up, around the same tenant models."""
