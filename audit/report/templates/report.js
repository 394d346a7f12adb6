"use strict";
(() => {
  const one = (s) => document.querySelector(s);
  const all = (s) => [...document.querySelectorAll(s)];
  const rank = { minor: 0, major: 1, critical: 2 };

  // Light and dark: the system's choice until the reader makes one.
  const root = document.documentElement;
  const theme = one("#theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const showTheme = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  const turn = () => { root.dataset.theme = isDark() ? "light" : "dark"; showTheme(); };
  theme.hidden = false;
  theme.addEventListener("click", turn);
  dark.addEventListener("change", showTheme);
  showTheme();

  // Filters.
  const filters = one("#filters");
  const findings = all("article.finding");
  const isSuspicion = (f) => f.classList.contains("suspicion");
  const suspicions = one("#suspicions");
  const visible = () => findings.filter((f) => !f.hidden);
  const marks = all("#rows mark[data-f]");
  const tags = all("#rows a.tag");
  const value = (id) => one(id).value;
  function filter() {
    const version = value("#by-version");
    const category = value("#by-category");
    const severity = Number(value("#by-severity"));
    const confidence = Number(value("#by-confidence"));
    const by = one("#by-reader") ? value("#by-reader") : "";
    const kept = new Set();
    for (const f of findings) {
      const d = f.dataset;
      f.hidden = (version && d.version !== version) || (category && d.category !== category) ||
        rank[d.severity] < severity || Number(d.confidence) < confidence ||
        !d.by.includes(by) ||
        (isSuspicion(f) && !suspicions.checked);
      if (!f.hidden) kept.add(f.id);
    }
    for (const m of marks) {
      m.classList.toggle("off", !m.dataset.f.trim().split(" ").some((id) => kept.has(id)));
    }
    for (const t of tags) t.hidden = !kept.has(t.hash.slice(1));
    for (const x of all(".rows [data-version], section.version")) {
      x.hidden = Boolean(version) && x.dataset.version !== version;
    }
    const certain = (list) => list.filter((f) => !isSuspicion(f)).length;
    const shown = certain(visible());
    one("#shown").textContent = `${shown} of ${certain(findings)} findings` +
      (suspicions && suspicions.checked ? `, ${kept.size - shown} suspicions` : "");
  }
  filters.hidden = false;
  filters.addEventListener("input", filter);
  filters.addEventListener("reset", () => setTimeout(filter));
  if (suspicions) suspicions.addEventListener("input", filter);
  filters.addEventListener("submit", (e) => e.preventDefault());
  filter();

  // A link to a finding that a filter hides lifts the filter.
  addEventListener("hashchange", () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target || !target.hidden) return;
    if (isSuspicion(target)) suspicions.checked = true;
    filters.reset();
    setTimeout(() => target.scrollIntoView());
  });

  // Links to copy.
  async function copy(article) {
    const link = `${location.href.split("#")[0]}#${article.id}`;
    const button = article.querySelector("button.copy");
    try {
      await navigator.clipboard.writeText(link);
      button.textContent = "copied";
    } catch {
      location.hash = article.id;
      button.textContent = "link is in the address bar";
    }
    setTimeout(() => { button.textContent = "copy link"; }, 2000);
  }
  for (const article of findings) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "copy link";
    button.addEventListener("click", () => copy(article));
    article.querySelector(".anchor").replaceWith(button);
  }

  // Keys.
  const help = one("#help");
  one("#help-open").addEventListener("click", () => help.showModal());
  function current() {
    const inside = document.activeElement && document.activeElement.closest("article.finding");
    return inside || document.getElementById(location.hash.slice(1));
  }
  function step(by) {
    const list = visible();
    if (!list.length) return;
    const at = list.indexOf(current());
    const next = list[at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + by))];
    go(next);
  }
  function go(target) {
    history.replaceState(null, "", `#${target.id}`);
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "center" });
  }
  let came = null;
  function row() {
    if (came && document.activeElement.closest(".rows td")) {
      go(came);
      return;
    }
    const here = current();
    const mark = here && marks.find((m) => m.dataset.f.split(" ").includes(here.id));
    if (mark) {
      came = here;
      const cell = mark.closest("td");
      cell.tabIndex = -1;
      cell.focus({ preventScroll: true });
      cell.scrollIntoView({ block: "center", inline: "center" });
    }
  }
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    r: row,
    c: () => { const f = current(); if (f && f.matches("article.finding")) copy(f); },
    t: turn,
    "/": () => { filters.scrollIntoView({ block: "nearest" }); one("#by-version").focus(); },
    "?": () => help.showModal(),
  };
  addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || help.open) return;
    if (e.target.matches("select, input, textarea")) {
      if (e.key === "Escape") e.target.blur();
      return;
    }
    if (keys[e.key]) { e.preventDefault(); keys[e.key](); }
  });
})();
