// What this browser keeps: verdicts by text and fault, names and rules that are not to be shown.
const KEY = "mtaudit";

function read() {
  try {
    return { verdicts: {}, names: [], rules: [], who: "", ...JSON.parse(localStorage.getItem(KEY) || "{}") };
  } catch {
    return { verdicts: {}, names: [], rules: [], who: "" };
  }
}

const kept = read();

function write() {
  localStorage.setItem(KEY, JSON.stringify(kept));
}

/** Decisions on one text, oldest first: {fault, verdict, why, at, card}. */
export function decisions(digest) {
  return kept.verdicts[digest] || [];
}

export function decide(digest, decision) {
  kept.verdicts[digest] = [...decisions(digest).filter((d) => d.fault !== decision.fault), decision];
  write();
}

/** Take the last decision on a text back; returns it. */
export function takeBack(digest) {
  const taken = decisions(digest).at(-1);
  kept.verdicts[digest] = decisions(digest).slice(0, -1);
  write();
  return taken;
}

export const who = () => kept.who;

export function setWho(name) {
  kept.who = name;
  write();
}

export const names = () => kept.names;
export const rules = () => kept.rules;

export function hide(kind, value, on = true) {
  kept[kind] = kept[kind].filter((v) => v !== value).concat(on ? [value] : []);
  write();
}
