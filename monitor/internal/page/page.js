"use strict";
(() => {
  const every = 5000;
  const clock = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit" });
  const seconds = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const day = new Intl.DateTimeFormat([], { weekday: "short", hour: "2-digit", minute: "2-digit" });

  // Times come in UTC, and are shown in the zone of the viewer.
  function localize(root) {
    for (const e of root.querySelectorAll("time")) {
      const at = new Date(e.dateTime);
      e.textContent = ("seconds" in e.dataset ? seconds : "day" in e.dataset ? day : clock).format(at);
      e.title = at.toLocaleString();
    }
    for (const e of root.querySelectorAll("text[data-time]")) e.textContent = clock.format(new Date(e.dataset.time));
    for (const e of root.querySelectorAll("title[data-format]")) {
      const times = e.dataset.times.split(" ");
      e.textContent = e.dataset.format.replace(/\{(\d)\}/g, (_, i) => clock.format(new Date(times[i])));
    }
  }

  // The server has rendered the page anew: what is open stays open, and focus stays where it is.
  async function refresh() {
    const old = document.getElementById("content");
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = document.adoptNode(page.getElementById("content"));
      for (const d of old.querySelectorAll("details")) {
        const same = fresh.querySelector("#" + d.id);
        if (same) same.open = d.open;
      }
      localize(fresh);
      const focus = document.activeElement?.closest("details")?.id;
      old.replaceWith(fresh);
      if (focus) document.getElementById(focus)?.querySelector("summary").focus({ preventScroll: true });
      document.title = page.title;
      delete document.documentElement.dataset.lost;
    } catch {
      document.documentElement.dataset.lost = "";
      old.querySelector("#as-of").dataset.lost = "The process does not answer. ";
    }
  }

  localize(document);
  setInterval(() => { if (!document.hidden) refresh(); }, every);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  document.documentElement.dataset.ready = "";
})();
