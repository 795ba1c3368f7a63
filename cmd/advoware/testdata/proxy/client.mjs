// usage: node client.mjs URL SIZE: calls an API through the proxy, as a script would.
import http from "node:http";
import { once } from "node:events";

const [url, size] = [process.argv[2].replace(/\/$/, ""), Number(process.argv[3])];

async function call(method, path, write = () => {}, headers = {}) {
  const request = http.request(url + path, { method, headers });
  const arrived = once(request, "response");
  await write(request);
  request.end();
  const [answer] = await arrived;
  if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode}`);
  return answer;
}

async function text(answer) {
  const pieces = [];
  for await (const piece of answer) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

const json = { "Content-Type": "application/json" };
const send = (body) => async (request) => request.write(body);

console.log(await text(await call("GET", "/echo?" + new URLSearchParams({ name: "Müller & Söhne" }))));
console.log(await text(await call("POST", "/echo", send(JSON.stringify({ text: "Gütetermin über 1 €" })), json)));
await text(await call("GET", "/revoke"));
console.log(await text(await call("POST", "/echo", send('{"text":"nach dem Widerruf"}'), json)));
const upload = async (request) => {
  for (let left = size; left > 0; left -= 65536) {
    if (!request.write(Buffer.alloc(Math.min(left, 65536), "x"))) await once(request, "drain");
  }
};
console.log(await text(await call("PUT", "/size", upload)));
let n = 0;
for await (const piece of await call("GET", `/bytes?n=${size}`)) n += piece.length;
console.log(n);
console.log(await text(await call("GET", "/advoware/proxy?endpoint=/echo&" + new URLSearchParams({ name: "Jördis" }))));
