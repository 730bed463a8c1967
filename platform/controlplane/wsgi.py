"""The WSGI entry point served by granian."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "controlplane.settings")

application = get_wsgi_application()

# What is loaded now stays for good: the collector need not walk through it again, and a request makes a few thousand
# objects that go with it.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 50)
