"""Tests of a Python program against `advoware sandbox --control`.

Run them with `pytest docs/examples/sandbox_test.py`, or without pytest with
`python3 docs/examples/sandbox_test.py`. They need the command advoware on PATH, or its
path in ADVOWARE_COMMAND, and nothing but the standard library.
"""

import base64
import contextlib
import datetime
import hashlib
import hmac
import json
import os
import signal
import subprocess
import threading
import urllib.error
import urllib.request
import uuid


# The program under test: it keeps a token, and fetches another one after a 401.


class Advoware:
    def __init__(self, env):
        self.env = env
        self.token = None

    def get(self, path):
        for attempt in (1, 2):
            if self.token is None:
                self.token = self.fetch_token()
            request = urllib.request.Request(
                self.env["ADVOWARE_API_BASE_URL"] + path, headers={"Authorization": "Bearer " + self.token}
            )
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code != 401 or attempt == 2:
                    raise
                self.token = None

    def fetch_token(self):
        env = self.env
        nonce = str(uuid.uuid4())
        time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        signed = ":".join([env["ADVOWARE_PRODUCT_ID"], env["ADVOWARE_APP_ID"], nonce, time])
        key = base64.b64decode(env["ADVOWARE_API_KEY"])
        fields = {
            "AppID": env["ADVOWARE_APP_ID"],
            "Kanzlei": env["ADVOWARE_KANZLEI"],
            "Database": env["ADVOWARE_DATABASE"],
            "User": env["ADVOWARE_USER"],
            "Password": env["ADVOWARE_PASSWORD"],
            "Role": int(env["ADVOWARE_ROLE"]),
            "Product": int(env["ADVOWARE_PRODUCT_ID"]),
            "Nonce": nonce,
            "RequestTimeStamp": time,
            "HMAC512Signature": base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha512).digest()).decode(),
        }
        return send("POST", env["ADVOWARE_TOKEN_URL"], fields)["access_token"]


# The sandbox.


def send(method, url, body=None):
    """Sends JSON and returns the JSON of the answer, None if it is empty."""
    request = urllib.request.Request(url, method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=70) as answer:
        text = answer.read()
    return json.loads(text) if text else None


@contextlib.contextmanager
def sandbox(*flags):
    """Starts a sandbox. Yields its variables, and a function that asks its control."""
    command = [os.environ.get("ADVOWARE_COMMAND", "advoware"), "sandbox", "--control", "127.0.0.1:0", *flags]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        env = {}
        while "ADVOWARE_SANDBOX_CONTROL" not in env:  # it is the last line
            line = process.stdout.readline()
            if not line:
                raise RuntimeError("the sandbox does not start")
            name, _, value = line.rstrip("\n").partition("=")
            env[name] = value
        yield env, lambda method, path, body=None: send(method, env["ADVOWARE_SANDBOX_CONTROL"] + path, body)
    finally:
        if os.name == "nt":
            process.terminate()
        else:
            process.send_signal(signal.SIGINT)
        process.communicate()


# The tests.


def test_a_revoked_token_is_fetched_again():
    with sandbox() as (env, control):
        tokens = control("POST", "observers", {"on": "token"})["id"]
        program = Advoware(env)
        assert program.get("employees")
        first = program.token
        assert control("POST", "tokens/revoke", {"token": first}) == {"revoked": True}

        call = threading.Thread(target=program.get, args=("employees",))
        call.start()
        assert control("GET", f"observers/{tokens}/wait?hits=2&timeout=30")["hits"] == 2
        call.join()
        assert program.token != first
        assert control("GET", "counts")["unauthorized"] == 1


def test_an_office_that_is_not_connected():
    with sandbox() as (env, control):
        fault = control("POST", "faults", {"named": "not-connected"})["id"]
        program = Advoware(env)
        try:
            program.get("employees")
            raise AssertionError("there is no error")
        except urllib.error.HTTPError as error:
            assert error.code == 503 and error.headers["Retry-After"] == "70"
            assert "ist nicht angemeldet" in error.read().decode()
        assert control("GET", f"faults/{fault}")["hits"] == 1
        assert program.get("employees")  # it struck once


def test_a_misspelt_member_is_refused():
    with sandbox() as (_, control):
        try:
            control("POST", "faults", {"on": "api", "stauts": 500})
            raise AssertionError("there is no error")
        except urllib.error.HTTPError as error:
            assert error.code == 400 and "stauts" in json.load(error)["error"]


def test_passwords_are_not_in_the_log():
    with sandbox() as (env, control):
        Advoware(env).get("employees")
        requests = control("GET", "requests?last=10")
        assert [(r["method"], r["path"], r["status"]) for r in requests] == [
            ("POST", "/api/v1/Token", 200),
            ("GET", "/employees", 200),
        ]
        assert env["ADVOWARE_PASSWORD"] not in json.dumps(requests)


if __name__ == "__main__":
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            test()
            print(name, "passed")
