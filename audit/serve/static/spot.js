import { addField, addFiles, versions } from "./ask.js";
import { cardElement, element } from "./cards.js";
import * as kept from "./kept.js";
import { clean, pieces } from "./text.js";

const one = (s) => document.querySelector(s);
const say = (text) => { one("#said").textContent = text; };
const STAGES = {
  siblings: "looking for other versions", align: "laying versions side by side",
  surprisal: "reading with the language model", grammar: "asking LanguageTool",
  "second reader": "asking the second reader",
};
const DONE = { rules: "", all: "rules are done; ", "second reader": "all but the second reader is done; " };

let spot = null;
let found = null;
let shown = 0;
let current = null;
let source = null;

// Asking.

async function answered(response) {
  if (response.ok) return response.status === 204 ? null : response.json();
  const body = await response.json().catch(() => null);
  throw new Error(body?.error?.message || `the server answered ${response.status}`);
}

const post = (path, body, more = {}) => fetch(path, {
  method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), ...more,
}).then(answered);

async function check() {
  one("#failed").textContent = "";
  one("#progress").textContent = "reading";
  try {
    const given = await versions();
    if (!given.length) {
      one("#versions textarea").focus();
      throw new Error("Paste a text first.");
    }
    const siblings = one("#siblings")?.checked || false;
    follow((await post("/api/spot", { versions: given, siblings })).id);
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
    one("#progress").textContent = `${DONE[phase]}${what}, step ${done + 1} of ${of}`;
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
const decisionOn = (card) => kept.decisions(sheet().digest).find((d) => d.fault === card.fault);
const accepted = () => kept.decisions(sheet().digest).filter((d) => d.verdict === "accepted").map((d) => d.card);

const holds = (rule, outlets) => (rule.story ? rule.story === found.story : !rule.outlet || outlets.includes(rule.outlet));
const isIgnored = (card) => kept.done("rule").some((r) => r.rule === card.rule && holds(r, [sheet().outlet]));
const isHere = (action) => (action.kind === "rule" ? holds(action, found.sheets.map((s) => s.outlet))
  : action.kind === "name" || found.sheets.some((s) => s.digest === action.text));

function isHidden(card) {
  return (card.suspicion && !one("#suspicions").checked) ||
    kept.done("name").some((n) => n.name === card.quote) || isIgnored(card);
}

const listed = () => sheet().cards.filter((c) => !isHidden(c));
const undecided = () => listed().filter((c) => !decisionOn(c));
const idOf = (card) => `f-${sheet().cards.indexOf(card)}`;

function draw() {
  const open_ = undecided();
  const certain = open_.filter((c) => !c.suspicion).length;
  one("#found-h").textContent = certain === 1 ? "One finding" : certain ? `${certain} findings` : "Nothing is left to mend";
  one("#suspected").textContent = sheet().cards.filter((c) => c.suspicion).length;
  one("#undo").disabled = !lastDone();
  one("#tabs").replaceChildren(...(found.sheets.length > 1 ? found.sheets.map((s, i) => element("button",
    { type: "button", "aria-pressed": String(i === shown), onclick: () => { shown = i; current = null; draw(); } },
    s.name)) : []));
  one("#text").lang = sheet().language;
  one("#text").replaceChildren(...pieces(sheet().text, open_, accepted()).map(pieceElement));
  one("#cards").replaceChildren(...[...open_, ...listed().filter(decisionOn)].map((c) =>
    cardElement(c, idOf(c), decisionOn(c), { accept, dismiss, name, ignore })));
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
  const chip = (action, label) => element("button",
    { type: "button", title: "Show it again", onclick: () => takeBack(action) }, `${label} ×`);
  const where = (r) => (r.story ? "in this story" : r.outlet ? `in ${r.outlet}` : "everywhere");
  const all = [...kept.done("name").map((n) => chip(n, n.name)),
    ...kept.done("rule").filter(isHere).map((r) => chip(r, `${r.label} ${where(r)}`))];
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
  one("#text mark.now")?.scrollIntoView({ block: "nearest" });
  there?.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const list = undecided();
  if (!list.length) return;
  const at = list.findIndex((c) => c.fault === current?.fault);
  go(list[at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + by))]);
}

// Deciding.

/** Go on with the next finding after something was done to one. */
function onward(card, act, said) {
  const list = undecided();
  const at = list.indexOf(card);
  const rest = [...list.slice(at + 1), ...list.slice(0, at).reverse()];
  act();
  const open_ = undecided();
  current = rest.find((c) => open_.includes(c)) || null;
  draw();
  if (current) go(current);
  else one("#found-h").focus();
  say(said);
}

let told = Promise.resolve();

/** Tell the server, one thing after another, also while the page is being closed; what it cannot keep
 * is kept in this browser alone, and the page says so. `then` is given the answer. */
function tell(path, body, what, then = () => {}) {
  told = told.then(() => post(path, body, { keepalive: true })).then(then, (e) => {
    one("#failed").textContent = `${what} in this browser alone: ${e.message}`;
  });
  return told;
}

const hasStore = document.body.dataset.store === "yes";
const by = () => kept.who() || "editor";

function tellVerdict({ text, fault }, verdict, why = "") {
  const version = found.sheets.find((s) => s.digest === text)?.id;
  if (hasStore && version) tell("/api/verdicts", { spot, version, fault, verdict, why, who: by() }, "The verdict is kept");
}

const tellRule = ({ rule, story, outlet, why, until }, withdrawn) => tell("/api/rules",
  { rule, story, outlet, why, until, withdrawn, who: by() }, withdrawn ? "The rule is in force again" : "The rule is ignored");

function decide(card, verdict, why = "") {
  const action = { kind: "verdict", text: sheet().digest, fault: card.fault, verdict, why, card };
  onward(card, () => kept.put(action), `${verdict}: ${card.quote}`);
  tellVerdict(action, verdict, why);
}

function accept(card) {
  if (card.suggestion === null) say("Nothing is suggested here.");
  else decide(card, "accepted");
}

/** Ask in a dialog; `then` is called if the answer is yes and has a reason. */
function ask(id, card, then) {
  const dialog = one(id);
  const why = dialog.querySelector("[name=why]");
  dialog.querySelector("form").reset();
  dialog.returnValue = "";
  dialog.onclose = () => {
    if (dialog.returnValue === "yes" && why.value.trim()) then(why.value.trim());
    else go(card);
  };
  dialog.showModal();
  why.focus();
}

const dismiss = (card) => ask("#dismissing", card, (why) => decide(card, "dismissed", why));

function name(card) {
  const action = { kind: "name", name: card.quote, text: sheet().digest, fault: card.fault, isNew: false };
  onward(card, () => kept.put(action), `${card.quote} is known as a name`);
  if (!hasStore) return;
  tell("/api/names", { name: action.name }, "The name is known",
    (answer) => kept.change(action, { isNew: answer.changed }));
  tellVerdict(action, "dismissed", `“${action.name}” is a name`);
}

function ignore(card) {
  const { outlet } = sheet();
  one("#rule").textContent = card.label;
  one("#where").replaceChildren(element("option", { value: "story" }, "in this story"),
    ...(outlet ? [element("option", { value: "outlet" }, `in all of ${outlet}`)] : []),
    element("option", { value: "everywhere" }, "everywhere"));
  ask("#ignoring", card, (why) => {
    const where = one("#where").value;
    const action = { kind: "rule", text: sheet().digest, fault: card.fault, rule: card.rule, label: card.label, why,
      story: where === "story" ? found.story : null, outlet: where === "outlet" ? outlet : null,
      until: one("#until").value || null };
    onward(card, () => kept.put(action), `${card.label} is ignored`);
    tellRule(action, false);
  });
}

const lastDone = () => kept.last(isHere);

function undo() {
  const action = lastDone();
  if (action) takeBack(action);
}

async function takeBack(action) {
  kept.takeBack(action);
  shown = Math.max(0, found.sheets.findIndex((s) => s.digest === action.text));
  current = null;
  draw();
  const card = sheet().cards.find((c) => c.fault === action.fault);
  if (card && !isHidden(card)) go(card);
  say(`taken back: ${action.card?.quote || action.name || action.label}${card ? "" : "; check the text again to see it"}`);
  if (action.kind === "rule") tellRule(action, true);
  else tellVerdict(action, "withdrawn");
  await told;
  if (action.isNew) tell("/api/names", { name: action.name, withdrawn: true }, "The name is taken back");
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

addField();
one("#who").addEventListener("change", (e) => kept.setWho(e.target.value.trim()));
one("#who").value = kept.who();
one("#form").addEventListener("submit", (e) => { e.preventDefault(); check(); });
one("#add").addEventListener("click", () => addField().focus());
one("#pick").addEventListener("click", () => one("#files").click());
one("#files").addEventListener("change", (e) => { addFiles(e.target.files); e.target.value = ""; });
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
  one("#versions textarea, #versions button").focus();
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
