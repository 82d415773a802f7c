"""Settings for the type checker alone: which models there are."""

from tenure.kernel.settings import SignOnSettings

SECRET_KEY = "for types only, nothing is ever signed with this key"  # noqa: S105
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "tenure.desk",
    "tenure.web",
]
AUTH_USER_MODEL = "desk.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
TENURE_WORKSPACE = "."
TENURE_DEMO = False
TENURE_LOCAL = True
AXES_COOLOFF_TIME = 0.25
USE_TZ = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
AXES_FAILURE_LIMIT = 5
TENURE_SIGN_ON = SignOnSettings()
