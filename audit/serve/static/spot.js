import { cardElement, element, field } from "./cards.js";
import * as kept from "./kept.js";
import { clean, pieces } from "./text.js";

const one = (s) => document.querySelector(s);
const say = (text) => { one("#said").textContent = text; };
const ADDRESS = /^https?:\/\/\S+$/i;
const STAGES = {
  siblings: "looking for other versions", align: "laying versions side by side",
  surprisal: "reading with the language model", grammar: "asking LanguageTool",
};

let spot = null;
let found = null;
let shown = 0;
let current = null;
let source = null;

// Asking.

function addVersion(given) {
  const list = one("#versions");
  const empty = [...list.querySelectorAll("textarea")].find((t) => !t.value);
  if (given && empty) {
    empty.closest("li").replaceWith(field(1 + [...list.children].indexOf(empty.closest("li")), given));
    return;
  }
  list.append(field(list.children.length + 1, given));
}

async function addFiles(files) {
  for (const file of files) addVersion({ name: file.name, text: await file.text() });
}

async function answered(response) {
  if (response.ok) return response.status === 204 ? null : response.json();
  const body = await response.json().catch(() => null);
  throw new Error(body?.error?.message || `the server answered ${response.status}`);
}

const post = (path, body) => fetch(path, {
  method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
}).then(answered);

async function check() {
  const versions = [...document.querySelectorAll("#versions textarea")]
    .filter((t) => t.value.trim())
    .map((t) => (ADDRESS.test(t.value.trim()) ? { url: t.value.trim() }
      : { text: t.value, ...(t.dataset.name ? { name: t.dataset.name } : {}) }));
  one("#failed").textContent = "";
  if (!versions.length) {
    one("#failed").textContent = "Paste a text first.";
    one("#versions textarea").focus();
    return;
  }
  one("#progress").textContent = "reading";
  try {
    const siblings = one("#siblings")?.checked || false;
    follow((await post("/api/spot", { versions, siblings })).id);
  } catch (e) {
    failed(e.message);
  }
}

function failed(message) {
  one("#failed").textContent = message;
  one("#progress").textContent = "";
  if (!found) open(false);
}

function open(result) {
  one("#ask").hidden = result;
  one("#found").hidden = !result;
}

// Following.

function follow(id) {
  source?.close();
  [spot, found, shown, current] = [id, null, 0, null];
  history.replaceState(null, "", `#spot=${id}`);
  source = new EventSource(`/api/spot/${encodeURIComponent(id)}/events`);
  source.addEventListener("progress", (e) => {
    const { stage, done, of, phase } = JSON.parse(e.data);
    const what = STAGES[stage] || stage;
    one("#progress").textContent = `${phase === "all" ? "rules are done; " : ""}${what}, step ${done + 1} of ${of}`;
  });
  source.addEventListener("findings", (e) => {
    const first = !found;
    found = JSON.parse(e.data);
    open(true);
    draw();
    if (first) one("#found-h").focus();
  });
  source.addEventListener("done", () => { source.close(); one("#progress").textContent = "All checks are done."; });
  source.addEventListener("failed", (e) => { source.close(); failed(JSON.parse(e.data).message); });
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return;
    history.replaceState(null, "", location.pathname);
    failed("That spot check is not kept any more; check the text again.");
  };
}

// Showing.

const sheet = () => found.sheets[shown];
const nameOf = (version) => {
  const i = found.sheets.findIndex((s) => s.name === version && s.name === s.id);
  return i < 0 ? version : `Text ${i + 1}`;
};
const decisionOn = (card) => kept.decisions(sheet().digest).find((d) => d.fault === card.fault);
const accepted = () => kept.decisions(sheet().digest).filter((d) => d.verdict === "accepted").map((d) => d.card);

function isHidden(card) {
  return (card.suspicion && !one("#suspicions").checked) || kept.names().includes(card.quote) ||
    kept.rules().includes(card.rule);
}

const listed = () => sheet().cards.filter((c) => !isHidden(c));
const undecided = () => listed().filter((c) => !decisionOn(c));
const idOf = (card) => `f-${sheet().cards.indexOf(card)}`;

function draw() {
  const open_ = undecided();
  const certain = open_.filter((c) => !c.suspicion).length;
  one("#found-h").textContent = certain === 1 ? "One finding" : certain ? `${certain} findings` : "Nothing is left to mend";
  one("#suspected").textContent = sheet().cards.filter((c) => c.suspicion).length;
  one("#undo").disabled = !kept.decisions(sheet().digest).length;
  one("#tabs").replaceChildren(...(found.sheets.length > 1 ? found.sheets.map((s, i) => element("button",
    { type: "button", "aria-pressed": String(i === shown), onclick: () => { shown = i; current = null; draw(); } },
    `Text ${i + 1}`)) : []));
  one("#text").lang = sheet().language;
  one("#text").replaceChildren(...pieces(sheet().text, open_, accepted()).map(pieceElement));
  one("#cards").replaceChildren(...[...open_, ...listed().filter(decisionOn)].map((c) =>
    cardElement(c, idOf(c), decisionOn(c), { accept, dismiss, name, ignore }, nameOf)));
  one("#skipped").replaceChildren(...found.skipped.map((s) => element("li", {}, `${s.stage}: ${s.why}`)));
  drawHidden();
  download();
  mark();
}

function pieceElement(piece) {
  if (piece.change) return element("ins", { title: `was: ${piece.change.quote}` }, piece.text);
  if (!piece.cards.length) return document.createTextNode(piece.text);
  const [worst] = piece.cards;
  const made = element("mark", { class: worst.suspicion ? "suspicion" : worst.severity, onclick: () => go(worst) }, piece.text);
  made.dataset.f = piece.cards.map(idOf).join(" ");
  return made;
}

function drawHidden() {
  const chip = (kind, value) => element("button", { type: "button", onclick: () => { kept.hide(kind, value, false); draw(); } }, `${value} ×`);
  const all = [...kept.names().map((n) => chip("names", n)), ...kept.rules().map((r) => chip("rules", r))];
  one("#hidden-by").replaceChildren(...(all.length ? ["Not shown: ", ...all.flatMap((c) => [c, " "])] : []));
}

function download() {
  one("#download").href = `/api/spot/${spot}/report.${one("#form-of").value}`;
}

function mark() {
  for (const card of document.querySelectorAll("#cards .finding")) {
    card.setAttribute("aria-current", String(current !== null && card.id === idOf(current)));
  }
  for (const m of document.querySelectorAll("#text mark")) {
    m.classList.toggle("now", current !== null && m.dataset.f.split(" ").includes(idOf(current)));
  }
}

function go(card) {
  current = card;
  mark();
  const there = document.getElementById(idOf(card));
  there?.focus({ preventScroll: true });
  there?.scrollIntoView({ block: "nearest" });
  one("#text mark.now")?.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const list = undecided();
  if (!list.length) return;
  const at = list.findIndex((c) => c.fault === current?.fault);
  go(list[at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + by))]);
}

// Deciding.

function decide(card, verdict, why = "") {
  const list = undecided();
  const next = list[list.indexOf(card) + 1] || list[list.indexOf(card) - 1] || null;
  kept.decide(sheet().digest, { fault: card.fault, verdict, why, at: new Date().toISOString(), card });
  tell(card, verdict, why);
  current = next;
  draw();
  if (next) go(next);
  else one("#found-h").focus();
  say(`${verdict}: ${card.quote}`);
}

/** Tell the store, where there is one. */
async function tell(card, verdict, why) {
  if (document.body.dataset.store !== "yes") return;
  try {
    await post("/api/verdicts", { spot, version: sheet().id, fault: card.fault, verdict, why, who: kept.who() || "editor" });
  } catch (e) {
    one("#failed").textContent = `The verdict is kept in this browser alone: ${e.message}`;
  }
}

function accept(card) {
  if (card.suggestion === null) say("Nothing is suggested here.");
  else decide(card, "accepted");
}

function dismiss(card) {
  const dialog = one("#dismissing");
  one("#why").value = "";
  dialog.returnValue = "";
  dialog.onclose = () => {
    if (dialog.returnValue === "yes" && one("#why").value.trim()) decide(card, "dismissed", one("#why").value.trim());
    else go(card);
  };
  dialog.showModal();
}

async function name(card) {
  kept.hide("names", card.quote);
  current = null;
  draw();
  say(`${card.quote} is known as a name`);
  if (document.body.dataset.store !== "yes") return;
  try {
    await post("/api/names", { name: card.quote });
  } catch (e) {
    one("#failed").textContent = `The name is known in this browser alone: ${e.message}`;
  }
}

function ignore(card) {
  kept.hide("rules", card.rule);
  current = null;
  draw();
  say(`${card.rule} is ignored`);
}

function undo() {
  const taken = kept.takeBack(sheet().digest);
  if (!taken) return;
  tell(taken.card, "withdrawn", "");
  draw();
  const card = sheet().cards.find((c) => c.fault === taken.fault);
  if (card && !isHidden(card)) go(card);
  say(`taken back: ${taken.card.quote}`);
}

async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied`);
  } catch {
    say(`the browser does not let ${what} be copied`);
  }
}

const findingLines = () => undecided().map((c) =>
  `${c.severity}: “${c.quote}”: ${c.message}${c.suggestion ? ` Write “${c.suggestion}”.` : ""}`).join("\n");

// Wiring.

addVersion();
one("#who")?.addEventListener("change", (e) => kept.setWho(e.target.value.trim()));
if (one("#who")) one("#who").value = kept.who();
one("#form").addEventListener("submit", (e) => { e.preventDefault(); check(); });
one("#add").addEventListener("click", () => { addVersion(); one("#versions li:last-child textarea").focus(); });
one("#pick").addEventListener("click", () => one("#files").click());
one("#files").addEventListener("change", (e) => addFiles(e.target.files));
one("#suspicions").addEventListener("change", draw);
one("#form-of").addEventListener("change", download);
one("#undo").addEventListener("click", undo);
one("#copy-text").addEventListener("click", () => copy(clean(sheet().text, accepted()), "the text"));
one("#copy-findings").addEventListener("click", () => copy(findingLines(), "the findings"));
one("#help-open").addEventListener("click", () => one("#help").showModal());
one("#again").addEventListener("click", () => {
  source?.close();
  history.replaceState(null, "", location.pathname);
  open(false);
  one("#versions textarea").focus();
});
addEventListener("dragover", (e) => { e.preventDefault(); document.body.classList.add("drop"); });
addEventListener("dragleave", () => document.body.classList.remove("drop"));
addEventListener("drop", (e) => {
  e.preventDefault();
  document.body.classList.remove("drop");
  addFiles(e.dataTransfer.files);
});

const ofCurrent = (act) => () => { if (current && !decisionOn(current)) act(current); };
const keys = {
  j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
  a: ofCurrent(accept), d: ofCurrent(dismiss), n: ofCurrent(name), i: ofCurrent(ignore),
  u: undo, "?": () => one("#help").showModal(),
};
addEventListener("keydown", (e) => {
  if ((e.ctrlKey || e.metaKey) && e.key === "Enter" && !one("#ask").hidden) { check(); return; }
  if (e.ctrlKey || e.metaKey || e.altKey || !found || one("#found").hidden || one("dialog[open]")) return;
  if (e.target.matches("select, input, textarea")) return;
  if (keys[e.key]) { e.preventDefault(); keys[e.key](); }
});

const [, asked, value] = location.hash.match(/^#(spot|url)=(.+)$/) || [];
if (asked === "spot") follow(decodeURIComponent(value));
if (asked === "url") one("#versions textarea").value = decodeURIComponent(value);
