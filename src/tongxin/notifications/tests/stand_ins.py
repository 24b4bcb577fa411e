"""Providers on this machine: each checks the signature by its own reckoning, keeps its own time, and refuses too much."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

KEY_ID, KEY_SECRET = "LTAI-for-tests", "aliyun-secret-for-tests"
WECOM_KEY, TALK_TOKEN, TALK_SECRET = "693axxx6-7aoc", "talk-token", "SEC-for-tests"
APP_ID, APP_SECRET = "wx-account", "wx-account-secret"


class Provider(ThreadingHTTPServer):
    """What all stand-ins share: what they were sent, and what they shall say."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.got: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self.limit = 1000
        self.says: list[dict[str, Any]] = []
        self.status, self.headers_more = 200, {}
        self.tokens: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answering(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        parts = urlsplit(self.path)
        status, said = self.server.status, {"errcode": 0, "errmsg": "ok"}
        if status == 200:
            said = self.server.says.pop(0) if self.server.says else self.answer(parts.path, parts.query, body)
        data = json.dumps(said).encode()
        self.send_response(status)
        for name, value in self.server.headers_more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""

    def answer(self, path: str, query: str, body: bytes) -> dict[str, Any]:
        """What this provider says to a request; each says something else."""
        return {}

    def refuse(self, why: str, said: dict[str, Any]) -> dict[str, Any]:
        self.server.refused.append(why)
        return said


class AliyunSms(Answering):
    """Reckons the signature from what came over the wire: the headers that the caller says it signed."""

    def answer(self, path: str, query: str, body: bytes) -> dict[str, Any]:
        scheme, _, rest = self.headers.get("Authorization", "").partition(" ")
        said = dict(part.split("=", 1) for part in rest.split(","))
        names = said.get("SignedHeaders", "").split(";")
        if scheme != "ACS3-HMAC-SHA256" or said.get("Credential") != KEY_ID:
            return self.refuse("key", {"Code": "InvalidAccessKeyId.NotFound"})
        needed = {
            "host",
            "x-acs-action",
            "x-acs-content-sha256",
            "x-acs-date",
            "x-acs-signature-nonce",
            "x-acs-version",
        }
        if not needed <= set(names) or names != sorted(names):
            return self.refuse("headers", {"Code": "IncompleteSignature"})
        when = datetime.strptime(self.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs((datetime.now(UTC) - when).total_seconds()) > 900:
            return self.refuse("time", {"Code": "InvalidTimeStamp.Expired"})
        request = [self.command, path, "&".join(sorted(query.split("&")))]
        request += [f"{name}:{self.headers[name].strip()}" for name in names]
        request += ["", ";".join(names), hashlib.sha256(body).hexdigest()]
        digest = hashlib.sha256("\n".join(request).encode()).hexdigest()
        right = hmac.digest(KEY_SECRET.encode(), f"{scheme}\n{digest}".encode(), "sha256").hex()
        if not hmac.compare_digest(right, said.get("Signature", "")):
            return self.refuse("signature", {"Code": "SignatureDoesNotMatch"})
        values = dict(parse_qsl(query, keep_blank_values=True))
        if values["TemplateCode"] != "SMS_1" or values["SignName"] != "十堰同心":
            return self.refuse("template", {"Code": "isv.SMS_TEMPLATE_ILLEGAL"})
        if len(self.server.got) >= self.server.limit:
            return self.refuse("limit", {"Code": "isv.BUSINESS_LIMIT_CONTROL"})
        values["text"] = json.loads(values["TemplateParam"])["text"]
        self.server.got.append(values)
        return {"Code": "OK", "BizId": f"9006{len(self.server.got)}^0", "RequestId": "r"}


class Robots(Answering):
    """Both kinds of group robots; ``limit`` is how many they take in the minute of a test."""

    def answer(self, path: str, query: str, body: bytes) -> dict[str, Any]:
        values, said = dict(parse_qsl(query)), json.loads(body)
        if path == "/cgi-bin/webhook/send":
            if values.get("key") != WECOM_KEY:
                return self.refuse("key", {"errcode": 93000, "errmsg": "invalid webhook url"})
            over = {"errcode": 45009, "errmsg": "api freq out of limit"}
        else:
            message = values["timestamp"] + "\n" + TALK_SECRET
            made = base64.b64encode(hmac.digest(TALK_SECRET.encode(), message.encode(), "sha256")).decode()
            late = abs(datetime.now(UTC).timestamp() * 1000 - int(values["timestamp"])) > 3_600_000
            if values.get("access_token") != TALK_TOKEN or late or unquote(values.get("sign", "")) != made:
                return self.refuse("sign", {"errcode": 310000, "errmsg": "sign not match"})
            over = {"errcode": 130101, "errmsg": "send too fast"}
        if len(self.server.got) >= self.server.limit:
            return self.refuse("limit", over)
        self.server.got.append(said)
        return {"errcode": 0, "errmsg": "ok"}


class WeChat(Answering):
    """Gives out tokens, of which only the newest holds, and takes template messages."""

    def answer(self, path: str, query: str, body: bytes) -> dict[str, Any]:
        values = dict(parse_qsl(query))
        if path == "/cgi-bin/token":
            if (values.get("appid"), values.get("secret")) != (APP_ID, APP_SECRET):
                return self.refuse("secret", {"errcode": 40125, "errmsg": "invalid appsecret"})
            self.server.tokens.append(f"token-{len(self.server.tokens) + 1}")
            return {"access_token": self.server.tokens[-1], "expires_in": 7200}
        if not self.server.tokens or values.get("access_token") != self.server.tokens[-1]:
            return self.refuse("token", {"errcode": 40001, "errmsg": "invalid credential"})
        said = json.loads(body)
        if said["touser"] == "o-gone":
            return self.refuse("openid", {"errcode": 43004, "errmsg": "require subscribe"})
        self.server.got.append(said)
        return {"errcode": 0, "errmsg": "ok", "msgid": 200163836 + len(self.server.got)}


class Post(socketserver.StreamRequestHandler):
    """A mail server of the simplest kind. ``server.codes``: what it answers to RCPT, one after another."""

    def handle(self) -> None:
        def say(words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

        say("220 mail.test")
        while line := self.rfile.readline():
            verb = line.strip().upper()[:4]
            if verb in {b"EHLO", b"HELO"}:
                say("250 mail.test")
            elif verb == b"RCPT":
                say(self.server.codes.pop(0) if self.server.codes else "250 ok")
            elif verb == b"DATA":
                say("354 go on")
                lines = []
                while (text := self.rfile.readline()) not in {b".\r\n", b""}:
                    lines.append(text)
                self.server.got.append(b"".join(lines))
                say("250 taken")
            elif verb == b"QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")


class MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Post)
        self.got: list[bytes] = []
        self.codes: list[str] = []


@contextmanager
def open_for_business(server: Any) -> Iterator[Any]:
    """The stand-in answers until the test is over."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
