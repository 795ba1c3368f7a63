"""Signs every vector of golden.json anew with Python's hmac and prints the file.

Run in this folder, with golden.js, which must print the same bytes:

    python3 golden.py > new.json && node golden.js | cmp - new.json && mv new.json golden.json

A new vector needs everything but a signature: leave that "" and run this.
"""
import base64, hashlib, hmac, json, platform, subprocess, sys

with open("golden.json", encoding="utf-8") as f:
    golden = json.load(f)

node = subprocess.run(["node", "--version"], capture_output=True, check=True, text=True).stdout.strip()
golden["made_by"] = [f"Python {platform.python_version()}, hmac", f"Node.js {node}, crypto"]

for v in golden["vectors"]:
    message = f"{v['product']}:{v['app']}:{v['nonce']}:{v['timestamp']}"
    digest = hmac.new(base64.b64decode(v["key"]), message.encode(), hashlib.sha512).digest()
    v["signature"] = base64.b64encode(digest).decode()

sys.stdout.reconfigure(encoding="utf-8", newline="\n")
print(json.dumps(golden, ensure_ascii=False, indent=2))
