"""usage: client.py URL SIZE: calls an API through the proxy, as a script would."""
import http.client
import json
import sys
import urllib.parse

url, size = urllib.parse.urlsplit(sys.argv[1]), int(sys.argv[2])
api = http.client.HTTPConnection(url.hostname, url.port, timeout=60)


def call(method, path, body=None, headers={}):
    api.request(method, path, body=body, headers=headers)
    answer = api.getresponse()
    text = answer.read()
    assert answer.status == 200, (answer.status, text)
    return text.decode()


def pieces():
    for left in range(size, 0, -65536):
        yield b"x" * min(left, 65536)


as_json = {"Content-Type": "application/json"}
print(call("GET", "/echo?" + urllib.parse.urlencode({"name": "Müller & Söhne"})))
print(call("POST", "/echo", json.dumps({"text": "Gütetermin über 1 €"}, ensure_ascii=False, separators=(",", ":")).encode(), as_json))
call("GET", "/revoke")
print(call("POST", "/echo", '{"text":"nach dem Widerruf"}'.encode(), as_json))
print(call("PUT", "/size", pieces(), {"Content-Length": str(size)}))
print(len(call("GET", "/bytes?n=%d" % size)))
print(call("GET", "/advoware/proxy?endpoint=/echo&" + urllib.parse.urlencode({"name": "Jördis"})))
