// Signs every vector of golden.json anew with Node's crypto and prints the file.
// golden.py says how to run the two.
const { execFileSync } = require("node:child_process");
const { createHmac } = require("node:crypto");
const { readFileSync } = require("node:fs");

const golden = JSON.parse(readFileSync("golden.json", "utf8"));

const python = execFileSync("python3", ["--version"], { encoding: "utf8" }).trim();
golden.made_by = [`${python}, hmac`, `Node.js ${process.version}, crypto`];

for (const v of golden.vectors) {
  const message = `${v.product}:${v.app}:${v.nonce}:${v.timestamp}`;
  const key = Buffer.from(v.key, "base64");
  v.signature = createHmac("sha512", key).update(message, "utf8").digest("base64");
}

console.log(JSON.stringify(golden, null, 2));
