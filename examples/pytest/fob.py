"""A client of fob's control API: one token, pressed and broken over HTTP. Standard library only."""

import json
import urllib.error
import urllib.parse
import urllib.request


class FobError(Exception):
    """fob refused: `code` is stable, the text says what to do next."""

    def __init__(self, problem):
        self.code = problem.get("code", "internal")
        super().__init__(" ".join(filter(None, [problem.get("detail"), problem.get("nextStep")])))


class Fob:
    """The address is what `fob face` prints; where it holds no access token, give that too."""

    def __init__(self, address, access_token=None):
        self._address = address.rstrip("/") + "/"
        self._headers = {"authorization": f"Bearer {access_token}"} if access_token else {}

    def token(self, serial):
        return Token(self, serial)

    def serials(self):
        return [token["serial"] for token in self.call("GET", "v1/tokens")["items"]]

    def call(self, method, path, body=None):
        answer = self.fetch(method, path, body)
        return json.loads(answer) if answer else None

    def fetch(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = dict(self._headers)
        if data is not None:
            headers["content-type"] = "application/json"
        request = urllib.request.Request(
            self._address + path, data=data, headers=headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            if error.headers.get_content_type() != "application/problem+json":
                raise FobError({"detail": f"HTTP {error.code}: is this the address of a fob?"})
            raise FobError(json.loads(error.read())) from None


class Token:
    """One token in somebody's hand."""

    def __init__(self, fob, serial):
        self.serial = serial
        self._fob = fob
        self._path = "v1/tokens/" + urllib.parse.quote(serial)

    @property
    def display(self):
        """What can be read off the LCD; empty while it is dark."""
        return self._fob.call("GET", self._path)["display"]

    @property
    def state(self):
        return self._fob.call("GET", self._path)["state"]

    def press(self, hold=None):
        """Presses the button; what shows then is returned."""
        body = {} if hold is None else {"hold": hold}
        return self._fob.call("POST", self._path + "/press", body)["display"]

    def inject(self, fault, **attributes):
        body = {"attributes": attributes} if attributes else {}
        self._fob.call("PUT", f"{self._path}/faults/{fault}", body)

    def clear(self, fault):
        self._fob.call("DELETE", f"{self._path}/faults/{fault}")

    def reset(self):
        self._fob.call("DELETE", self._path + "/faults")

    def screenshot(self):
        """The whole token as PNG."""
        return self._fob.fetch("GET", self._path + "/screenshot?format=png&part=fob")
