"""All migrations of tenants.feed, and one more."""

from importlib.util import find_spec

__path__ = [*__path__, *(find_spec("tenants.feed.migrations").submodule_search_locations)]
