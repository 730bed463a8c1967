"""The stand-ins as a process of their own, and a small web server that receives what they send."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from infra.dev.folder import keys, locked
from infra.dev.gateways import start_gateways
from infra.dev.processes import Processes


@dataclass
class Receiver:
    """What came in, as (headers, body); `refusals` is how many of the next requests are answered with 500."""

    url: str = ""
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    refusals: int = 0

    def events(self, secret: str) -> list[stripe.Event]:
        """Every delivery, each with its signature checked by Stripe's own library."""
        check = stripe.Webhook.construct_event
        return [check(body, headers["Stripe-Signature"], secret) for headers, body in list(self.requests)]


@pytest.fixture(scope="module")
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.requests.append((dict(self.headers), body))
            refused, receiver.refusals = receiver.refusals > 0, max(0, receiver.refusals - 1)
            self.send_response(500 if refused else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/api/v1/webhooks/stripe/"
    yield receiver
    server.shutdown()


@pytest.fixture(scope="module")
def gateways(tmp_path_factory: pytest.TempPathFactory, receiving: Receiver) -> Iterator[dict[str, str]]:
    """The environment that leads to the stand-ins."""
    folder = tmp_path_factory.mktemp("gateways")
    with locked(folder) as lock, Processes(folder / "logs", lock) as processes:
        yield start_gateways(processes, folder, keys(folder), receiving.url, "kairan.localhost", {})


@pytest.fixture
def receiver(receiving: Receiver, gateways: dict[str, str]) -> Receiver:
    receiving.requests.clear()
    receiving.refusals = 0
    return receiving


@pytest.fixture
def account(gateways: dict[str, str]) -> stripe.StripeClient:
    return stripe.StripeClient(gateways["STRIPE_SECRET_KEY"], base_addresses={"api": gateways["STRIPE_API_BASE"]})


@pytest.fixture
def eventually() -> Callable[[Callable[[], Any]], Any]:
    def wait(condition: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 20
        while not (found := condition()):
            assert time.monotonic() < deadline, "it did not happen"
            time.sleep(0.02)
        return found

    return wait
