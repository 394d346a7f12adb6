// What this browser keeps: what was done, oldest first, so that undo takes back the last of it.
//   {kind: "verdict", text, fault, verdict, why, card}   on one text, by its digest
//   {kind: "name", name, text, fault, isNew}             in all texts; isNew: the registry is another
//   {kind: "rule", rule, text, fault, story, outlet, why}   in a story, an outlet or, without, everywhere
const KEY = "mtaudit";
const MOST = 2000;

function read() {
  const none = { done: [], who: "" };
  try {
    return { ...none, ...JSON.parse(localStorage.getItem(KEY) || "{}") };
  } catch {
    return none;
  }
}

let kept = read();
addEventListener("storage", (e) => { if (e.key === KEY) kept = read(); });

function write() {
  localStorage.setItem(KEY, JSON.stringify(kept));
}

export const done = (kind) => kept.done.filter((a) => a.kind === kind);

/** Decisions on one text, oldest first. */
export const decisions = (text) => done("verdict").filter((a) => a.text === text);

export function put(action) {
  kept.done = [...kept.done, action].slice(-MOST);
  write();
}

export function change(action, said) {
  Object.assign(action, said);
  write();
}

export function takeBack(action) {
  kept.done = kept.done.filter((a) => a !== action);
  write();
}

/** The last that was done of what `isHere` says yes to. */
export const last = (isHere) => kept.done.findLast(isHere);

export const who = () => kept.who;

export function setWho(name) {
  kept.who = name;
  write();
}
