"""A name server that the resolver asks, instead of the internet's."""

import pytest

from tests.controlplane.associations.nameserver import NameServer


@pytest.fixture
def nameserver(settings):
    server = NameServer()
    settings.DNS_RESOLVERS = [server.address]
    settings.DNS_PATIENCE = 0.5
    yield server
    server.stop()
