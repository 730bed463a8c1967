"""django-tenants' documented settings: its backend, router and middleware; the tenant apps are Kairan's."""

from pathlib import Path

from controlplane.settings import *  # noqa: F403
from controlplane.settings import DATABASES as KAIRAN_DATABASES
from controlplane.settings import SHARED_APPS as KAIRAN_SHARED_APPS
from controlplane.settings import TENANT_APPS

DATABASES = {
    "default": {
        **KAIRAN_DATABASES["default"],
        "ENGINE": "django_tenants.postgresql_backend",
        "NAME": "stock",
        "CONN_HEALTH_CHECKS": False,
    }
}
SHARED_APPS = ["django_tenants", "tests.bench.stock", *KAIRAN_SHARED_APPS]
INSTALLED_APPS = [*SHARED_APPS, *[app for app in TENANT_APPS if app not in SHARED_APPS], "rest_framework"]
TENANT_MODEL = "stock.Company"
TENANT_DOMAIN_MODEL = "stock.CompanyDomain"
ROOT_URLCONF = "tests.bench.stock.urls"
MIDDLEWARE = [
    "django_tenants.middleware.main.TenantMainMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
SESSION_COOKIE_NAME = "session"
REST_FRAMEWORK = {"PAGE_SIZE": 20}
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]
