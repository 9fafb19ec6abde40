"""Settings of Custos: one plain module, read from the environment, safe defaults for the embedded mode.

Every variable is listed in docs/operations.md. Without any, the portal runs embedded: SQLite, Celery's filesystem
broker and the sealed store under `var/`. With `CUSTOS_PRODUCTION=true` it refuses to start on an unsafe value.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from portal.production import refuse_unsafe

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("CUSTOS_DATA", str(BASE_DIR / "var"))).resolve()
PRODUCTION = env.bool("CUSTOS_PRODUCTION", False)
DEBUG = env.bool("CUSTOS_DEBUG", False) and not PRODUCTION


def _private_key_file(name: str) -> str:
    """The embedded mode makes its own secret once and keeps it beside its data, readable by its owner only."""
    path = DATA_DIR / "keys" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
    return path.read_text().strip()


SECRET_KEY = env.str("SECRET_KEY", "") or ("" if PRODUCTION else _private_key_file("secret_key"))
ALLOWED_HOSTS = env.list("CUSTOS_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CUSTOS_ORIGINS", [])

INSTALLED_APPS = [
    "portal.kit.static.CustosStaticFilesConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_cotton",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "django_tables2",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "portal.audit",
    "portal.agency",
    "portal.vault",
    "portal.jobs",
    "portal.kit",
    "records",
    "reports",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    # Before the form token is looked for, which means reading the body: who sends it, and how much.
    "portal.kit.middleware.DeclaredAccessMiddleware",
    "portal.kit.bodies.BodyMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.kit.middleware.RequestLogMiddleware",
    "portal.kit.middleware.SecurityHeadersMiddleware",
    "portal.kit.middleware.IdleSessionMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.kit.context.frame",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.templatetags.static",
                "django.contrib.humanize.templatetags.humanize",
                "portal.kit.templatetags.kit",
                "portal.audit.templatetags.audit",
            ],
        },
    }
]
FORM_RENDERER = "portal.kit.forms.UswdsRenderer"
DJANGO_TABLES2_TEMPLATE = "kit/table.html"

DATABASES = {
    "default": env.dj_db_url(
        "DATABASE_URL",
        f"sqlite:///{DATA_DIR}/custos.sqlite3",
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;"
            "PRAGMA cache_size=-32000;"
        ),
    }
CACHES = {"default": {"BACKEND": "portal.kit.shared.SharedCache"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "agency.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
# Argon2 is not FIPS-approved; PBKDF2 with SHA-256 is (SP 800-132).
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "portal.agency.signin.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
# The key of the first is account and network, of the second the account alone (`portal.agency.signin`).
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/m/ip,5/15m/key",
    "login_failed_anywhere": "100/15m/key",
}
TRUSTED_PROXIES = env.int("CUSTOS_TRUSTED_PROXIES", 0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "portal.kit.pages.csrf_failure"
SESSION_IDLE_SECONDS = env.int("CUSTOS_IDLE_SECONDS", 15 * 60 if PRODUCTION else 8 * 60 * 60)
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_SSL_REDIRECT = env.bool("CUSTOS_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^health/"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en-us"
TIME_ZONE = env.str("CUSTOS_TIME_ZONE", "America/New_York")
PHONE_REGION = env.str("CUSTOS_PHONE_REGION", "US")
USE_I18N = False
USE_TZ = True
DATE_FORMAT = "F j, Y"
DATETIME_FORMAT = "F j, Y, g:i a"

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("CUSTOS_STATIC", str(DATA_DIR / "static")))
STATICFILES_DIRS = [
    ("uswds", BASE_DIR / "node_modules" / "@uswds" / "uswds" / "dist"),
    ("chart", BASE_DIR / "node_modules" / "chart.js" / "dist"),
    ("custos", BASE_DIR / "portal" / "kit" / "assets" / "custos"),
]
# The embedded mode serves assets straight from the packages: no collectstatic step.
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# A view that takes files says so (`portal.kit.bodies.takes_files`); no other one keeps a byte of them.
FILE_UPLOAD_HANDLERS = ["portal.kit.bodies.RefuseFiles"]
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR / "incoming")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
EXPORT_MAX_BYTES = env.int("CUSTOS_EXPORT_MAX_BYTES", 2 * 1024**3)
HAND_IN_MAX_BYTES = env.int("CUSTOS_HAND_IN_MAX_BYTES", 4 * EXPORT_MAX_BYTES)
CLAMD_URL = env.str("CLAMD_URL", "")
CLAMD_MAX_BYTES = env.int("CLAMD_MAX_BYTES", 25 * 1024**2)
if CLAMD_URL and not CLAMD_URL.startswith(("tcp://", "unix:///")):
    raise ImproperlyConfigured("CLAMD_URL is written tcp://host:port or unix:///path.")
VAULT_DIR = Path(env.str("FILES_URL", f"file://{DATA_DIR}/vault").removeprefix("file://"))
KEYS_DIR = DATA_DIR / "keys"
CHECKPOINTS_FILE = Path(
    env.str("CUSTOS_CHECKPOINTS", str(DATA_DIR / "checkpoints" / "audit.jsonl"))
)

REDIS_URL = env.str("REDIS_URL", "")
# The queue in files has no host; kombu warns of an address without one.
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost//"
_QUEUE_DIR = DATA_DIR / "queue"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": 12 * 60 * 60,
        # A Redis that is away must not hold up the answer to a hand-in: the sweep rings again (I4).
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
        "interval_max": 0.1,
        "socket_connect_timeout": 1,
    }
    if REDIS_URL
    else {
        "data_folder_in": str(_QUEUE_DIR / "messages"),
        "data_folder_out": str(_QUEUE_DIR / "messages"),
        "control_folder": str(_QUEUE_DIR / "control"),
        "polling_interval": 0.1,
    }
)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ALWAYS_EAGER = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
JOB_LEASE_SECONDS = env.int("CUSTOS_JOB_LEASE_SECONDS", 60)
CELERY_BEAT_SCHEDULE = {
    "sweep-jobs": {"task": "portal.jobs.tasks.sweep", "schedule": 30.0},
    "checkpoint-audit": {"task": "portal.audit.tasks.checkpoint", "schedule": 60.0},
    "forget-expired": {"task": "portal.kit.tasks.forget_expired", "schedule": 60.0 * 60},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "queue" / "beat")

if not PRODUCTION:
    for _folder in ("incoming", "queue/messages", "queue/control", "checkpoints", "keys"):
        (DATA_DIR / _folder).mkdir(parents=True, exist_ok=True)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["portal.kit.throttle.CountedTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [
        "portal.kit.throttle.WithinRate",
        "portal.kit.api.DeclaredPermission",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "portal.kit.api.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_RATES": {"user": env.str("CUSTOS_API_RATE", "1200/min")},
    "EXCEPTION_HANDLER": "portal.kit.api.problem_json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Custos API",
    "DESCRIPTION": "Hand in exports, follow them, read findings, incidents and submitted reports.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["portal.kit.throttle.WithinRate"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "ExportStateEnum": "records.models.MessageExport.State",
        "FindingStateEnum": "records.models.Finding.State",
        "IncidentStateEnum": "reports.models.Incident.State",
        "JobStateEnum": "portal.jobs.models.Job.State",
    },
}

DJANGO_STRUCTLOG_CELERY_ENABLED = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "portal.kit.logs.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.str("CUSTOS_LOG_LEVEL", "WARNING")},
    "loggers": {
        "custos": {"level": "INFO", "propagate": True},
        "django_structlog": {"level": env.str("CUSTOS_LOG_LEVEL", "WARNING"), "propagate": True},
    },
}
TEST_RUNNER = "django.test.runner.DiscoverRunner"

if PRODUCTION:
    refuse_unsafe(
        secret_key=SECRET_KEY,
        engine=DATABASES["default"]["ENGINE"],
        redis_url=REDIS_URL,
        hosts=env.list("CUSTOS_HOSTS", []),
        origins=CSRF_TRUSTED_ORIGINS,
    )
