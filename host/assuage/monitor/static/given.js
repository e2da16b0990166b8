// A dose that somebody has given by hand: checked by the daemon as it is typed, with the totals of all routes before and
// after; what is found wants a reason, and what is beyond a hard limit a second name. Nothing is reckoned here.

import { get } from "./asking.js";
import { make, set } from "./making.js";
import { mark, tell } from "./fields.js";
import { post } from "./orders.js";
import { Signing, choice, choose, field } from "./signing.js";
import { same, who } from "./who.js";
import { NONE, clock } from "./words.js";

const UNITS = ["mg", "mcg", "mL", "mg/kg", "mcg/kg"];
const WINDOWS = { hour: "Last hour", "four-hours": "Last 4 hours", day: "Last day" };
const PAUSE = 350; // ms of quiet after which what was typed is checked
const REASON = 3; // letters; the daemon's

export class Given {
  constructor(body, close) {
    Object.assign(this, { body, close, busy: false, checked: null, findings: [] });
    this.refusal = make("p", { className: "refusal", role: "alert", hidden: true });
    this.form = make("form", { className: "given-form", noValidate: true, autocomplete: "off" });
    this.done = make("div", { className: "done", hidden: true });
    body.append(this.refusal, this.form, this.done);
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.keep();
    };
    this.form.oninput = (event) => {
      mark(event.target, "");
      tell(this.refusal, "");
      if (event.target.dataset.kind !== "reason") this.changed();
      this.weigh();
    };
  }

  async enter() {
    if (this.book) return this.check();
    const answer = await get("/api/charting");
    tell(this.refusal, answer.ok ? "" : answer.body.error);
    if (answer.ok && !this.book) this.build(answer.body);
  }

  build(book) {
    this.book = book;
    const drugs = book.drugs.map(({ key, name }) => [key, name]);
    this.drug = choice("drug", "Drug that was given", [["", "Choose"], ...drugs]);
    this.label = choice("label_drug", "What the label says", [["", "Read it, then choose"], ...drugs]);
    this.dose = field("dose", "Dose", { inputMode: "decimal", maxLength: 12 });
    this.unit = make("select", { name: "unit", "aria-label": "Unit of the dose" });
    choose(this.unit, [["", "Unit"], ...UNITS.map((unit) => [unit, unit])]);
    this.dose.label.insertBefore(make("span", { className: "pair" }, this.dose.input, this.unit), this.dose.label.lastChild);
    this.strength = field("concentration", "Concentration", { maxLength: 24, placeholder: "only for a dose in mL" });
    this.strengths = make("datalist", { id: "given-strengths" });
    this.strength.input.setAttribute("list", this.strengths.id);
    this.route = choice("route", "Route", [["", "Choose"], ...Object.entries(book.routes)]);
    this.site = field("site", "Site", { maxLength: 100, placeholder: "such as left deltoid" });
    this.note = field("note", "Note", { maxLength: 200 });
    this.signing = new Signing();
    this.signing.by.input.dataset.kind = "reason";
    this.drug.input.addEventListener("input", () => this.known());
    const fields = make("div", { className: "fields" });
    fields.append(
      ...[this.drug, this.label, this.dose, this.strength, this.route, this.site].map(({ label }) => label),
      this.strengths,
    );
    const more = make("div", { className: "fields" }, ...[this.signing.at, this.signing.late, this.note].map(({ label }) => label));
    this.found = make("div", { className: "cautions", role: "status" });
    this.totals = make("div", { className: "sums", role: "status" });
    this.second = field("second", "Looked at by a second person", { maxLength: 40, placeholder: "their name" });
    this.second.label.hidden = true;
    this.second.input.dataset.kind = "reason";
    this.lacks = make("p", { className: "hint", role: "status", id: "given-lacks" });
    this.send = make("button", { type: "submit", className: "primary", id: "given-send", textContent: "Enter this dose" });
    this.form.append(
      make("div", { className: "scroll" }, fields, this.found, make("div", { className: "fields" }, this.second.label), this.totals, more),
      make("div", { className: "foot fields" }, this.signing.by.element, make("div", { className: "say" }, this.lacks), this.send),
    );
    who.addEventListener("change", () => this.weigh());
    this.weigh();
  }

  known() {
    const found = this.book.drugs.find(({ key }) => key === this.drug.input.value);
    choose(this.strengths, (found?.concentrations ?? []).map((text) => [text, text]));
  }

  read() {
    const [dose, unit] = [this.dose.input.value.trim(), this.unit.value];
    return {
      ...this.signing.read(),
      drug: this.drug.input.value,
      label_drug: this.label.input.value,
      dose: dose && unit ? `${dose} ${unit}` : "",
      concentration: this.strength.input.value.trim(),
      route: this.route.input.value,
      site: this.site.input.value.trim(),
      note: this.note.input.value.trim(),
    };
  }

  what() {
    return JSON.stringify(this.read());
  }

  /** What is missing before it can be checked. */
  missing() {
    const entry = this.read();
    const of = [
      [entry.drug, "the drug"],
      [entry.label_drug, "what the label says"],
      [this.dose.input.value.trim(), "the dose"],
      [this.unit.value, "its unit"],
      [this.unit.value !== "mL" || entry.concentration, "the concentration"],
      [entry.route, "the route"],
      [this.signing.late.label.hidden || entry.late_reason, "why so late"],
          ];
    return of.filter(([typed]) => !typed).map(([, name]) => name);
  }

  /** What was checked is not what stands there now. */
  changed() {
    clearTimeout(this.pause);
    this.checked = null;
    this.second.input.value = ""; // whoever has looked has looked at something else
    this.shows(null);
    this.pause = setTimeout(() => this.check(), PAUSE);
  }

  async check() {
    if (!this.book || this.busy || this.missing().length) return this.weigh();
    const asked = this.what();
    const answer = await post("/api/given", { ...JSON.parse(asked), check: true });
    if (this.what() !== asked) return; // something else has been typed since
    if (!answer.ok) return this.refuse(answer.body);
    this.checked = answer.body;
    this.shows(answer.body);
    this.weigh();
  }

  /** What was found, each with the place for its reason; null: nothing is known. Reasons that were typed stay. */
  shows(told) {
    const typed = Object.fromEntries(this.findings.map(({ code, input }) => [code, input.value]));
    if (told === null) {
      this.totals.replaceChildren();
      this.found.dataset.old = "yes";
      return;
    }
    this.found.dataset.old = "no";
    this.findings = told.findings.map((finding) => {
      const { input, label } = field(`reason-${finding.code}`, "Reason why it was given all the same", { maxLength: 200 });
      input.dataset.kind = "reason";
      input.value = typed[finding.code] ?? "";
      return { ...finding, input, label };
    });
    this.found.replaceChildren(...this.findings.map(findingBox));
    this.second.label.hidden = !this.findings.some(({ hard }) => hard);
    this.totals.replaceChildren(...this.totalled(told));
  }

  /** The table of totals, before and with this dose, and whether it is in the prediction. */
  totalled({ substance, dose, before, together, prediction }) {
    const name = this.book.drugs.find(({ key }) => key === substance)?.name ?? substance;
    const rows = Object.entries(WINDOWS).map(([key, text]) =>
      make("tr", {}, cell("th", text), cell("td", before[key] ?? NONE), cell("td", together[key] ?? NONE)),
    );
    const head = make("tr", {}, cell("th", `${name}, by all routes`), cell("th", "Before"), cell("th", `With these ${dose}`));
    return [make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)), make("p", { className: "hint", textContent: prediction.sentence })];
  }

  /** What keeps it from being entered, a sentence. */
  lacking() {
    const missing = this.missing();
    if (!who.get()) missing.push("your name");
    if (this.checked) {
      if (this.findings.some(({ input }) => input.value.trim().length < REASON)) missing.push("a reason for what was found");
      const second = this.second.input.value.trim();
      if (!this.second.label.hidden && !second) missing.push("the name of a second person");
      if (!this.second.label.hidden && second && same(second, who.get())) missing.push("somebody else as the second person");
    }
    return missing.length ? `Still missing: ${missing.join(", ")}.` : "";
  }

  weigh() {
    if (!this.book) return;
    set(this.lacks, this.lacking());
    this.send.disabled = this.busy || this.checked === null || this.lacks.textContent !== "";
  }

  async keep() {
    if (this.send.disabled) return;
    const overrides = this.findings.map(({ code, input }) => ({ code, reason: input.value.trim() }));
    const entry = { ...this.read(), overrides, second: this.second.label.hidden ? "" : this.second.input.value.trim() };
    const by = who.get();
    this.busy = true;
    this.weigh();
    const answer = await post("/api/given", entry);
    this.busy = false;
    this.weigh();
    if (!answer.ok) return this.refuse(answer.body);
    this.tell(answer.body, entry, by);
  }

  refuse({ error, field: name }) {
    mark(name ? this.form.elements[name] : null, error);
    tell(this.refusal, error);
    this.weigh();
  }

  tell(told, entry, by) {
    tell(this.refusal, "");
    const name = this.book.drugs.find(({ key }) => key === told.substance)?.name ?? told.substance;
    const way = `${told.route}${entry.site ? `, ${entry.site}` : ""}`;
    const again = make("button", { type: "button", className: "quiet", textContent: "Another dose" });
    again.onclick = () => {
      this.again();
      this.drug.input.focus();
    };
    const close = make("button", { type: "button", className: "primary", textContent: "Close" });
    close.onclick = () => this.close();
    const title = make("h2", { textContent: `Entered, ${clock(told.when)}`, tabIndex: -1 });
    this.done.replaceChildren(
      title,
      make("p", { className: "entered", textContent: `${told.dose} ${name} ${way}, by ${by}` }),
      make("div", { className: "sums" }, ...this.totalled(told)),
      make("div", { className: "act end" }, again, close),
    );
    this.form.hidden = true;
    this.done.hidden = false;
    title.focus();
    this.empty();
  }

  /** A dose that has been entered is not to be entered again. */
  empty() {
    for (const each of [this.drug, this.label, this.dose, this.strength, this.route, this.site, this.note, this.second]) each.input.value = "";
    this.unit.value = "";
    this.findings = [];
    this.found.replaceChildren();
    this.second.label.hidden = true;
    this.signing.fresh();
    this.changed();
    this.weigh();
  }

  /** Back to the form, from what was entered. */
  again() {
    this.form.hidden = false;
    this.done.hidden = true;
  }
}

function findingBox({ hard, sentence, limit, asked, source, label }) {
  const more = sentence.includes(source) && source ? [] : [asked && `entered ${asked}`, limit && `limit ${limit}`, source && `source: ${source}`].filter(Boolean);
  return make(
    "div",
    { className: "caution", "data-hard": hard ? "yes" : "no" },
    make("b", { textContent: hard ? "Beyond a hard limit" : "To be looked at" }),
    make("p", { textContent: sentence }),
    ...(more.length ? [make("small", { textContent: more.join(" · ") })] : []),
    label,
  );
}

function cell(tag, text) {
  return make(tag, { textContent: text });
}
