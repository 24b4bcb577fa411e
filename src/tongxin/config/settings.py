"""Django's settings, all of them from the environment (see docs/operations.md)."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from tongxin.config import env

BASE = Path(__file__).resolve().parent.parent

DATA = Path(env.text("TONGXIN_DATA")).expanduser().resolve()
SECRET_KEY = env.secret("TONGXIN_SECRET_KEY")
FIELD_KEY = env.field_key()
PORT = env.port()
DEMO = env.flag("TONGXIN_DEMO")
DEBUG = False
PUBLIC_URL = env.address("TONGXIN_PUBLIC_URL", f"http://127.0.0.1:{PORT}")
ALLOWED_HOSTS = env.words("TONGXIN_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
HTTPS = PUBLIC_URL.startswith("https://")

DATABASES = {"default": env.database(env.text("TONGXIN_DATABASE_URL", f"sqlite:///{DATA}/tongxin.sqlite3"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "tongxin.record",
    "tongxin.files",
    "tongxin.places",
    "tongxin.people",
    "tongxin.notifications",
    "tongxin.cases",
    "tongxin.triage",
    "tongxin.visits",
    "tongxin.hotline",
    "tongxin.announcements",
    "tongxin.deputies",
    "tongxin.jobs",
    "tongxin.web",
    "tongxin.api",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "tongxin.web.middleware.BodySizeMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "tongxin.web.offline.answers.OfflineAnswerMiddleware",
    "tongxin.web.middleware.ActorMiddleware",
    "tongxin.web.errors.ErrorsMiddleware",
]

ROOT_URLCONF = "tongxin.config.urls"
WSGI_APPLICATION = "tongxin.config.wsgi.application"
AUTH_USER_MODEL = "people.Account"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE / "web" / "templates"],
        "OPTIONS": {
            "environment": "tongxin.web.jinja.environment",
            "context_processors": ["tongxin.web.jinja.one_token"],
        },
    },
    {
        # Third-party applications bring templates in Django's own language.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Names with a hash of the content, compressed once: `tongxin serve` collects them at its start.
    "staticfiles": {"BACKEND": "tongxin.web.statics.HashedStatics"},
}

# Nothing may be loaded from elsewhere and nothing may run that we did not ship.
# Maps draw the areas' own outlines; tiles only where an installation names them (天地图 in production).
TILE_URL = env.text("TONGXIN_TILE_URL", "")
TILE_ATTRIBUTION = env.text("TONGXIN_TILE_ATTRIBUTION", "")
TILE_ORIGINS = env.words("TONGXIN_TILE_ORIGINS")
# What coordinates the tiles are drawn in: those of Gaode and Tencent are shifted (GCJ-02), those of 天地图 are not.
TILE_COORDINATES = env.choice("TONGXIN_TILE_COORDINATES", ("wgs84", "gcj02"), "wgs84")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *TILE_ORIGINS],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
BEHIND_PROXY = env.flag("TONGXIN_BEHIND_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "tongxin.people.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
STRONG_IDLE_HOURS = env.number("TONGXIN_STRONG_IDLE_HOURS", 12)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username",)},
    },
]

# The channels out of the house; see notifications/senders. The demo's default keeps everything inside.
_HOUSE = "demo" if DEMO else "none"
SMS_SENDER = env.choice("TONGXIN_SMS_SENDER", ("none", "demo", "http", "aliyun"), _HOUSE)
WECHAT_MESSAGES = env.choice("TONGXIN_WECHAT_MESSAGES", ("none", "demo", "account"), _HOUSE)
ROBOTS = env.choice("TONGXIN_ROBOTS", ("none", "demo", "http"), _HOUSE)
MAIL_SENDER = env.choice("TONGXIN_MAIL_SENDER", ("none", "demo", "smtp"), _HOUSE)
if "demo" in (SMS_SENDER, WECHAT_MESSAGES, ROBOTS, MAIL_SENDER) and not DEMO:
    raise env.SettingsError(
        "a sender that is “demo” shows every code and message to everybody; it needs TONGXIN_DEMO=1."
    )
SMS_URL = env.text("TONGXIN_SMS_URL") if SMS_SENDER == "http" else ""
SMS_SECRET = env.secret("TONGXIN_SMS_SECRET") if SMS_SENDER == "http" else ""
ALIYUN_KEY_ID = env.text("TONGXIN_ALIYUN_KEY_ID") if SMS_SENDER == "aliyun" else ""
ALIYUN_KEY_SECRET = env.secret("TONGXIN_ALIYUN_KEY_SECRET") if SMS_SENDER == "aliyun" else ""
ALIYUN_SIGN_NAME = env.text("TONGXIN_ALIYUN_SIGN_NAME") if SMS_SENDER == "aliyun" else ""
ALIYUN_TEMPLATE = env.text("TONGXIN_ALIYUN_TEMPLATE") if SMS_SENDER == "aliyun" else ""
ALIYUN_SMS_URL = env.text("TONGXIN_ALIYUN_SMS_URL", "https://dysmsapi.aliyuncs.com").rstrip("/")
HOOK_SECRET = env.secret("TONGXIN_HOOK_SECRET") if SMS_SENDER == "aliyun" or WECHAT_MESSAGES == "account" else ""
WECHAT_ACCOUNT_ID = env.text("TONGXIN_WECHAT_ACCOUNT_ID") if WECHAT_MESSAGES == "account" else ""
WECHAT_ACCOUNT_SECRET = env.secret("TONGXIN_WECHAT_ACCOUNT_SECRET") if WECHAT_MESSAGES == "account" else ""
WECHAT_TEMPLATE = env.text("TONGXIN_WECHAT_TEMPLATE") if WECHAT_MESSAGES == "account" else ""
WECOM_URL = env.text("TONGXIN_WECOM_URL", "https://qyapi.weixin.qq.com").rstrip("/")
DINGTALK_URL = env.text("TONGXIN_DINGTALK_URL", "https://oapi.dingtalk.com").rstrip("/")

# Who suggests a category while somebody types; see triage/classifier.py.
TRIAGE = env.choice("TONGXIN_TRIAGE", ("linear", "http", "none"), "linear")
TRIAGE_URL = env.text("TONGXIN_TRIAGE_URL") if TRIAGE == "http" else ""
TRIAGE_SECRET = env.secret("TONGXIN_TRIAGE_SECRET") if TRIAGE == "http" else ""

# Web pushes: whose services browsers may name; see notifications/push.py. Browsers ask for HTTPS.
PUSH_SERVICES = env.words(
    "TONGXIN_PUSH_SERVICES",
    "fcm.googleapis.com,updates.push.services.mozilla.com,notify.windows.com,push.apple.com" if HTTPS else "none",
)

# Witnesses of the record outside of this house; see record/witnesses.py.
WITNESS_URLS = env.addresses("TONGXIN_WITNESS_URLS", env.web_address)
WITNESS_SECRET = env.secret("TONGXIN_WITNESS_SECRET") if WITNESS_URLS else ""
WITNESS_MAIL = env.addresses("TONGXIN_WITNESS_MAIL", env.mail_address)
_MAILS = bool(WITNESS_MAIL) or MAIL_SENDER == "smtp"
SMTP_HOST = env.text("TONGXIN_SMTP_HOST") if _MAILS else ""
SMTP_PORT = env.number("TONGXIN_SMTP_PORT", 587) if _MAILS else 587
SMTP_SECURITY = env.choice("TONGXIN_SMTP_SECURITY", ("starttls", "tls", "none"), "starttls") if _MAILS else "starttls"
SMTP_USER = env.text("TONGXIN_SMTP_USER", "-").removeprefix("-") if _MAILS else ""
SMTP_PASSWORD = env.secret("TONGXIN_SMTP_PASSWORD") if SMTP_USER else ""
MAIL_FROM = env.mail_address("TONGXIN_MAIL_FROM", env.text("TONGXIN_MAIL_FROM")) if _MAILS else ""

# WeChat as a way to sign in, offered when an app id is set; see journeys/wechat.py.
WECHAT_APP_ID = env.text("TONGXIN_WECHAT_APP_ID", "-").removeprefix("-")
WECHAT_SECRET = env.secret("TONGXIN_WECHAT_SECRET") if WECHAT_APP_ID else ""
WECHAT_OPEN_URL = env.text("TONGXIN_WECHAT_OPEN_URL", "https://open.weixin.qq.com").rstrip("/")
WECHAT_API_URL = env.text("TONGXIN_WECHAT_API_URL", "https://api.weixin.qq.com").rstrip("/")

MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
CSRF_FAILURE_VIEW = "tongxin.web.errors.csrf_failure"

# A report carries up to nine photos of 12 MB; the server refuses more before it reads it all.
MAX_UPLOAD_BYTES = 12 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 20
MAX_BODY_BYTES = DATA_UPLOAD_MAX_NUMBER_FILES * MAX_UPLOAD_BYTES + DATA_UPLOAD_MAX_MEMORY_SIZE
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("TONGXIN_LOG_LEVEL", "WARNING")},
}

env.refuse_unknown(
    (
        "TONGXIN_SMS_URL",
        "TONGXIN_SMS_SECRET",
        "TONGXIN_TRIAGE_URL",
        "TONGXIN_TRIAGE_SECRET",
        "TONGXIN_ALIYUN_KEY_ID",
        "TONGXIN_ALIYUN_KEY_SECRET",
        "TONGXIN_ALIYUN_SIGN_NAME",
        "TONGXIN_ALIYUN_TEMPLATE",
        "TONGXIN_HOOK_SECRET",
        "TONGXIN_WECHAT_ACCOUNT_ID",
        "TONGXIN_WECHAT_ACCOUNT_SECRET",
        "TONGXIN_WECHAT_TEMPLATE",
        "TONGXIN_WECHAT_SECRET",
        "TONGXIN_WITNESS_SECRET",
        "TONGXIN_SMTP_HOST",
        "TONGXIN_SMTP_PORT",
        "TONGXIN_SMTP_SECURITY",
        "TONGXIN_SMTP_USER",
        "TONGXIN_SMTP_PASSWORD",
        "TONGXIN_MAIL_FROM",
    )
)
