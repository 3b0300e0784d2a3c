"""All settings, in one file, from the environment. docs/configuration.md lists every variable."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from kombu import Queue
from whitenoise.compress import Compressor

from config import api_document, logs
from config.env import env, env_days, env_flag, env_list
from config.keys import checked_keys
from config.timetable import QUEUES, ROUTES, SILENT_AFTER, SWEEPS, TIMETABLE

django_stubs_ext.monkeypatch()  # lets generic classes of Django name their types, as in TextField[str, str]

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("COUNTERPOISE_VAR", BASE_DIR / "var"))


DEBUG = env_flag("DEBUG")
DEMO = env_flag("DEMO")
SECRET_KEY = env("SECRET_KEY")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY (or SECRET_KEY_FILE) must be set.")
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
ENCRYPTION_KEYS = checked_keys(env("ENCRYPTION_KEYS"))
SITE_URL = env("SITE_URL", "http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS") or [urlsplit(SITE_URL).hostname or "localhost"]
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS") or [SITE_URL]
SECURE = SITE_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "template_partials",
    "lucide",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "apps.core",
    "apps.accounts",
    "apps.workspaces",
    "apps.activity",
    "apps.notifications",
    "apps.goals",
    "apps.responsibilities",
    "apps.tasks",
    "apps.handovers",
    "apps.capacity",
    "apps.routines",
    "apps.integrations",
    "apps.demo",
]

MIDDLEWARE = [
    "apps.core.middleware.log_middleware",
    "django.middleware.security.SecurityMiddleware",
    "apps.core.static_files.StaticFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "apps.core.middleware.permissions_policy_middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "apps.core.middleware.SlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.accounts.middleware.devices_middleware",
    "apps.accounts.middleware.SignInRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.accounts.middleware.locale_middleware",
    "apps.workspaces.middleware.WorkspaceMiddleware",
    "apps.core.middleware.error_middleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "apps.workspaces.context_processors.frame",
            ],
            "builtins": ["apps.core.templatetags.core", "template_partials.templatetags.partials"],
        },
    },
    {  # mails: thousands in a row (docs/decisions/mails.md)
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {"keep_trailing_newline": True},
    },
]

# Forms are drawn by our own templates (templates/django/forms).
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"


def database(url: str) -> dict[str, object]:
    """Django's settings for a postgresql:// URL; a socket folder may stand in ?host=."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            "DATABASE_URL must be a postgresql:// address: Counterpoise runs on PostgreSQL only."
        )
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.pop("host", "") or parts.hostname or ""),
        "PORT": str(query.pop("port", "") or parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": int(env("CONN_MAX_AGE", "60")),
        "OPTIONS": {"connect_timeout": 5, **query},
    }


DATABASES = {"default": database(env("DATABASE_URL", "postgresql:///counterpoise"))}
# The role that owns the tables, for `migrate` and `flush` alone (apps/core/owner.py); no other process needs it.
DATABASE_OWNER = database(env("DATABASE_OWNER_URL")) if env("DATABASE_OWNER_URL") else None
if DATABASE_OWNER and DATABASE_OWNER["NAME"] != DATABASES["default"]["NAME"]:
    raise ImproperlyConfigured("DATABASE_URL and DATABASE_OWNER_URL must name the same database.")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", "redis://localhost:6379")


def redis_database(url: str, number: int) -> str:
    """The address of one numbered database of the server, for a host or a socket, as redis-py reads it."""
    if url.startswith(("unix://", "redis+socket://")):
        path = urlsplit(url).path
        return f"unix://{path}?db={number}"
    return f"{url.rstrip('/')}/{number}"


def celery_broker(url: str) -> str:
    """The broker's address as Celery reads it: sockets are called redis+socket there."""
    if url.startswith(("unix://", "redis+socket://")):
        return f"redis+socket://{urlsplit(url).path}?virtual_host=0"
    return redis_database(url, 0)


CACHES = {
    "default": {
        "BACKEND": "apps.core.cache.RedisCache",
        "LOCATION": redis_database(REDIS_URL, 1),
        "OPTIONS": {"serializer": "apps.core.cache.JSONValues", "socket_connect_timeout": 2, "socket_timeout": 2},
    }
}

CELERY_BROKER_URL = celery_broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 1800
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in QUEUES]
CELERY_TASK_ROUTES = ROUTES
CELERY_TASK_DEFAULT_QUEUE = SWEEPS
CELERY_TASK_CREATE_MISSING_QUEUES = False
# A child that grew past this is replaced after its task: what a large import took would stay with it for good.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = int(env("WORKER_MAX_MIB", "256")) * 1024
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = TIMETABLE
HEARTBEATS = SILENT_AFTER
DISK_FREE_PERCENT = int(env("DISK_FREE_PERCENT", "5"))

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "apps.workspaces.backends.MembershipBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
SIGNUP = env("SIGNUP", "open")
if SIGNUP not in {"open", "invitation"}:
    raise ImproperlyConfigured("SIGNUP must be open or invitation.")
ACCOUNT_ADAPTER = "apps.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_FORMS = {
    "login": "apps.accounts.forms.LoginForm",
    "signup": "apps.accounts.forms.SignupForm",
    "add_email": "apps.accounts.forms.AddEmailForm",
    "change_password": "apps.accounts.forms.ChangePasswordForm",
    "set_password": "apps.accounts.forms.SetPasswordForm",
    "reset_password": "apps.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "apps.accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "apps.accounts.forms.ReauthenticateForm",
}
# Counted in Redis; with Redis away nobody signs in, while everybody who has goes on working.
ACCOUNT_RATE_LIMITS = {
    "signup": "20/h/ip",
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,3/10m/key",
    "reset_password_from_key": "20/m/ip",
    "confirm_email": "1/3m/key",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "reauthenticate": "10/m/user",
}
MFA_ADAPTER = "apps.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody is signed in with one: only a change of address waits unconfirmed
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MFA_FORMS = {
    "authenticate": "apps.accounts.forms.CodeForm",
    "reauthenticate": "apps.accounts.forms.ConfirmCodeForm",
    "activate_totp": "apps.accounts.forms.ActivateAppForm",
    "login_webauthn": "apps.accounts.forms.PasskeyLoginForm",
    "authenticate_webauthn": "apps.accounts.forms.PasskeyCodeForm",
    "reauthenticate_webauthn": "apps.accounts.forms.ConfirmPasskeyForm",
    "add_webauthn": "apps.accounts.forms.AddPasskeyForm",
    "edit_webauthn": "apps.accounts.forms.EditPasskeyForm",
}
USERSESSIONS_TRACK_ACTIVITY = True
SOCIALACCOUNT_ADAPTER = "apps.accounts.adapter.SocialAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
SOCIALACCOUNT_FORMS = {"signup": "apps.accounts.forms.SocialSignupForm"}
OIDC_SERVER_URL = env("OIDC_SERVER_URL").rstrip("/")
OIDC_ORIGIN = "{0.scheme}://{0.netloc}".format(urlsplit(OIDC_SERVER_URL))
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, list[dict[str, object]]]] = {}
if OIDC_SERVER_URL:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "organisation",
                "name": env("OIDC_NAME", "your organisation"),
                "client_id": env("OIDC_CLIENT_ID"),
                "secret": env("OIDC_CLIENT_SECRET"),
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ]
    }
# How many proxies before the application add themselves to X-Forwarded-For: rate limits count the address before them.
ALLAUTH_TRUSTED_PROXY_COUNT = int(env("TRUSTED_PROXIES", "1")) if env_flag("BEHIND_PROXY") else 0

SESSION_ENGINE = "apps.accounts.sessions"
SESSION_COOKIE_NAME = "counterpoise_session"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = SECURE and env_flag("SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # asked inside, behind the proxy
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env_flag("BEHIND_PROXY") else None
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS: list[str] = []

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [
            SELF,
            *([OIDC_ORIGIN] if OIDC_SERVER_URL else []),
        ],  # browsers hold redirects after a form to it, too
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "UTC"
USE_I18N = USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Beside STATIC_ROOT, which is one release's: a folder that releases share, for pages of the one before.
KEPT_STATIC_DIR = env("KEPT_STATIC_DIR")
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env("EMAIL_HOST", "localhost")
EMAIL_PORT = int(env("EMAIL_PORT", "25"))
EMAIL_HOST_USER = env("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_flag("EMAIL_USE_TLS")
EMAIL_USE_SSL = env_flag("EMAIL_USE_SSL")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "Counterpoise <counterpoise@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
MAIL_RETURN_PATH = env("MAIL_RETURN_PATH")
MAIL_DIR = Path(env("MAIL_DIR", str(VAR_DIR / "mail")))

LOGGING = logs.configure(debug=DEBUG, level=env("LOG_LEVEL", "INFO"))
if env("SENTRY_DSN"):
    logs.report_errors(env("SENTRY_DSN"))

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
IMPORT_MAX_BYTES = int(env("IMPORT_MAX_BYTES", str(64 * 1024 * 1024)))

KEEP_NOTICES_DAYS = env_days("KEEP_NOTICES_DAYS", 365)
KEEP_DELIVERIES_DAYS = env_days("KEEP_DELIVERIES_DAYS", 90)
KEEP_WEBHOOK_MESSAGES_DAYS = env_days("KEEP_WEBHOOK_MESSAGES_DAYS", 30)
KEEP_EXPORTS_DAYS = env_days("KEEP_EXPORTS_DAYS", 7)
KEEP_IMPORT_REPORTS_DAYS = env_days("KEEP_IMPORT_REPORTS_DAYS", 7)

API_MAX_BYTES = int(env("API_MAX_BYTES", str(10 * 1024 * 1024)))
WEBHOOK_ALLOW = env_list("WEBHOOK_ALLOW")
API_RATE = int(env("API_RATE", "600"))
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.integrations.authentication.TokenAuthentication",
        "apps.integrations.authentication.WorkspaceSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["apps.core.permissions.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["apps.core.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["apps.core.parsers.JSONRenderer"],
    "DEFAULT_THROTTLE_CLASSES": ["apps.core.throttling.CallerThrottle"],
    "DEFAULT_SCHEMA_CLASS": "apps.core.api_schema.ApiSchema",
    "EXCEPTION_HANDLER": "apps.core.problems.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = api_document.DOCUMENT
