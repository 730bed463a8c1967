"""Cache keys carry the association; a key asked for outside a binding raises."""

from controlplane.tenancy.binding import current


def association_key(key: str, key_prefix: str, version: int) -> str:
    """KEY_FUNCTION of the default cache."""
    return f"{key_prefix}:{current().key}:{version}:{key}"


def routing_key(key: str, key_prefix: str, version: int) -> str:
    """KEY_FUNCTION of the routing cache, the one that is read before a binding exists: host → site."""
    return f"{key_prefix}:routing:{version}:{key}"
