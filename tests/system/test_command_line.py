"""The one command line: every subcommand explains itself, and a setting that is wrong fails loudly and by name."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.system.installations import fresh
from tongxin.commands import main
from tongxin.config import env

SUBCOMMANDS = ("demo", "serve", "worker", "migrate", "import", "staff", "area", "verify", "backup", "restore")
READ_BY_PROGRAMS = ("migrate", "verify", "backup", "restore", "worker")


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_each_subcommand_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main([name, "--help"])
    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert f"tongxin {name}" in told
    assert len(told) > 100
    assert ("--json" in told) or name not in READ_BY_PROGRAMS


def test_all_subcommands_stand_in_the_help_and_a_wrong_one_is_status_two(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main.main(["--help"])
    told = capsys.readouterr().out
    assert all(name in told for name in SUBCOMMANDS)
    for wrong in ([], ["dance"], ["import"], ["import", "homes"], ["backup"], ["verify", "--loudly"]):
        with pytest.raises(SystemExit) as ended:
            main.main(wrong)
        assert ended.value.code == 2


KEY = base64.b64encode(b"k" * 32).decode()


@pytest.mark.parametrize(
    ("read", "environ", "names"),
    [
        (lambda e: env.database(e["TONGXIN_DATABASE_URL"]), {"TONGXIN_DATABASE_URL": "mysql://x/y"}, "DATABASE_URL"),
        (lambda e: env.database(e["TONGXIN_DATABASE_URL"]), {"TONGXIN_DATABASE_URL": "postgres://[x"}, "DATABASE_URL"),
        (lambda e: env.database(e["TONGXIN_DATABASE_URL"]), {"TONGXIN_DATABASE_URL": "sqlite://"}, "DATABASE_URL"),
        (lambda e: env.database(e["TONGXIN_DATABASE_URL"]), {"TONGXIN_DATABASE_URL": "postgres://h:port/n"}, "DATABASE_URL"),
        (lambda e: env.secret("TONGXIN_SECRET_KEY", e), {}, "TONGXIN_SECRET_KEY"),
        (lambda e: env.secret("TONGXIN_SECRET_KEY", e),
         {"TONGXIN_SECRET_KEY": "x", "TONGXIN_SECRET_KEY_FILE": "/etc/hostname"}, "TONGXIN_SECRET_KEY_FILE"),
        (lambda e: env.secret("TONGXIN_SECRET_KEY", e), {"TONGXIN_SECRET_KEY_FILE": "/none/such"}, "cannot be read"),
        (lambda e: env.secret("TONGXIN_SECRET_KEY", e), {"TONGXIN_SECRET_KEY_FILE": "/dev/null"}, "TONGXIN_SECRET_KEY"),
        (lambda e: env.field_key(environ=e), {"TONGXIN_FIELD_KEY": "short"}, "TONGXIN_FIELD_KEY"),
        (lambda e: env.field_key(environ=e), {"TONGXIN_FIELD_KEY": "密钥" * 20}, "TONGXIN_FIELD_KEY"),
        (lambda e: env.field_key(environ=e), {"TONGXIN_FIELD_KEY": base64.b64encode(b"k" * 16).decode()}, "32 bytes"),
        (lambda e: env.port(environ=e), {"TONGXIN_PORT": "99999"}, "TONGXIN_PORT"),
        (lambda e: env.port(environ=e), {"TONGXIN_PORT": "http"}, "TONGXIN_PORT"),
        (lambda e: env.port(environ=e), {"TONGXIN_PORT": "²"}, "TONGXIN_PORT"),
        (lambda e: env.number("TONGXIN_STRONG_IDLE_HOURS", 12, e), {"TONGXIN_STRONG_IDLE_HOURS": "0"}, "IDLE_HOURS"),
        (lambda e: env.flag("TONGXIN_DEMO", environ=e), {"TONGXIN_DEMO": "maybe"}, "TONGXIN_DEMO"),
        (lambda e: env.choice("TONGXIN_SMS_SENDER", ("none",), "none", e), {"TONGXIN_SMS_SENDER": "x"}, "SMS_SENDER"),
        (lambda e: env.text("TONGXIN_DATA", environ=e), {"TONGXIN_DATA": "  "}, "TONGXIN_DATA"),
        (lambda e: env.database(e["TONGXIN_DATABASE_URL"]), {"TONGXIN_DATABASE_URL": "sqlite:///here.db"}, "four strokes"),
        (lambda e: env.address("TONGXIN_PUBLIC_URL", "", e), {"TONGXIN_PUBLIC_URL": "tongxin.cn"}, "TONGXIN_PUBLIC_URL"),
        (lambda e: env.address("TONGXIN_PUBLIC_URL", "", e), {"TONGXIN_PUBLIC_URL": "https://a.cn/x"}, "PUBLIC_URL"),
        (lambda e: env.address("TONGXIN_PUBLIC_URL", "", e), {"TONGXIN_PUBLIC_URL": "http://a:b"}, "PUBLIC_URL"),
    ],
)  # fmt: skip
def test_a_wrong_setting_fails_loudly_and_by_name(read: Any, environ: dict[str, str], names: str) -> None:
    with pytest.raises(env.SettingsError) as told:
        read(environ)
    assert str(told.value).startswith("tongxin: ")
    assert names in str(told.value)


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (env.web_address, "https://"), (env.web_address, "ftp://archive.example.cn"), (env.web_address, "http://[::1"),
        (env.web_address, "https://archive.example.cn:port/"), (env.mail_address, "a@b@example.cn"),
        (env.mail_address, "a@example.cn\r\nBcc: x@example.cn"), (env.mail_address, "@example.cn"),
        (env.mail_address, "档案@example.cn"),
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(check: Any, value: str) -> None:
    with pytest.raises(env.SettingsError, match="TONGXIN_X"):
        check("TONGXIN_X", value)


def test_several_addresses_stand_with_commas_between() -> None:
    read = {"TONGXIN_WITNESS_URLS": "https://a.example.cn/s, http://127.0.0.1:9000/s,,https://a.example.cn/s"}
    found = env.addresses("TONGXIN_WITNESS_URLS", env.web_address, read)
    assert found == ("https://a.example.cn/s", "http://127.0.0.1:9000/s")
    assert env.addresses("TONGXIN_WITNESS_URLS", env.web_address, {}) == ()


def test_what_is_right_is_read() -> None:
    assert env.port(environ={"TONGXIN_PORT": "8080"}) == 8080
    assert env.field_key(environ={"TONGXIN_FIELD_KEY": KEY}) == b"k" * 32
    found = env.database("postgres://wang:geheim%40@db:5433/county?sslmode=require")
    assert (found["NAME"], found["USER"], found["PASSWORD"], found["PORT"]) == ("county", "wang", "geheim@", "5433")
    assert env.address("TONGXIN_PUBLIC_URL", "", {"TONGXIN_PUBLIC_URL": "https://a.cn:8443/"}) == "https://a.cn:8443"
    assert env.words("TONGXIN_HOSTS", environ={"TONGXIN_HOSTS": " a.cn, b.cn ,"}) == ["a.cn", "b.cn"]
    assert env.words("TONGXIN_TILE_ORIGINS", environ={}) == []
    assert env.database("sqlite:////srv/tongxin.sqlite3")["NAME"] == "/srv/tongxin.sqlite3"


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"TONGXIN_PORT": "0"}, "TONGXIN_PORT"),
        ({"TONGXIN_DATABASE_URL": "oracle://x"}, "TONGXIN_DATABASE_URL"),
        ({"TONGXIN_SMS_SENDER": "demo"}, "TONGXIN_DEMO"),
        ({"TONGXIN_WITNESS_URLS": "https://archive.example.cn/seals"}, "TONGXIN_WITNESS_SECRET"),
        ({"TONGXIN_WITNESS_URLS": "http://archive.example.cn/seals"}, "TONGXIN_WITNESS_URLS"),
        ({"TONGXIN_WITNESS_MAIL": "archive@example.cn"}, "TONGXIN_SMTP_HOST"),
        ({"TONGXIN_WITNESS_MAIL": "archive"}, "TONGXIN_WITNESS_MAIL"),
        ({"TONGXIN_WITNESS_MAIL": "a@example.cn", "TONGXIN_SMTP_HOST": "mail.example.cn"}, "TONGXIN_MAIL_FROM"),
        ({"TONGXIN_WITNESS_MAIL": "a@example.cn", "TONGXIN_SMTP_HOST": "m", "TONGXIN_MAIL_FROM": "t@example.cn",
          "TONGXIN_SMTP_USER": "t"}, "TONGXIN_SMTP_PASSWORD"),
        ({"TONGXIN_WITNESS_MAIL": "a@example.cn", "TONGXIN_SMTP_HOST": "m", "TONGXIN_MAIL_FROM": "t@example.cn",
          "TONGXIN_SMTP_SECURITY": "perhaps"}, "TONGXIN_SMTP_SECURITY"),
        ({"TONGXIN_DATABSE_URL": "sqlite:////x"}, "TONGXIN_DATABSE_URL"),
    ],
)  # fmt: skip
def test_the_command_refuses_to_start_and_says_which_setting(
    settings: dict[str, str], names: str, tmp_path: Path
) -> None:
    done = fresh(tmp_path / "data", **settings).run("verify")
    assert done.returncode == 1
    assert done.stdout == ""
    assert names in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()
