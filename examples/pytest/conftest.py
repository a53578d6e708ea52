"""Tokens for the tests, and their pictures in the report of a test that failed."""

import json
import os
import pathlib
import subprocess
import tempfile
import urllib.parse
import urllib.request

import pytest
from fob import Fob
from login_app import LoginApp

# Seeds for tests only: RFC 6238's own, so that anybody can compute the codes.
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
ADDRESSES = {
    "time": [f"otpauth://totp/QA-TIME-{number}?secret={SEED}" for number in range(1, 9)],
    "event": [f"otpauth://hotp/QA-EVENT-{number}?secret={SEED}&counter=0" for number in (1, 2)],
}


@pytest.fixture(scope="session")
def fob():
    """A running fob: the one at FOB_ADDRESS (a service container), else one of our own."""
    address = os.environ.get("FOB_ADDRESS")
    if address:
        yield Fob(address, os.environ.get("FOB_FACE_TOKEN"))
        return
    program = json.loads(os.environ.get("FOB_COMMAND", '["fob"]'))
    with tempfile.TemporaryDirectory() as drawer:
        place = ["--drawer", drawer]
        addresses = "\n".join(ADDRESSES["time"] + ADDRESSES["event"])
        subprocess.run([*program, "import", "-", *place], input=addresses, text=True, check=True)
        face = subprocess.Popen(
            [*program, "face", "--qa", "--port", "0", "--json", *place],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield Fob(json.loads(face.stdout.readline())["address"])
        finally:
            face.terminate()
            face.wait(10)


@pytest.fixture(scope="session")
def unused():
    """Each test has a token of its own, which nobody has pressed yet."""
    return {kind: iter(addresses) for kind, addresses in ADDRESSES.items()}


@pytest.fixture
def otpauth(unused, request):
    """What the user enrolled; `@pytest.mark.event_token` asks for one that counts."""
    return next(unused["event" if request.node.get_closest_marker("event_token") else "time"])


@pytest.fixture
def token(fob, otpauth, request):
    token = fob.token(urllib.parse.urlparse(otpauth).path.strip("/"))
    request.node.token = token
    yield token
    token.reset()


@pytest.fixture
def app(otpauth):
    app = LoginApp()
    app.enrol("alice", otpauth)
    yield app
    app.close()


@pytest.fixture
def sign_in(app):
    def sign_in(code):
        form = urllib.parse.urlencode({"user": "alice", "code": code}).encode()
        with urllib.request.urlopen(app.url, form, timeout=10) as answer:
            return answer.read().decode()

    return sign_in


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Of a failed test the report carries the LCD, as CI servers attach files to JUnit reports."""
    report = (yield).get_result()
    token = getattr(item, "token", None)
    if report.when == "call" and report.failed and token is not None:
        folder = pathlib.Path(os.environ.get("LCD_FOLDER", "test-results"))
        folder.mkdir(parents=True, exist_ok=True)
        picture = folder / f"{item.name}.lcd.png"
        picture.write_bytes(token.screenshot())
        said = f"It shows {token.display!r}\n[[ATTACHMENT|{picture.resolve()}]]\n"
        # The JUnit report is written from what the item has when all of the test is over.
        item.add_report_section("call", "stdout", said)
        report.sections.append(("Captured stdout call", said))
