"use strict";

// All that others have sent is shown as text, never as HTML.
const most = 200; // requests that are shown
const $ = (id) => document.getElementById(id);
const rows = new Map(); // of requests, by id

function make(tag, props, ...children) {
  const e = Object.assign(document.createElement(tag), props);
  e.append(...children);
  return e;
}

async function ask(method, path, body) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  const answer = await fetch(path, options);
  const text = await answer.text();
  const value = text === "" ? null : JSON.parse(text);
  if (!answer.ok) throw new Error(value.error);
  return value;
}

// act does what a click asks for, says what is wrong, and shows what it has changed.
async function act(method, path, body) {
  try {
    await ask(method, path, body);
    $("error").hidden = true;
  } catch (e) {
    $("error").textContent = e.message;
    $("error").hidden = false;
  }
  await busy; // it may have asked before the change
  await refresh();
}

function showStatus(row, status) {
  row.dataset.status = status;
  const cell = row.lastElementChild;
  cell.textContent = status || "…";
  cell.className = status >= 400 ? "bad" : status ? "good" : "";
}

function showRequest(r) {
  let row = rows.get(r.id);
  if (row) return showStatus(row, r.status);
  const query = new URLSearchParams(Object.entries(r.query || {}).flatMap(([k, all]) => all.map((v) => [k, v]))).toString();
  const header = Object.entries(r.header || {}).flatMap(([k, all]) => all.map((v) => k + ": " + v)).join("\n");
  row = make("tr", {},
    make("td", {}, new Date(r.time).toLocaleTimeString()),
    make("td", {}, r.on),
    make("td", {}, r.kanzlei),
    make("td", {}, make("details", {},
      make("summary", {}, r.method + " " + r.path + (query && "?" + query)),
      make("pre", {}, "Host: " + r.host + "\n" + header + (r.body && "\n\n" + r.body)))),
    make("td", {}));
  showStatus(row, r.status);
  rows.set(r.id, row);
  $("requests").prepend(row);
  while (rows.size > most) {
    const [oldest, last] = rows.entries().next().value;
    last.remove();
    rows.delete(oldest);
  }
  $("shown").textContent = rows.size < most ? "" : "the last " + most;
}

const items = new Map(); // of what is injected, by id

// showFaults changes items and does not replace them: a button must be the same from the
// begin of a click to its end.
function showFaults(all) {
  $("clear").hidden = all.length === 0;
  const shown = all.slice(-50);
  for (const [id, item] of items) {
    if (shown.some((f) => f.id === id)) continue;
    item.remove();
    items.delete(id);
  }
  for (const f of shown) {
    let item = items.get(f.id);
    if (!item) {
      item = make("li", {}, make("span"), make("button", { type: "button", onclick: () => act("DELETE", "faults/" + f.id) }, "Remove"));
      items.set(f.id, item);
      $("injected").prepend(item);
    }
    item.className = f.active ? "active" : "ended";
    item.firstChild.textContent = (f.given.named || JSON.stringify(f.given)) + ": " + f.hits + (f.hits === 1 ? " hit" : " hits");
    item.lastChild.hidden = !f.active;
  }
}

function showTable(id, all, cells) {
  $(id).replaceChildren(...all.map((v) => make("tr", {}, ...cells(v).map((text) => make("td", {}, String(text))))));
}

let busy = null;

// refresh shows everything but new requests, which come by themselves. Requests that were
// shown before their answer get their status here.
function refresh() {
  return busy ??= (async () => {
    try {
      const [counts, faults, identities, connectors] = await Promise.all(["counts", "faults", "identities", "connectors"].map((p) => ask("GET", p)));
      $("counts").replaceChildren(...Object.entries(counts).map(([k, v]) => make("div", {}, make("dt", {}, k.replaceAll("_", " ")), make("dd", {}, String(v)))));
      showFaults(faults);
      showTable("identities", identities, (i) => [i.kanzlei, i.database, i.user, i.role, i.app_id, i.product]);
      showTable("connectors", connectors, (c) => [c.kanzlei, c.url, c.open ? "open" : "closed"]);
      $("connectors-table").hidden = connectors.length === 0;
      if ([...rows.values()].some((row) => row.dataset.status === "0")) {
        for (const r of await ask("GET", "requests?last=" + most)) if (rows.has(r.id)) showRequest(r);
      }
    } catch {
      // the connection of the log says that the sandbox has ended
    } finally {
      busy = null;
    }
  })();
}

let soon = 0;

function follow() {
  const events = new EventSource("requests/follow?last=" + most);
  events.onopen = () => {
    $("state").textContent = "follows the sandbox";
    $("state").dataset.live = "";
  };
  events.onerror = () => {
    $("state").textContent = "the sandbox has ended, or cannot be reached";
    delete $("state").dataset.live;
  };
  events.onmessage = (e) => {
    showRequest(JSON.parse(e.data));
    soon ||= setTimeout(() => { soon = 0; refresh(); }, 150);
  };
}

async function begin() {
  const parts = new Map([["token", "Gateway"], ["api", "API"], ["discovery", "Discovery"]]);
  const boxes = new Map([...parts].map(([on, title]) => [on, make("fieldset", {}, make("legend", {}, title))]));
  for (const n of await ask("GET", "named")) {
    const button = make("button", { type: "button", onclick: () => act("POST", "faults", { named: n.name, times: Number($("times").value) }) },
      n.title.replace(/^(Gateway|API|Discovery):? /, ""));
    button.dataset.named = n.name;
    button.title = JSON.stringify(n.fault);
    boxes.get(n.fault.on).append(button);
  }
  $("named").append(...boxes.values());
  $("revoke").onclick = () => act("POST", "tokens/revoke", { all: true });
  $("clear").onclick = () => act("DELETE", "faults");
  follow();
  await refresh();
  setInterval(() => { if (!document.hidden) refresh(); }, 2000);
  document.documentElement.dataset.ready = "";
}

begin().catch((e) => {
  $("error").textContent = e.message;
  $("error").hidden = false;
});
