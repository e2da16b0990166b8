// An assessment: scales, what is only done, side effects. All of it is the daemon's data, and so is what follows from it.
// What stops an infusion is sent whatever else may be missing: the daemon stops the pump first.

import { get } from "./asking.js";
import { make, said, set, sourced } from "./making.js";
import { chipsInto } from "./due.js";
import { mark, tell } from "./fields.js";
import { post } from "./orders.js";
import { Signing, field } from "./signing.js";
import { who } from "./who.js";
import { clock } from "./words.js";

const DOES = { stop: "Stop", reduce: "Reduce", tell: "Do now" };

export class Assess {
  constructor(body, close) {
    Object.assign(this, { body, close, busy: false, book: null });
    this.refusal = make("p", { className: "refusal", role: "alert", hidden: true });
    this.form = make("form", { className: "assess", noValidate: true, autocomplete: "off" });
    this.done = make("div", { className: "done", hidden: true });
    body.append(this.refusal, this.form, this.done);
    this.form.oninput = (event) => {
      mark(event.target, "");
      this.weigh();
    };
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.keep();
    };
  }

  /** The tab is shown. */
  async enter() {
    if (this.book) return this.weigh();
    const answer = await get("/api/charting");
    tell(this.refusal, answer.ok ? "" : answer.body.error);
    if (answer.ok && !this.book) this.build(answer.body);
    if (this.wanted) this.lead(this.wanted);
  }

  build(book) {
    this.book = book;
    this.dues = make("div", { className: "chips", role: "group", "aria-label": "What is due" });
    this.scales = new Map(book.scales.map((scale) => [scale.name, new Scale(scale, this.stops(scale.name))]));
    const [pain, ...others] = [...this.scales.values()].map((scale) => scale.box);
    this.effects = toggles("effect", book.effects.names, "Side effects", book.effects, (name) =>
      this.rule((on) => on.effect === name),
    );
    const left = make("div", { className: "column" }, ...others);
    const right = make("div", { className: "column" }, this.effects.box);
    if (book.tasks.length) {
      const rows = book.cadences.filter((each) => book.tasks.includes(each.name));
      this.tasks = toggles("task", book.tasks, "Done and seen", rows[0], () => null, (name) => rows.find((r) => r.name === name).title);
      right.append(this.tasks.box);
    }
    this.note = field("note", "Note", { maxLength: 300 });
    this.signing = new Signing();
    right.append(make("div", { className: "fields" }, this.note.label, this.signing.at.label, this.signing.late.label));
    this.warns = make("p", { className: "warns", role: "status" });
    this.lacks = make("p", { className: "hint", role: "status", id: "assess-lacks" });
    this.send = make("button", { type: "submit", className: "primary", id: "assess-send", textContent: "Enter assessment" });
    this.form.append(
      make("div", { className: "scroll" }, this.dues, pain, make("div", { className: "columns" }, left, right)),
      make("div", { className: "foot fields" }, this.signing.by.element, make("div", { className: "say" }, this.warns, this.lacks), this.send),
    );
    who.addEventListener("change", () => this.weigh());
    this.weigh();
    if (this.picture) this.show(this.picture);
  }

  /** The rule of this kind that stops an infusion, null when none does. */
  rule(holds) {
    return this.book.rules.find((rule) => rule.action === "stop" && holds(rule.on)) ?? null;
  }

  stops(name) {
    return (value) => this.rule((on) => on.scale === name && on.value === value);
  }

  /** Marks these scales, or what is only done, and brings them into sight; nothing: none is marked. */
  lead(names) {
    this.wanted = names;
    if (!this.book) return;
    this.wanted = null;
    for (const scale of this.scales.values()) scale.box.dataset.wanted = names.includes(scale.name) ? "yes" : "no";
    if (names.length === 0) return;
    this.again();
    const box = this.scales.get(names[0])?.box ?? this.tasks?.box;
    box?.scrollIntoView({ block: "start" });
    box?.querySelector("input")?.focus({ preventScroll: true });
  }

  read() {
    const values = {};
    for (const [name, scale] of this.scales) if (scale.value !== null) values[name] = scale.value;
    return {
      ...this.signing.read(),
      values,
      effects: this.effects.chosen(),
      done: this.tasks?.chosen() ?? [],
      note: this.note.input.value.trim(),
    };
  }

  /** Rules that would stop the infusion, by what is chosen now. */
  stopping() {
    const { values, effects } = this.read();
    return this.book.rules.filter(
      ({ action, on }) => action === "stop" && (on.effect ? effects.includes(on.effect) : values[on.scale] === on.value),
    );
  }

  weigh() {
    const stopping = this.stopping();
    set(this.warns, stopping.length ? "Entering this stops the pump." : "");
    set(this.lacks, lacking(this.read(), who.get()));
    set(this.send, stopping.length ? "Stop and enter" : "Enter assessment");
    this.send.disabled = this.busy;
  }

  async keep() {
    if (this.busy) return;
    const entry = this.read();
    if (this.stopping().length === 0 && lacking(entry, who.get())) return this.ask();
    this.busy = true;
    this.weigh();
    const answer = await post("/api/assess", entry);
    this.busy = false;
    this.weigh();
    if (!answer.ok) return this.refuse(answer.body);
    this.tell(answer.body);
  }

  /** To the first thing that is missing. */
  ask() {
    if (this.signing.by.there()) this.form.querySelector("input").focus();
  }

  refuse({ error, field: name }) {
    const input = name ? this.form.elements[name] : null;
    mark(input instanceof RadioNodeList ? null : input, error);
    tell(this.refusal, error);
    this.refusal.scrollIntoView({ block: "nearest" });
  }

  tell({ when, sentence, advice, stop }) {
    tell(this.refusal, "");
    const again = make("button", { type: "button", className: "quiet", textContent: "Another entry" });
    again.onclick = () => this.again(true);
    const close = make("button", { type: "button", className: "primary", textContent: "Close" });
    close.onclick = () => this.close();
    const title = make("h2", { textContent: `Entered, ${clock(when)}`, tabIndex: -1 });
    this.done.replaceChildren(
      title,
      ...(stop ? [make("p", { className: "stopped", role: "alert", textContent: stop.sentence, "data-kind": stop.state === "unknown" ? "unsure" : "done" })] : []),
      make("p", { className: "entered", textContent: sentenceAlone(sentence, advice) }),
      ...advice.map(adviceBox),
      make("div", { className: "act end" }, again, close),
    );
    this.form.hidden = true;
    this.done.hidden = false;
    title.focus();
  }

  /** Back to the form; anew: empty. */
  again(anew = false) {
    if (anew || !this.done.hidden) {
      for (const scale of this.scales.values()) scale.clear();
      for (const list of [this.effects, this.tasks]) list?.clear();
      this.note.input.value = "";
      this.signing.fresh();
      this.weigh();
    }
    this.form.hidden = false;
    this.done.hidden = true;
  }

  show(picture) {
    this.picture = picture;
    if (!this.book) return;
    const charting = picture.snapshot?.charting;
    const now = picture.page === "live" ? Date.parse(picture.snapshot.time) : NaN;
    for (const [name, scale] of this.scales) scale.before(charting?.latest[name] ?? null);
    chipsInto(this.dues, charting?.due ?? [], now, (due) => this.lead(due.of.length ? due.of : [due.name]));
    this.dues.hidden = !charting?.due.length;
  }
}

/** What is still missing, a sentence; "" when nothing is. Pure. */
export function lacking({ values, effects, done, note }, name) {
  const empty = Object.keys(values).length + effects.length + done.length === 0 && !note;
  const missing = [...(empty ? ["at least one value, side effect or note"] : []), ...(name ? [] : ["your name"])];
  return missing.length ? `Still missing: ${missing.join(", ")}.` : "";
}

/** What was entered, without the advice that the record holds with it and that is shown beside. Pure. */
export function sentenceAlone(sentence, advice) {
  return advice.reduce((text, each) => text.replace(each.sentence, ""), sentence).replace(/\s+/g, " ").trim();
}

function adviceBox(advice) {
  const box = make("div", { className: "advice", "data-action": advice.action });
  box.append(
    make("b", { textContent: DOES[advice.action] ?? advice.action }),
    make("p", { textContent: advice.sentence }),
    make("small", { textContent: said(advice) }),
  );
  return box;
}

/** One scale: a value each is one press, and a second press takes it back. */
class Scale {
  constructor({ name, title, values, words, source, verified }, stops) {
    Object.assign(this, { name, words });
    const [mark_, told] = sourced({ source, verified });
    this.says = make("p", { className: "says" });
    const wordy = values.length <= 5 && values.every((value) => words[value]);
    this.values = values.map((value) => {
      const input = make("input", { type: "radio", name, value });
      input.onclick = () => this.press(input);
      const face = make("span", {}, make("b", { textContent: signed(name, value) }));
      if (wordy) face.append(make("small", { textContent: words[value] }));
      if (stops(value)) face.append(make("em", { textContent: "stops the pump" }));
      return { input, label: make("label", { className: "value" }, input, face) };
    });
    this.inputs = this.values.map(({ input }) => input);
    const row = make("div", { className: "values", "data-count": String(values.length), "data-wordy": wordy ? "yes" : "no" });
    row.append(...this.values.map(({ label }) => label));
    this.newest = make("span", { className: "last" });
    this.box = make("fieldset", { className: "scale" }, make("legend", { textContent: title }), mark_, this.newest, told, row, this.says);
    this.says.hidden = wordy || Object.keys(words).length === 0;
    this.ends = [values[0], values.at(-1)].filter((value) => words[value]).map((value) => `${signed(name, value)} ${words[value]}`).join(" · ");
    this.speak();
  }

  get value() {
    return this.inputs.find((input) => input.checked)?.value ?? null;
  }

  /** The newest value in the record, or null. */
  before(latest) {
    set(this.newest, latest ? `last ${signed(this.name, String(latest.value))}, ${clock(latest.time)}` : "");
  }

  press(input) {
    if (this.last === input) {
      input.checked = false;
      this.last = null;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    } else this.last = input;
    this.speak();
  }

  speak() {
    const { value } = this;
    const chosen = this.inputs.find((input) => input.checked) ?? null;
    if (chosen !== this.last) this.last = chosen;
    set(this.says, value !== null && this.words[value] ? `${signed(this.name, value)}: ${this.words[value]}` : this.ends);
  }

  clear() {
    for (const input of this.inputs) input.checked = false;
    this.speak();
  }
}

/** RASS is written with its sign. */
function signed(name, value) {
  return name === "rass" ? value.replace(/^-/, "−").replace(/^(?=[1-9])/, "+") : value;
}

/** Things that are there or not. stops: name => rule or null; says: name => more about it. */
function toggles(kind, names, title, source, stops, says = () => "") {
  const [mark_, told] = sourced(source);
  const inputs = names.map((name) => make("input", { type: "checkbox", name: kind, value: name }));
  const labels = inputs.map((input) => {
    const face = make("span", {}, make("b", { textContent: input.value }));
    if (says(input.value)) face.append(make("small", { textContent: says(input.value) }));
    if (stops(input.value)) face.append(make("em", { textContent: "stops the pump" }));
    return make("label", { className: "value" }, input, face);
  });
  const row = make("div", { className: "toggles" }, ...labels);
  return {
    box: make("fieldset", { className: "scale", "data-kind": kind }, make("legend", { textContent: title }), mark_, told, row),
    chosen: () => inputs.filter((input) => input.checked).map((input) => input.value),
    clear: () => {
      for (const input of inputs) input.checked = false;
    },
  };
}
