// The text with what was accepted written into it. Offsets count code points, as the server's do.

/** The pieces of a text: plain, marked by a card, or changed by an accepted one. An accepted card
 * that overlaps one accepted before it is left out, and so is a mark that overlaps a change. */
export function pieces(text, cards, accepted) {
  const points = Array.from(text);
  const changes = [];
  for (const card of accepted) {
    if (!changes.some((c) => overlap(c, card))) changes.push(card);
  }
  const marks = cards.filter((m) => !changes.some((c) => overlap(c, m)));
  const edges = new Set([0, points.length]);
  for (const p of [...marks, ...changes]) edges.add(p.start).add(p.end);
  const sorted = [...edges].sort((a, b) => a - b);
  const out = [];
  for (let i = 0; i + 1 < sorted.length; i += 1) {
    const [start, end] = [sorted[i], sorted[i + 1]];
    const change = changes.find((c) => c.start <= start && end <= c.end);
    if (change) {
      if (change.start === start) out.push({ text: change.suggestion, change });
      continue;
    }
    const over = marks.filter((m) => m.start <= start && end <= m.end);
    out.push({ text: points.slice(start, end).join(""), cards: over });
  }
  return out;
}

/** The text as it reads with the accepted changes. */
export function clean(text, accepted) {
  return pieces(text, [], accepted).map((p) => p.text).join("");
}

function overlap(a, b) {
  return a.start < b.end && b.start < a.end;
}
