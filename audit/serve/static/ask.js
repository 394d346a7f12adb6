// The versions that are asked about: texts, addresses and files. Files go to the server as they are.
import { element } from "./cards.js";

const list = document.querySelector("#versions");
const ADDRESS = /^https?:\/\/\S+$/i;

function label() {
  [...list.children].forEach((item, i) => {
    const what = i === 0 ? "The text" : `Version ${i + 1}`;
    item.querySelector(".what").textContent = item.file ? `${what}: ` : `${what}, or the address of its page`;
    const area = item.querySelector("textarea");
    if (!area) return;
    area.id = `version-${i + 1}`;
    item.querySelector("label").htmlFor = area.id;
  });
}

/** A field for one more version; returns it. */
export function addField(text = "") {
  const area = element("textarea", { spellcheck: true, value: text });
  list.append(element("li", {}, element("label", { class: "what" }), area));
  label();
  return area;
}

function remove(item) {
  item.remove();
  if (!list.children.length) addField();
  label();
  list.querySelector("textarea, button").focus();
}

function addFile(file) {
  const size = file.size < 1000 ? `${file.size} bytes` : `${Math.round(file.size / 1000)} KB`;
  const item = element("li", { class: "file" }, element("span", { class: "what" }),
    element("span", { class: "name" }, file.name), ` ${size} `,
    element("button", { type: "button", "aria-label": `Remove ${file.name}`, onclick: () => remove(item) }, "Remove"));
  item.file = file;
  const empty = [...list.children].find((i) => !i.file && !i.querySelector("textarea").value.trim());
  if (empty) empty.replaceWith(item);
  else list.append(item);
}

export function addFiles(files) {
  [...files].forEach(addFile);
  label();
}

const base64 = (file) => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result.split(",")[1]);
  reader.onerror = () => reject(new Error(`${file.name}: cannot be read; it may have been moved`));
  reader.readAsDataURL(file);
});

async function given(item) {
  if (item.file) return { name: item.file.name, data: await base64(item.file) };
  const text = item.querySelector("textarea").value;
  return ADDRESS.test(text.trim()) ? { url: text.trim() } : { text };
}

/** What was given, as the server takes it; empty fields are left out. */
export const versions = () => Promise.all([...list.children]
  .filter((item) => item.file || item.querySelector("textarea").value.trim()).map(given));
