"""Seals every vector of golden.json anew with pyca/cryptography and prints the file.

Run in this folder:

    python3 golden.py > new.json && mv new.json golden.json

A new vector needs everything but "sealed": leave that "" and run this. A vector with
a "nonce" (hex) is sealed with that one instead of the one it should have, and must
not open.
"""
import base64, hashlib, hmac, json, platform, struct, sys

import cryptography
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PREFIX = "advoware-sealed-v1."


def subkey(key, label, length):
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=label.encode()).derive(key)


def seal(v):
    key, text = base64.b64decode(v["key"]), v["token"].encode()
    binding = PREFIX.encode()
    for part in (v["name"].encode(), v["identity"].encode()):
        binding += struct.pack(">Q", len(part)) + part
    nonce = hmac.new(subkey(key, "advoware sealed v1 nonce", 32), binding + text, hashlib.sha256).digest()[:12]
    nonce = bytes.fromhex(v.get("nonce", "")) or nonce
    box = AESGCM(subkey(key, "advoware sealed v1 seal", 32)).encrypt(nonce, text, binding)
    box = subkey(key, "advoware sealed v1 key id", 8) + nonce + box
    return PREFIX + base64.urlsafe_b64encode(box).decode().rstrip("=")


with open("golden.json", encoding="utf-8") as f:
    golden = json.load(f)
golden["made_by"] = f"Python {platform.python_version()}, cryptography {cryptography.__version__}"
for v in golden["vectors"]:
    v["sealed"] = seal(v)
sys.stdout.reconfigure(encoding="utf-8", newline="\n")
print(json.dumps(golden, ensure_ascii=False, indent=2))
