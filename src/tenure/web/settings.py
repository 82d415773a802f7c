"""Django's settings, made from the workspace being served."""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF

from tenure.web.served import organisation, served

SERVED = served(os.environ)
TENURE_WORKSPACE = SERVED.folder
TENURE_DEMO = SERVED.is_demo
TENURE_LOCAL = SERVED.is_local
TENURE_SIGN_ON = SERVED.sign_on

DEBUG = False
SECRET_KEY = SERVED.key
ALLOWED_HOSTS = list(SERVED.hosts)
CSRF_TRUSTED_ORIGINS = [] if SERVED.is_local else [f"https://{host}" for host in SERVED.hosts]
DATABASES = {"default": SERVED.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "csp",
    "axes",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "tenure.desk",
    "tenure.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "tenure.web.limits.Limited",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tenure.web.gate.SignedIn",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "tenure.web.urls"
ASGI_APPLICATION = "tenure.web.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tenure.web.frame.frame",
            ],
            "builtins": ["tenure.web.templatetags.shown", "tenure.web.templatetags.lines"],
        },
    }
]

# People and sign-in
AUTH_USER_MODEL = "desk.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "name")}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
    )
]
ACCOUNT_ADAPTER = "tenure.web.signing_in.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
# Passwords and second factors by address and by person, wherever they come from; counted where all processes see it.
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,8/300s/key"}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "desk_cache",
    }
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = SERVED.is_local
MFA_TOTP_ISSUER = "Tenure"
SOCIALACCOUNT_ADAPTER = "tenure.web.sign_on.People"
SOCIALACCOUNT_PROVIDERS = organisation(SERVED.sign_on, SERVED.sign_on_secret)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "landing"
LOGOUT_REDIRECT_URL = "account_login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "tenure.web.signing_in.typed_address"
AXES_LOCKOUT_CALLABLE = "tenure.web.signing_in.locked_out"
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["password", "login"]

# Sessions and headers
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_SAVE_EVERY_REQUEST = False  # `tenure.web.gate` moves the end along, at most once a day
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not SERVED.is_local
SECURE_SSL_REDIRECT = not SERVED.is_local
SECURE_PROXY_SSL_HEADER = None if SERVED.is_local else ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 0 if SERVED.is_local else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not SERVED.is_local
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "tenure.web.pages.failing.stale"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# Words, days, files
LANGUAGE_CODE = "en-us"
USE_I18N = False  # one language; asking which costs a fifth of a page
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6000  # fifty refused rows with all their cells
DATA_UPLOAD_MAX_NUMBER_FILES = 50
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
