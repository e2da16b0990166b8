// What stands below every entry: by whom (who.js), when if not now, and why so late. Its inputs are named as the daemon
// names them.

import { make } from "./making.js";
import { WhoField } from "./who.js";

const LATE = 24 * 3600 * 1000; // ms after which the daemon wants to know why

export class Signing {
  constructor() {
    this.by = new WhoField("Entered by");
    this.at = field("at", "When, if not now", { type: "datetime-local" });
    this.late = field("late_reason", "Why so late", { maxLength: 200 });
    this.late.label.hidden = true;
    this.at.input.addEventListener("input", () => this.ask());
    this.fresh();
  }

  /** As for a new entry; the name stays. */
  fresh() {
    this.at.input.value = this.late.input.value = "";
    this.ask();
  }

  ask() {
    const at = this.time();
    this.late.label.hidden = at === null || Date.now() - at <= LATE;
  }

  time() {
    const at = new Date(this.at.input.value).getTime();
    return this.at.input.value === "" || Number.isNaN(at) ? null : at;
  }

  /** What of it goes to the daemon beside the name, which goes with everything. */
  read() {
    const at = this.time();
    const late = this.late.label.hidden ? "" : this.late.input.value.trim();
    return { ...(at === null ? {} : { at: new Date(at).toISOString() }), ...(late ? { late_reason: late } : {}) };
  }
}

/** A label with its input and the place for what is wrong with it. */
export function field(name, text, props = {}) {
  const input = make("input", { name, type: "text", ...props });
  const wrong = make("small", { id: `${name}-${field.count++}`, role: "alert" });
  input.setAttribute("aria-describedby", wrong.id);
  return { input, label: make("label", {}, text, input, wrong) };
}
field.count = 0;

/** The same with choices: [[value, text]]; the first is what stands there before anything is chosen. */
export function choice(name, text, choices) {
  const input = make("select", { name });
  choose(input, choices);
  const wrong = make("small", { id: `${name}-${field.count++}`, role: "alert" });
  input.setAttribute("aria-describedby", wrong.id);
  return { input, label: make("label", {}, text, input, wrong) };
}

export function choose(select, choices) {
  select.replaceChildren(...choices.map(([value, text]) => make("option", { value, textContent: text })));
}
