"""What is tested here: a small web login with a one-time code (RFC 6238 and RFC 4226)."""

import base64
import hashlib
import hmac
import struct
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WRONG_MAX = 5
LOOK_AHEAD = 10
STEP_SECONDS = 30
BODY_BYTES_MAX = 1000


class Account:
    """A user's token on record, from its otpauth:// address."""

    def __init__(self, otpauth):
        address = urllib.parse.urlparse(otpauth)
        query = dict(urllib.parse.parse_qsl(address.query))
        text = query["secret"]
        self.seed = base64.b32decode(text + "=" * (-len(text) % 8))
        self.counts_events = address.netloc == "hotp"
        self.last_factor = int(query.get("counter", 0)) - 1 if self.counts_events else -1
        self.wrong_in_row = 0

    def candidates(self, now):
        if self.counts_events:
            return range(self.last_factor + 1, self.last_factor + 2 + LOOK_AHEAD)
        step = int(now // STEP_SECONDS)
        return range(step - 1, step + 2)

    def sign_in(self, code, now):
        if len(code) != 6 or not (code.isascii() and code.isdigit()):
            return "A code is six digits"
        if self.wrong_in_row >= WRONG_MAX:
            return "Locked: call the helpdesk"
        matches = [
            factor
            for factor in self.candidates(now)
            if hmac.compare_digest(code_of(self.seed, factor), code)
        ]
        if not matches:
            self.wrong_in_row += 1
            return "Wrong code"
        if matches[0] <= self.last_factor:
            return "This code was used already"
        self.last_factor = matches[0]
        self.wrong_in_row = 0
        return "Welcome"


def code_of(seed, factor):
    """RFC 4226 section 5.3."""
    mac = hmac.new(seed, struct.pack(">Q", factor), hashlib.sha1).digest()
    (number,) = struct.unpack_from(">I", mac, mac[-1] & 0x0F)
    return str((number & 0x7FFFFFFF) % 1_000_000).zfill(6)


class LoginApp:
    def __init__(self):
        self._accounts = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = "http://127.0.0.1:%d/" % self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def enrol(self, user, otpauth):
        self._accounts[user] = Account(otpauth)

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _sign_in(self, form):
        account = self._accounts.get(form.get("user"))
        if account is None:
            return "Wrong code"
        with self._lock:
            return account.sign_in(form.get("code", ""), time.time())

    def _handler(self):
        app = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = min(int(self.headers.get("content-length", 0)), BODY_BYTES_MAX)
                form = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode()))
                answer = app._sign_in(form).encode()
                self.send_response(200)
                self.send_header("content-type", "text/plain; charset=utf-8")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        return Handler
