"""`python -m infra.dev.doubles`: the stand-ins as one process. Keys come from the environment, as the product's do."""

import argparse
import logging
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from infra.dev.doubles.clamd import serve_clamd
from infra.dev.doubles.mail import serve_mail
from infra.dev.doubles.outbox import Outbox
from infra.dev.doubles.server import Route, serve
from infra.dev.doubles.sms import Sms
from infra.dev.doubles.stripe import pages
from infra.dev.doubles.stripe.api import Api
from infra.dev.doubles.stripe.checkout import CheckoutPage
from infra.dev.doubles.stripe.hooks import Hooks
from infra.dev.doubles.stripe.portal import PortalPage
from infra.dev.doubles.stripe.state import Account
from infra.dev.doubles.stripe.webhooks import Webhooks


class Part(Protocol):
    def routes(self) -> list[Route]: ...


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options.data.mkdir(parents=True, exist_ok=True)
    outbox, account = Outbox(options.data), Account(options.data, f"http://127.0.0.1:{options.port}")
    webhooks = Webhooks(account, os.environ["STRIPE_WEBHOOK_SECRET"])
    if options.webhook_url:
        webhooks.point_to(options.webhook_url, options.webhook_host)
    parts: list[Part] = [
        outbox,
        Sms(outbox, os.environ["SMS_API_KEY"]),
        Api(account, os.environ["STRIPE_SECRET_KEY"]),
        CheckoutPage(account),
        PortalPage(account),
        Hooks(account, webhooks),
    ]
    server = serve(options.port, [*pages.ROUTES, *(route for part in parts for route in part.routes())])
    serve_clamd(options.clamd_port)
    mail = serve_mail(options.smtp_port, outbox)
    mail.start()
    webhooks.start()
    signal.signal(signal.SIGTERM, _leave)
    try:
        server.serve_forever()
    finally:
        mail.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.dev.doubles", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="HTTP: Stripe, SMS, the outbox")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--clamd-port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="the folder of its databases")
    parser.add_argument("--webhook-url", help="where Stripe's webhooks go")
    parser.add_argument("--webhook-host", default="", help="their Host header, when it is not the URL's")
    return parser


def _leave(_number: int, _frame: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
