"""All settings, from the environment only. `DEVELOPMENT=1` relaxes cookies to plain http and opens /dev/."""

from datetime import timedelta
from typing import Any

import structlog
from celery.schedules import crontab
from environs import Env, validate

from controlplane.secret_key import must_be_strong
from controlplane.tenancy.logs import add_association, hide

env = Env()

DEVELOPMENT = env.bool("DEVELOPMENT", False)
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", validate=None if DEVELOPMENT else must_be_strong)

# Hosts: the middleware checks every Host header against the Domain table, which is stricter than this list.
APEX_HOST = env.str("APEX_HOST", "kairan.localhost")
ALLOWED_HOSTS = ["*"]
USE_X_FORWARDED_HOST = False
SCHEME = "http" if DEVELOPMENT else "https"
PUBLIC_PORT = f":{env.int('PORT', 8000)}" if DEVELOPMENT else ""
ROOT_URLCONF = "controlplane.urls.public"
WSGI_APPLICATION = "controlplane.wsgi.application"

# Placement: S = public only, T = every association's schema, E = both.
EVERYWHERE_APPS = [
    "django.contrib.sessions",
    "controlplane.accounts",
    "controlplane.audit",
    "controlplane.outbox",
    "controlplane.sending",
]
SHARED_APPS = [
    "controlplane.tenancy",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    *EVERYWHERE_APPS,
    "controlplane.cities",
    "controlplane.associations",
    "controlplane.dispatch",
    "controlplane.metering",
    "controlplane.staff",
    "controlplane.parts",
    "billing",
    "provisioning",
]
TENANT_APPS = [
    *EVERYWHERE_APPS,
    "tenants.search",
    "tenants.members",
    "tenants.communities",
    "tenants.feed",
    "tenants.calendar",
]
INSTALLED_APPS = [
    *SHARED_APPS,
    *[app for app in TENANT_APPS if app not in SHARED_APPS],
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_cotton",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "api",
    "web",
]
TENANT_MODEL = "associations.Association"
TENANT_DOMAIN_MODEL = "associations.Domain"
DATABASE_ROUTERS = [
    "controlplane.tenancy.belonging.BelongingRouter",
    "django_tenants.routers.TenantSyncRouter",
]
ASSOCIATION_ROLES = env.bool("ASSOCIATION_ROLES", True)  # off on Citus, whose connections multiply per role

MIDDLEWARE = [
    "controlplane.tenancy.middleware.access.AccessMiddleware",
    "controlplane.tenancy.middleware.transport.NothingKeptMiddleware",
    "controlplane.tenancy.middleware.transport.OurHostsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "web.middleware.ContentSecurityPolicyMiddleware",
    "web.language.LanguageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "web.arrival.ArrivalMiddleware",  # what is still on its way holds no place
    "controlplane.tenancy.middleware.admission.AdmissionMiddleware",  # whoever finds no place goes no further
    "controlplane.tenancy.middleware.SiteMiddleware",  # the outermost that touches data
    "api.shortcut.FeedShortcut",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "web.middleware.RateMiddleware",  # before anything that turns somebody away: that costs as well
    "web.middleware.SlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "web.language.OwnLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "web.middleware.PersonMiddleware",
    "web.keeping.KeepingMiddleware",
    "web.once.OnceMiddleware",
    "web.support.SupportMiddleware",  # the innermost: what operations see while they help, they only read
]

# Requests one web process works on at once, and the part of its time that one association may use while others are
# there (tenancy/middleware/admission.py); 0: no such part.
WEB_PLACES = env.int("WEB_PLACES", 4)
WEB_ARRIVALS = env.int("WEB_ARRIVALS", 12)  # forms and files on their way to one process at once (web/arrival.py)
ASSOCIATION_SHARE = env.float("ASSOCIATION_SHARE", 0.15)
# Who watches the machines shows this at /healthz/parts (Authorization: Bearer ...). Empty: nobody may, but developers.
HEALTH_TOKEN = env.str("HEALTH_TOKEN", "")
# Whom to tell of a hole: mailto:... or https://..., said at /.well-known/security.txt. Empty: nobody, and no such file.
SECURITY_CONTACT = env.str("SECURITY_CONTACT", "")

# How long anything outside is waited for, in seconds; pairs are (to connect, for each answer). While somebody waits for
# a page it is five in all and nothing is tried twice; workers have longer. No transaction waits with them
# (tenancy/waiting.py).
WAIT_CACHE = env.float("WAIT_CACHE", 0.25)  # then answered without it, and for REST_CACHE without asking
REST_CACHE = env.float("REST_CACHE", 5.0)
WAIT_BROKER = env.float("WAIT_BROKER", 3.0)  # by the thread that hands tasks over, or a worker; never by a request
WAIT_DATABASE = env.int("WAIT_DATABASE", 5)  # for a connection; then 503
# For one of a web process's pool, and as long the pool tries to make one before it waits for the next who asks: its own
# five minutes, twice as long between two tries each time, would outlast the outage.
WAIT_POOL = env.float("WAIT_POOL", 1.0)
WAIT_PART = env.float("WAIT_PART", 2.0)  # looking whether a part answers
WAIT_STORAGE, WAIT_STORAGE_IN_WORKERS = (1, 4), (2, 15)
WAIT_STRIPE, WAIT_STRIPE_IN_WORKERS = (1, 4), (2, 8)
WAIT_SMS = (3, 10)
EMAIL_TIMEOUT = 10
DNS_PATIENCE = env.float("DNS_PATIENCE", 4.0)  # for all that is asked of one host
CLAMD_PATIENCE = env.float("CLAMD_PATIENCE", 5.0)  # for each answer, and for taking each piece of a file
WAIT_LINK, WAIT_LINK_IN_ALL = 3, 8

_database = env.dj_db_url("DATABASE_URL", "postgres://kairan@127.0.0.1:5432/kairan")
# "transaction" when DATABASE_URL leads to pgbouncer or its like (controlplane/tenancy/pooler.py says what that means).
DATABASE_POOLER = env.str("DATABASE_POOLER", "", validate=validate.OneOf(["", "transaction"]))
# Connections the threads of one process share, handed out by psycopg's own pool; 0: each thread keeps its own, as in
# workers and commands. Web processes have one more than they have places (controlplane/wsgi.py).
DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", 0)
DATABASE_POOL = {
    "min_size": 1,
    "max_size": DATABASE_POOL_SIZE,
    "max_lifetime": 300,
    "timeout": WAIT_POOL,
    "reconnect_timeout": WAIT_POOL,
}
DATABASES = {
    "default": {
        **_database,
        "ENGINE": "controlplane.tenancy.backend",
        "TIME_ZONE": "Asia/Tokyo",  # so that moments in JSON which PostgreSQL writes carry the offset of all others
        "CONN_MAX_AGE": 0 if DATABASE_POOL_SIZE else 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": WAIT_DATABASE,
            **_database.get("OPTIONS", {}),
            "prepare_threshold": None if DATABASE_POOLER else 5,  # for hot statements: tenancy/prepared.py
            **({"pool": DATABASE_POOL} if DATABASE_POOL_SIZE else {}),
        },
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "ATOMIC_REQUESTS": False,  # the site middleware holds the transaction
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
_wait_cache = {"socket_connect_timeout": WAIT_CACHE, "socket_timeout": WAIT_CACHE}
CACHES = {
    "default": {
        "BACKEND": "controlplane.tenancy.cache.Cache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "controlplane.tenancy.cache.association_key",
        "KEY_PREFIX": "kairan",
        "OPTIONS": _wait_cache,
    },
    "routing": {
        "BACKEND": "controlplane.tenancy.cache.Cache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "controlplane.tenancy.cache.routing_key",
        "KEY_PREFIX": "kairan",
        "VERSION": 2,  # counts up when the snapshot's fields change: an older release's are not read
        "OPTIONS": _wait_cache,
    },
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["controlplane.accounts.backends.CodeBackend"]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "session" if DEVELOPMENT else "__Host-session"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 90
SESSION_COOKIE_SECURE = not DEVELOPMENT
SESSION_COOKIE_SAMESITE = "Lax"
# Operators and city staff show a second factor after the code; in development `make run` lets them in with the code.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", not DEVELOPMENT)
STAFF_SESSION = timedelta(hours=env.int("STAFF_SESSION_HOURS", 12))
STAFF_SESSION_IDLE = timedelta(minutes=env.int("STAFF_SESSION_IDLE_MINUTES", 60))
CSRF_COOKIE_NAME = "csrf" if DEVELOPMENT else "__Host-csrf"
KEPT_COOKIE_NAME = "kept" if DEVELOPMENT else "__Host-kept"  # the key to what was typed and could not be taken
CSRF_COOKIE_SECURE = not DEVELOPMENT
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "web.errors.csrf_failure"
LOGIN_URL = "sign_in"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = not DEVELOPMENT and env.bool("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^healthz/parts$", r"^readyz$", r"^certz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", False) else None
SECURE_HSTS_SECONDS = 0 if DEVELOPMENT else 60 * 60 * 24 * 365
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEVELOPMENT
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # the browsers' own list of hosts cannot be left again: an operator's step
X_FRAME_OPTIONS = "DENY"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.frame",
            ],
            "builtins": ["web.templatetags.form_key"],  # {% csrf_token %} brings the form's own key with it
        },
    }
]
FORM_RENDERER = "web.forms.KairanRenderer"

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("ja-easy", "やさしい日本語"), ("en", "English")]  # their words: web/locale
LANGUAGE_COOKIE_NAME = "language"
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", ".data/static")
S3_ENDPOINT_URL = env.str("S3_ENDPOINT_URL", None)
STORAGES = {
    "default": {
        "BACKEND": "controlplane.tenancy.storage.AssociationStorage",
        "OPTIONS": {
            "access_key": env.str("S3_ACCESS_KEY", ""),
            "secret_key": env.str("S3_SECRET_KEY", ""),
            "bucket_name": env.str("S3_BUCKET", "kairan"),
            "endpoint_url": S3_ENDPOINT_URL,
            "addressing_style": "path",
            "signature_version": "s3v4",
            "default_acl": None,
            "file_overwrite": True,  # names are random
            "querystring_expire": 300,
        },
    },
    "staticfiles": {"BACKEND": "web.static_files.BundledStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
ATTACHMENT_MAX_BYTES = 20 * 1024 * 1024

# A clamd that looks at every upload first: tcp://host:3310 or unix:///run/clamav/clamd.sock. Empty: none.
CLAMD_URL = env.str("CLAMD_URL", "")
CLAMD_OPTIONAL = env.bool("CLAMD_OPTIONAL", False)  # when it is down: take files all the same

EMAIL_BACKEND = env.str("EMAIL_BACKEND", "controlplane.outbox.relay.EmailBackend")
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)  # STARTTLS, usually at port 587
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", False)  # from the first byte, usually at port 465
EMAIL_USE_LOCALTIME = True  # mails say +0900, not -0000
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"回覧 <no-reply@{APEX_HOST}>")
SMS_API_URL = env.str("SMS_API_URL", "")
SMS_API_KEY = env.str("SMS_API_KEY", "")
SMS_YEN = env.int("SMS_YEN", 12)  # what the contract asks for one part of 70 letters
# What all associations together send in an hour before only known people's codes and urgent news go out.
SMS_PER_HOUR = env.int("SMS_PER_HOUR", 1000)  # in parts
SMS_YEN_PER_HOUR = env.int("SMS_YEN_PER_HOUR", 12_000)
OUTBOX_URL = env.str("OUTBOX_URL", "")  # development: where the stand-in gateways keep what they were given

STRIPE_API_BASE = env.str("STRIPE_API_BASE", "https://api.stripe.com")
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", "")
STRIPE_LIVE_MODE = env.bool("STRIPE_LIVE_MODE", False)

# How long a worker may be silent inside one step of a run before another takes over.
RUN_LEASE_SECONDS = env.int("RUN_LEASE_SECONDS", 60)

# Schemas made ahead; each costs some 2.5 MB and makes one association's creation a rename.
SPARE_SCHEMAS = env.int("SPARE_SCHEMAS", 4)

# Closing an association: how long everything can be brought back, and how long before the end we remind of it.
CLOSURE_MODEL = "provisioning.Closure"  # what proves to the floor that a schema may be dropped
CLOSURE_RETENTION_DAYS = env.int("CLOSURE_RETENTION_DAYS", 90)
CLOSURE_DUMP_DAYS = env.int("CLOSURE_DUMP_DAYS", 365)  # after the drop; then nothing is left
CLOSURE_WARNING_DAYS = env.int("CLOSURE_WARNING_DAYS", 14)

# Hosts that associations bring themselves. No resolvers named: those of the machine.
DNS_RESOLVERS: list[str] = env.list("DNS_RESOLVERS", [])
CUSTOM_DOMAIN_GRACE_DAYS = env.int("CUSTOM_DOMAIN_GRACE_DAYS", 7)

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_connect_timeout": WAIT_BROKER,
    "socket_timeout": WAIT_BROKER,
    "max_retries": 0,  # of connecting to hand a task over: rows stay, and a beat finds them
}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "look-at-parts": {"task": "controlplane.parts.tasks.look", "schedule": 60.0},
    "drive-waiting-runs": {"task": "provisioning.tasks.drive_waiting_runs", "schedule": 15.0},
    "index-waiting-associations": {"task": "provisioning.tasks.index_waiting_associations", "schedule": 60.0},
    "catch-up-indexes": {"task": "provisioning.tasks.catch_up_indexes", "schedule": crontab(minute=35)},
    "refill-spares": {"task": "provisioning.tasks.refill_spares", "schedule": 60.0},
    "send-waiting-messages": {"task": "controlplane.outbox.tasks.send_waiting_everywhere", "schedule": 30.0},
    "sweep-messages": {"task": "controlplane.outbox.tasks.sweep", "schedule": crontab(minute=5)},
    "hand-out-bulletins": {"task": "tenants.feed.tasks.hand_out_bulletins", "schedule": 15.0},
    "share-calendars": {"task": "tenants.calendar.tasks.share_everywhere", "schedule": crontab(hour=0, minute=20)},
    "count-bulletins": {"task": "tenants.feed.tasks.count_bulletins_everywhere", "schedule": 300.0},
    "publish-adoption": {
        "task": "provisioning.tasks.publish_adoption_everywhere",
        "schedule": crontab(hour=3, minute=10),
    },
    "recount-cities": {"task": "controlplane.cities.tasks.recount_cities", "schedule": 300.0},
    "make-waiting-archives": {"task": "provisioning.tasks.make_waiting_archives", "schedule": 60.0},
    "remove-expired-archives": {
        "task": "provisioning.tasks.remove_expired_archives",
        "schedule": crontab(hour=4, minute=20),
    },
    "clear-uploads": {"task": "tenants.feed.tasks.clear_uploads_everywhere", "schedule": crontab(minute=25)},
    "clear-uploads-of-everybody": {
        "task": "tenants.feed.tasks.clear_uploads_of_everybody",
        "schedule": crontab(day_of_week="sun", hour=3, minute=40),
    },
    "prune-accounts": {"task": "controlplane.accounts.tasks.prune_everywhere", "schedule": crontab(hour=4, minute=50)},
    "prune-counts": {"task": "controlplane.metering.tasks.prune", "schedule": crontab(minute=15)},
    "prune-stripe-events": {"task": "billing.tasks.prune_events", "schedule": crontab(hour=4, minute=40)},
    "process-waiting-stripe-events": {"task": "billing.tasks.process_waiting_events", "schedule": 30.0},
    "tend-closures": {"task": "provisioning.tasks.tend_closures", "schedule": crontab(minute=40)},
    "check-custom-domains": {
        "task": "provisioning.tasks.check_custom_domains",
        "schedule": crontab(hour="*/6", minute=50),
    },
    "remind-of-events": {"task": "tenants.calendar.tasks.remind_everywhere", "schedule": 120.0},
    "remind-everybody": {"task": "tenants.calendar.tasks.visit_everybody", "schedule": crontab(hour=17, minute=45)},
    "tell-news": {"task": "tenants.feed.tasks.tell_everywhere", "schedule": 30.0},
    "tell-news-to-everybody": {"task": "tenants.feed.tasks.visit_everybody", "schedule": crontab(hour=17, minute=50)},
    "reconcile-billing": {"task": "billing.tasks.reconcile_all", "schedule": crontab(minute=20)},
}
for _entry in CELERY_BEAT_SCHEDULE.values():  # what comes again soon does not pile up while no worker takes it
    if isinstance(_entry["schedule"], float):
        _entry["options"] = {"expires": max(600.0, 10 * _entry["schedule"])}

# How often a minute (or in the seconds that stand last) one person, one network address of somebody who is not signed
# in, and one association's people together may ask for what costs something (controlplane/rates.py).
RATES = {
    "page": (240, 600, 3000),
    "act": (60, 120, 1200),
    "search": (60, 60, 600),
    "paper": (20, 20, 120),
    "table": (10, 10, 60),
    "calendar": (60, 300, 1200),
    "file": (60, 30, 300),
    "piece": (600, 60, 6000),
    "api": (600, 120, 6000),
    "application": (60, 60, 600, 3600),
}
RATE_FACTOR = env.float("RATE_FACTOR", 1.0)  # all of them times this; 0: no rates at all

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.TokenAuthentication", "api.authentication.WebSession"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.ShallowJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "api.pagination.NewestFirst",
    "EXCEPTION_HANDLER": "api.problems.handle",
    "PAGE_SIZE": 20,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Kairan",
    "DESCRIPTION": "回覧: the digital circular of a neighbourhood.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [],  # choices stay where they are used: `kind` means something else on every resource
}

COTTON_DIR = "cotton"
COTTON_ISOLATE_BY_DEFAULT = True  # a component sees its attributes, not the page's variables

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(ensure_ascii=False),
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                add_association,
                structlog.processors.format_exc_info,
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso"),
                hide,
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"stripe": {"level": "WARNING"}},  # at INFO it writes lines for every call
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        add_association,
        structlog.processors.format_exc_info,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        hide,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
)
