// Elements of the page. Texts go in as text, never as markup.

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") made.className = value;
    else if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

const quoted = (text, cls = "") => element("q", { dir: "auto", class: cls }, text);

/** What to do where there is nothing to write instead, unless the message says so itself. */
function remedy(card) {
  if (card.says_what_to_do || card.suggestion) return "";
  if (card.suggestion === "") return "Delete it.";
  return card.disputed ? "Check which is right." : "";
}

/** The card of a finding. `acts` are called with the card: accept, dismiss, name, ignore. */
export function cardElement(card, id, decision, acts) {
  const head = element("h3", {},
    element("span", { class: `count ${card.severity}` }, `${card.sign} ${card.severity}`),
    ` ${card.label}${card.suspicion ? "?" : ""}`);
  const wrong = element("p", {}, quoted(card.quote, `wrong ${card.severity}`));
  if (card.suggestion) wrong.append(": write ", quoted(card.suggestion, "better"), ".");
  else if (remedy(card)) wrong.append(" ", remedy(card));
  const article = element("article",
    { class: `finding ${card.severity}${card.suspicion ? " suspicion" : ""}${decision ? " decided" : ""}`,
      id, tabIndex: -1, "aria-label": `${card.label}: ${card.quote}` },
    head, wrong, element("p", {}, card.message));
  for (const w of card.witnesses) {
    article.append(element("p", { class: "meta" }, "Elsewhere ", quoted(w.text), ` (${w.versions.join(", ")})`));
  }
  article.append(element("p", { class: "meta" }, `${card.percent} % sure${card.found_by === "rules" ? "" : ` · ${card.found_by}`}`));
  if (decision) {
    const said = decision.verdict === "accepted" ? "Accepted." : `Dismissed: ${decision.why}.`;
    article.append(element("p", { class: "meta" }, said));
  } else {
    const button = (label, key, act) => element("button",
      { type: "button", "aria-keyshortcuts": key, onclick: () => act(card) }, label);
    const row = element("div", { class: "acts" });
    if (card.suggestion !== null) row.append(button("Accept", "a", acts.accept));
    row.append(button("Dismiss", "d", acts.dismiss), button("It is a name", "n", acts.name),
      button("Ignore the rule", "i", acts.ignore));
    article.append(row);
  }
  article.append(element("details", {}, element("summary", {}, "Why"),
    element("p", { class: "meta" }, card.meaning),
    element("p", { class: "measure" }, [card.rule, card.measures].filter(Boolean).join(" · "))));
  return article;
}
