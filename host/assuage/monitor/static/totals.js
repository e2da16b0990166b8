// What the patient has had of every substance, by each pump and by hand; and each opioid beside ketamine, against itself
// before it. All numbers are the daemon's.

import { make, set } from "./making.js";
import { NONE, plain } from "./words.js";

const WINDOWS = { hour: "Last hour", "four-hours": "Four hours", day: "Day" };
const NOTHING = "Nothing that was given is in this patient's record.";

export class Totals {
  constructor(body) {
    this.nothing = make("p", { className: "hint", textContent: NOTHING });
    const head = make("tr", {}, cell("th", "All routes"), ...Object.values(WINDOWS).map((text) => cell("th", text)));
    this.rows = make("tbody", {});
    this.table = make("table", {}, make("thead", {}, head), this.rows);
    this.beside = listed("Opioid beside ketamine", "beside");
    this.uncounted = listed("Counted nowhere", "uncounted");
    this.uncounted.box.dataset.kind = "warn";
    body.append(make("div", { className: "scroll" }, make("div", { className: "sums" }, this.nothing, this.table), this.uncounted.box, this.beside.box));
  }

  enter() {}

  show(picture) {
    const charting = picture.snapshot?.charting ?? null;
    if (charting === null) return;
    const live = picture.page === "live";
    const names = Object.fromEntries(charting.prediction.map(({ substance, name }) => [substance, name]));
    const rows = Object.entries(charting.had).map(([key, had]) => [names[key] ?? key, ...Object.keys(WINDOWS).map((window) => (live ? brief(had[window]) : NONE))]);
    fill(this.rows, rows, () => make("tr", {}, cell("th"), ...Object.keys(WINDOWS).map(() => cell("td"))));
    this.table.hidden = rows.length === 0;
    this.nothing.hidden = !charting.fault && rows.length + charting.uncounted.length > 0;
    set(this.nothing, charting.fault || NOTHING); // what cannot be read is not nothing
    const beside = charting.sparing.map(({ substance, sentence }) => [`${names[substance] ?? substance}: ${live ? sentence : NONE}`]);
    for (const [{ box, list }, said] of [[this.beside, beside], [this.uncounted, charting.uncounted.map((text) => [text])]]) {
      box.hidden = said.length === 0;
      fill(list, said, () => make("li", {}, make("span")));
    }
  }
}

/** An exact amount, such as "40.33729 mg", as it is read: 40.3 mg; in mcg below 1 mg, as in the report. Pure. */
export function brief(amount) {
  const [, number, unit] = /^(?:about )?([\d.]+) (.*)$/.exec(amount) ?? [];
  if (number === undefined) return amount;
  const small = unit === "mg" && Number(number) > 0 && Number(number) < 1;
  const value = Number(number) * (small ? 1000 : 1);
  return `${plain(value, value >= 100 ? 0 : value >= 10 ? 1 : 2)} ${small ? "mcg" : unit}`;
}

/** Rows of texts, of which only what has changed is written anew. */
function fill(box, rows, made) {
  while (box.children.length > rows.length) box.lastElementChild.remove();
  while (box.children.length < rows.length) box.append(made());
  rows.forEach((texts, i) => texts.forEach((text, k) => set(box.children[i].children[k], text)));
}

/** A list with its name, hidden until there is something in it. */
function listed(title, name) {
  const list = make("ul", {});
  return { list, box: make("div", { className: "doubt", "data-totals": name, hidden: true }, make("b", { textContent: title }), list) };
}

function cell(kind, text = "") {
  return make(kind, { textContent: text });
}
