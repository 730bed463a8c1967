"""The WSGI entry point served by granian.

A web process keeps its connections to PostgreSQL in a pool, as many as it has places (tenancy/middleware/admission.py).
Left to the threads they would outlive them: Django's connection object holds itself in a circle, so when a server ends
an idle thread its connection waits for the cyclic collector, which a quiet process hardly ever calls.
"""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "controlplane.settings")
os.environ.setdefault("DATABASE_POOL_SIZE", str(int(os.environ.get("WEB_PLACES") or 4) + 1))  # one for who asks /readyz

application = get_wsgi_application()

# What is loaded now stays for good: the collector need not walk through it again, and a request makes a few thousand
# objects that go with it.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 50)
