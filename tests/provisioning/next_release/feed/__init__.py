"""The migrations of tenants.feed as a next release could have them."""

from importlib.util import find_spec

__path__ = [*__path__, *(find_spec("tenants.feed.migrations").submodule_search_locations)]
