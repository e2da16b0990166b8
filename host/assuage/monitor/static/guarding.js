// The vital signs that are to guard an infusion, in the form of an order: a set of limits, and of it the rows for which
// there is a sensor. A limit may be changed; the board refuses one that is looser than its own.

import { number } from "./entry.js";
import { mark, option } from "./fields.js";

const NAMES = { adult: "Adult", child: "Child" };
const NONE_SEEN = ["never", "none"];

export class GuardForm {
  constructor(find) {
    this.box = find("#guarding-rows");
    this.summary = find("#guarding-summary");
    this.select = find("#programme-form").elements.guards;
    this.sets = {};
    this.readings = {};
    this.select.onchange = () => this.choose();
    this.box.onchange = () => this.tell();
  }

  /** hello: {usual, sets: {name: [{name, key, label, limit, unit, sentence, source}]}}. */
  hello(hello) {
    this.sets = hello?.sets ?? {};
    const kept = this.chosen ?? hello?.usual ?? "";
    this.select.replaceChildren(
      option("", "Not guarded"),
      ...Object.keys(this.sets).map((name) => option(name, NAMES[name] ?? name)),
    );
    this.select.value = this.sets[kept] ? kept : "";
    this.choose();
  }

  /** readings: which of the patient's numbers are measured here. */
  sensors(readings) {
    this.readings = readings;
    this.choose();
  }

  /** The rows of the set that is chosen; those without a sensor cannot be. */
  choose() {
    this.chosen = this.select.value;
    const rows = this.sets[this.chosen] ?? [];
    this.box.replaceChildren(...rows.map((row) => this.row(row)));
    this.tell();
  }

  row(row) {
    const signal = this.readings[row.key]?.signal ?? "never";
    const there = !NONE_SEEN.includes(signal);
    const box = document.createElement("div");
    box.className = "guard";
    box.dataset.name = row.name;
    const tick = document.createElement("label");
    const check = Object.assign(document.createElement("input"), { type: "checkbox", checked: there, disabled: !there });
    tick.append(check, row.label);
    const value = document.createElement("label");
    const limit = Object.assign(document.createElement("input"), { value: row.limit, inputMode: "decimal", maxLength: 6 });
    limit.disabled = !there;
    limit.setAttribute("aria-label", `${row.label}, in ${row.unit}`);
    const wrong = document.createElement("small");
    wrong.setAttribute("role", "alert");
    const unit = Object.assign(document.createElement("i"), { textContent: there ? row.unit : "no sensor" });
    value.append(limit, unit, wrong);
    value.title = `${row.sentence} Source: ${row.source}.`;
    limit.oninput = () => mark(limit, "");
    box.append(tick, value);
    return box;
  }

  tell() {
    const count = this.ticked().length;
    const all = this.box.children.length;
    const set = NAMES[this.chosen] ?? this.chosen;
    this.summary.textContent = this.chosen
      ? `Guarded by ${count} of ${all} vital signs (${set.toLowerCase()})`
      : "Guarded by no vital sign";
  }

  ticked() {
    return [...this.box.children].filter((row) => row.querySelector("[type=checkbox]").checked);
  }

  /** {value: what an order says of it, undefined for nothing; first: the first input that is wrong}. */
  read() {
    if (!this.chosen) return { value: undefined, first: null };
    const limits = {};
    const rows = [];
    let first = null;
    for (const box of this.ticked()) {
      const { name } = box.dataset;
      const input = box.querySelector("label:last-child input");
      const { value, error } = number(input.value, 2);
      mark(input, error);
      if (error) first ??= input;
      rows.push(name);
      if (value !== this.sets[this.chosen].find((row) => row.name === name).limit) limits[name] = value;
    }
    return { value: { set: this.chosen, rows, limits }, first };
  }
}
