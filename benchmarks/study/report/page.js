"use strict";
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const shown = new Map(); // by name: what ECharts draws
  const figure = {};       // by name: which figure a time line shows

  // Three digits and a unit, as in the tables.
  function latency(ns) {
    for (const [unit, name] of [[1e9, "s"], [1e6, "ms"], [1e3, "µs"]]) {
      if (ns >= unit * 0.9995) {
        const v = ns / unit;
        return v.toFixed(v >= 99.95 ? 0 : v >= 9.995 ? 1 : 2) + " " + name;
      }
    }
    return Math.round(ns) + " ns";
  }
  const whole = (ns) => latency(ns).replace(/\.0+ /, " ");
  const seconds = (s) => Number(s.toFixed(3)) + " s";

  // One call in so many is slower: 1 is 0 %, 10 is 90 %, 100 is 99 %.
  function percentile(odds) {
    const share = 100 * (1 - 1 / odds);
    const digits = Math.max(0, Math.ceil(Math.log10(odds) - 2 + 1e-9));
    return Number(share.toFixed(Math.max(digits, odds % 10 ? 2 : 0))) + " %";
  }

  const escape = (s) => String(s).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  const line = (color, text, value, thin) =>
    `<div><i class="${thin ? "thin" : ""}" style="background:${color}"></i>${escape(text)}<b>${value}</b></div>`;
  const tip = (head, lines) => `<div class="tip"><strong>${escape(head)}</strong>${lines.join("")}</div>`;

  const functions = {
    latency: whole, seconds, percentile,
    timeTip: (items) => tip(seconds(items[0].axisValue),
      items.filter((p) => p.seriesName && p.value[1] != null).map((p) => line(p.color, p.seriesName, latency(p.value[1])))),
    hundredths: (v) => v + " %",
    rateTip: (items) => tip(seconds(items[0].axisValue),
      items.filter((p) => p.seriesName && p.value[1] != null).map((p) => line(p.color, p.seriesName, Number(p.value[1].toFixed(2)) + " %"))),
    shareTip: (items) => tip(percentile(items[0].axisValue), items.map((p) => {
      const loop = p.seriesId.startsWith("uncorrected/");
      return line(p.color, p.seriesName + (loop ? ", uncorrected" : ""), latency(p.value[1]), loop);
    })),
    times: (p) => p.value[2] > 1 ? "×" + p.value[2] : "",
    eventTip: (p) => p.seriesName ? tip(seconds(p.value[0]), [`<div>${escape(p.name)}</div>`]) : escape(p.name),
  };

  // A text that begins with @ is a colour of the theme or one of the functions above.
  const probe = document.body.appendChild(document.createElement("i"));
  probe.hidden = true;
  function colour(name) {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  }
  function resolve(v) {
    if (typeof v === "string" && v.startsWith("@")) {
      return v.startsWith("@f:") ? functions[v.slice(3)] : colour(v.slice(1));
    }
    if (Array.isArray(v)) return v.length > 1 && typeof v[0] === "number" ? v : v.map(resolve);
    if (v && typeof v === "object") return Object.fromEntries(Object.entries(v).map(([k, w]) => [k, resolve(w)]));
    return v;
  }

  // What the axes of a chart show.
  const titles = (name) => name.startsWith("lanes-") ? [] : name.startsWith("hits-") ? ["", "hit rate"] :
    [name.startsWith("timeline-") ? "time" : "calls not slower than", "latency (log)"];

  // The names of stores stand beside the lanes and at the ends of lines. All charts over
  // time have the same margins, so that their axes are in line.
  function margins(name, o) {
    const section = name.slice(name.indexOf("-") + 1);
    const longest = Math.max(...charts["timeline-" + section].series.map((s) => (s.name || "").length));
    const wide = innerWidth < 720 ? 92 : 170;
    o.grid[0].right = Math.min(wide, Math.max(92, 24 + 7 * longest));
    if (name.startsWith("percentiles-") || !charts["lanes-" + section]) return;
    o.grid[0].left = Math.min(wide, Math.max(72, 24 + 7 * longest));
    if (name.startsWith("lanes-")) Object.assign(o.yAxis[0].axisLabel, { width: o.grid[0].left - 16, overflow: "truncate" });
  }

  // A point between two gaps is no line: it is shown as a dot.
  function dots(s) {
    const none = (p) => !p || p[1] == null;
    const lone = new Set([...s.data.keys()].filter((i) => !none(s.data[i]) && none(s.data[i - 1]) && none(s.data[i + 1])));
    if (lone.size) Object.assign(s, { showSymbol: true, showAllSymbol: true, symbolSize: (v, p) => lone.has(p.dataIndex) ? 6 : 0 });
  }

  // options returns what ECharts is given: in the colours of the theme, and of a time
  // line one figure.
  function options(name) {
    const o = resolve(charts[name]);
    o.series = o.series.filter((s) => !/^(max|p99|p50)\//.test(s.id || "") || s.id.startsWith(figure[name] + "/"));
    o.series.filter((s) => /^(max|p99|p50|hits)\//.test(s.id || "")).forEach(dots);
    const room = document.getElementById(name).clientHeight - 40 > 14 * o.series.length; // for a name each
    const ends = name.startsWith("lanes-") || !room ? [] : o.series.filter((s) => s.name && !(s.id || "").startsWith("uncorrected/"));
    for (const s of ends) { // the name at the end of the line: colours alone tell some people nothing
      s.endLabel = { show: true, formatter: s.name, color: s.color, fontSize: 12, distance: 6 };
      s.emphasis = { focus: "series" };
    }
    for (const s of o.series) {
      if (s.id === "scenes") {
        Object.assign(s, { silent: true, animation: false });
        if (innerWidth < 720) s.markLine.label.position = "insideEndTop"; // along the line, where two would not fit side by side
      }
      if (s.id === "rejected" || s.id === "down") s.symbolOffset = [0, -9]; // what follows comes at once
      if (s.id === "adopted") s.symbolOffset = [0, 9]; // as soon as it is new
    }
    for (const [axis, title, where] of [["xAxis", titles(name)[0], "middle"], ["yAxis", titles(name)[1], "end"]]) {
      if (!title) continue;
      Object.assign(o[axis][0], { name: title, nameLocation: where, nameGap: where === "end" ? 14 : 26,
        nameTextStyle: { color: colour("muted"), fontSize: 12, align: where === "end" ? "left" : "center", padding: where === "end" ? [0, 0, 0, -62] : 0 } });
    }
    margins(name, o);
    o.textStyle = { fontFamily: getComputedStyle(document.body).fontFamily };
    o.backgroundColor = "transparent";
    Object.assign(o.tooltip, {
      backgroundColor: colour("card"), borderColor: colour("line"), textStyle: { color: colour("ink") }, confine: true,
    });
    return o;
  }

  function draw(name) {
    if (!shown.has(name)) shown.set(name, echarts.init(document.getElementById(name), null, { renderer: "svg" }));
    const c = shown.get(name), o = options(name);
    c.setOption(o, true);
    // Names at the ends of lines that end close together are moved apart.
    const ends = o.series.filter((s) => s.endLabel).map((s) => {
      const last = s.data.findLast((p) => p[1] != null);
      return last && { id: s.id, at: c.convertToPixel({ seriesId: s.id }, last)[1] };
    }).filter(Boolean).sort((a, b) => a.at - b.at);
    const apart = 14;
    ends.forEach((e, i) => { e.to = i ? Math.max(e.at, ends[i - 1].to + apart) : e.at; });
    const excess = ends.length ? Math.max(0, ends.at(-1).to - (c.getHeight() - 46)) : 0;
    c.setOption({ series: ends.map((e) => ({ id: e.id, endLabel: { offset: [0, e.to - e.at - excess] } })) });
  }

  for (const name of Object.keys(charts)) {
    figure[name] = "max";
    draw(name);
  }
  for (const name of Object.keys(charts)) { // a look at one instant is a look at it in all
    if (!name.startsWith("timeline-")) continue;
    const others = ["lanes-", "hits-"].map((kind) => shown.get(name.replace("timeline-", kind))).filter(Boolean);
    if (others.length) echarts.connect([shown.get(name), ...others]);
  }
  for (const b of document.querySelectorAll("[data-figure]")) {
    b.addEventListener("click", () => {
      figure[b.dataset.chart] = b.dataset.figure;
      for (const o of b.parentNode.children) o.setAttribute("aria-pressed", o === b);
      draw(b.dataset.chart);
    });
  }

  // A table says that it can be scrolled if it can.
  const hints = () => document.querySelectorAll(".scroll").forEach((e) => {
    e.previousElementSibling.style.display = e.scrollWidth > e.clientWidth ? "block" : "none";
  });
  hints();

  const redraw = () => Object.keys(charts).forEach(draw);
  addEventListener("resize", () => { hints(); shown.forEach((c) => c.resize()); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  matchMedia("print").addEventListener("change", () => { redraw(); shown.forEach((c) => c.resize()); });

  // System, light, dark, and around again; remembered where the browser allows it.
  const schemes = { "light dark": "System colours", light: "Light", dark: "Dark" };
  const button = document.getElementById("theme");
  function scheme(s) {
    document.documentElement.style.colorScheme = s;
    button.textContent = schemes[s];
    redraw();
  }
  button.addEventListener("click", () => {
    const all = Object.keys(schemes);
    const next = all[(all.indexOf(document.documentElement.style.colorScheme || all[0]) + 1) % all.length];
    scheme(next);
    try { localStorage.setItem("scheme", next); } catch {}
  });
  try {
    const s = localStorage.getItem("scheme");
    if (s in schemes && s !== "light dark") scheme(s);
  } catch {}

  document.getElementById("download").addEventListener("click", () => {
    const a = document.createElement("a");
    a.href = URL.createObjectURL(new Blob([document.getElementById("raw").textContent], { type: "application/json" }));
    a.download = "study.json";
    a.click();
    setTimeout(() => URL.revokeObjectURL(a.href), 1000);
  });
  document.documentElement.dataset.drawn = shown.size;
})();
