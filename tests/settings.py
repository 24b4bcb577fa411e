"""The ordinary settings on a throwaway environment: own keys, own data folder, never a developer's or operator's.

The database is what TONGXIN_DATABASE_URL names (`scripts/with-postgres` sets it), else SQLite in the data folder.
pytest-django makes its own ``test_`` database beside it.
"""

import atexit
import base64
import os
import shutil
import sys
import tempfile
from pathlib import Path

if "pytest" in sys.modules:
    _data = Path(tempfile.mkdtemp(prefix="tongxin-tests-"))
    atexit.register(shutil.rmtree, _data, ignore_errors=True)
else:
    # Checks that only look (mypy, makemigrations) need a name and no folder.
    _data = Path(tempfile.gettempdir()) / "tongxin-tests-none"

for _name in [name for name in os.environ if name.startswith("TONGXIN_") and name.endswith("_FILE")]:
    del os.environ[_name]
os.environ["TONGXIN_DATA"] = str(_data)
os.environ["TONGXIN_SECRET_KEY"] = "only-for-tests-" * 4
os.environ["TONGXIN_FIELD_KEY"] = base64.b64encode(b"only-for-tests--" * 2).decode()
os.environ["TONGXIN_DATABASE_URL"] = os.environ.get("TONGXIN_DATABASE_URL") or f"sqlite:///{_data}/tongxin.sqlite3"
os.environ.pop("TONGXIN_DEMO", None)
os.environ.pop("TONGXIN_PUBLIC_URL", None)
os.environ.pop("TONGXIN_HOSTS", None)

from tongxin.config.settings import *  # noqa: E402, F403
from tongxin.config.settings import BASE, DATABASES, STORAGES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file rather than memory: several threads then meet the same locks as in a real installation.
    DATABASES["default"]["TEST"] = {"NAME": str(_data / "tests.sqlite3")}
# Tests may kill connections and rebuild databases; a kept connection would outlive its database.
DATABASES["default"]["CONN_MAX_AGE"] = 0
SMS_SENDER = WECHAT_MESSAGES = ROBOTS = MAIL_SENDER = "demo"  # messages stay in the table, where tests find them
# Straight from the sources: no test waits for files to be collected.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = BASE / "web" / "static"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
