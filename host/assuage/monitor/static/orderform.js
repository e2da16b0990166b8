// The form of an order from the library: what is chosen, what is typed, and beside each number what the daemon says of
// it while it is typed. Nothing is reckoned here, and nothing half typed is called an error.

import { Convert } from "./convert.js";
import { alertLine, h, say } from "./dom.js";
import { labelled, mark, option } from "./fields.js";
import { Findings } from "./findings.js";
import { Gauge } from "./gauge.js";
import { moreOf } from "./modes.js";
import { TOTALS, lay } from "./orderformparts.js";
import { MODES, fieldOf, laterOf, prescription } from "./prescription.js";
import { about } from "./syringes.js";
import { quantity, read } from "./typed.js";

const POLICY = [
  ["stop", "Stop"],
  ["kvo", "Keep the vein open"],
  ["continue", "Continue to the end"],
];
const PUMP = ["occlusion_mmhg", "contents_ml", "near_empty_min", "kvo_ml_h"];
const STEPS_MOST = 10;

export class OrderForm {
  /** typed: told at each change. named: whether there is a name, which is asked for otherwise. */
  constructor({ typed, named }) {
    this.typed = typed;
    this.fields = new Map(); // key: {quantity, gauge, of, optional, findings}
    this.steps = [];
    this.syringes = [];
    this.convert = new Convert((to, dose) => this.take(to, dose), named);
    this.findings = new Findings((code) => this.place(code), typed);
    this.element = lay(this);
    this.element.oninput = (event) => {
      mark(event.target, "");
      typed();
    };
    this.element.onchange = (event) => this.chosen(event.target);
  }

  hello(hello) {
    this.syringes = hello.syringes ?? [];
    const kept = [this.syringe.value, this.on_loss.value];
    this.syringe.replaceChildren(option("", "Choose"), ...this.syringes.map(({ name }) => option(name, name)));
    this.on_loss.replaceChildren(...POLICY.map(([value, text]) => option(value, text)));
    this.syringe.value = kept[0];
    this.on_loss.value = kept[1] || hello.on_loss || "stop";
    this.guards.hello(hello.guards);
  }

  /** found: the formulary. area: the patient's. */
  offer(found, area) {
    if (this.found === found) return;
    this.found = found;
    this.usual = area;
    const drugs = found.drugs.map((one) => [one.key, one.name]);
    for (const name of ["drug", "label_drug"]) choices(this[name], drugs);
    this.chosen(this.drug);
  }

  get entry() {
    return this.found?.drugs.find((one) => one.key === this.drug.value);
  }

  get way() {
    return this.entry?.areas[this.area.value];
  }

  /** What follows from a choice. */
  chosen(select) {
    if (select === this.drug) {
      const areas = Object.keys(this.entry?.areas ?? {}).map((key) => [key, this.found.areas[key]]);
      choices(this.area, areas);
      if (!this.area.value && areas.some(([key]) => key === this.usual)) this.area.value = this.usual;
      this.convert.offer(this.found, this.drug.value);
    }
    if ([this.drug, this.area].includes(select)) this.inArea();
    if (select === this.label_drug) {
      const labelled = this.found?.drugs.find((one) => one.key === this.label_drug.value);
      choices(
        this.label_concentration,
        (labelled?.strengths ?? []).map((text) => [text, text]),
      );
    }
    if ([this.drug, this.area, this.mode].includes(select)) this.inMode();
    if (select === this.syringe)
      say(this["syringe-note"], about(this.syringes.find((one) => one.name === select.value)));
    const strength = this.way?.syringes.find((one) => one.concentration === this.concentration.value);
    say(this["concentration-note"], strength?.mark ? `${strength.mark}: ${strength.source}` : "");
    if (select.name?.endsWith?.("-unit") === false && select.value && this.fields.has(select.name))
      this.checkNumber(select.name);
    this.typed();
  }

  inArea() {
    const modes = Object.entries(MODES).filter(([key]) =>
      key === "target" ? this.way?.models.length : this.way?.modes.includes(key),
    );
    choices(
      this.mode,
      modes.map(([key, { label }]) => [key, label]),
    );
    choices(
      this.concentration,
      (this.way?.syringes ?? []).map((one) => [
        one.concentration,
        `${one.concentration}${one.mark ? ` (${one.mark})` : ""}`,
      ]),
    );
    say(this["area-note"], this.way ? `for ${this.way.ages}` : "");
  }

  /** The fields of the mode; what was typed under the same name stays. */
  inMode() {
    const mode = this.mode.value;
    const key = [this.drug.value, this.area.value, mode].join("|");
    if (key === this.laid) return;
    this.laid = key;
    const kept = new Map(
      [...this.fields].map(([name, one]) => [name, [one.quantity.input.value, one.quantity.unit.value]]),
    );
    this.fields.clear();
    this.steps = [];
    this.rows.replaceChildren();
    this.later.replaceChildren();
    if (mode === "target") this.rows.append(this.modelRow());
    for (const field of MODES[mode]?.fields ?? []) this.rows.append(this.row(field));
    for (const field of laterOf(mode)) this.later.append(this.row(field));
    this.add.hidden = mode !== "steps";
    if (mode === "steps") for (let i = 0; i < 2; i += 1) this.addStep();
    for (const [name, [value, unit]] of kept) {
      const one = this.fields.get(name)?.quantity;
      if (!one) continue;
      one.input.value = value;
      if ([...one.unit.options].some((each) => each.value === unit)) one.unit.value = unit;
    }
    const wanted = moreOf("continuous").filter(({ name }) => PUMP.includes(name));
    if (!this.settings.children.length) this.settings.append(...wanted.map(setting));
  }

  row({ key, label, of, units, optional }) {
    const made = quantity({
      name: key,
      label: optional ? `${label} (if any)` : label,
      units: units ?? this.way?.units[of] ?? [],
    });
    const one = { quantity: made, gauge: new Gauge(), optional, found: h("div", { className: "found" }) };
    this.fields.set(key, one);
    one.row = h(
      "div",
      { className: "dose-row", "data-wide": of ? "yes" : "no" },
      made.label,
      one.gauge.element,
      one.found,
    );
    return one.row;
  }

  modelRow() {
    this.model = h(
      "select",
      { name: "model" },
      option("", "Choose"),
      ...this.way.models.map(({ key, name }) => option(key, name)),
    );
    this.site = h("select", { name: "site" }, option("plasma", "Plasma"));
    this.model.onchange = () => {
      const sites = this.way.models.find((one) => one.key === this.model.value)?.site ?? ["plasma"];
      choices(
        this.site,
        sites.map((key) => [key, key === "effect" ? "Effect site" : "Plasma"]),
        false,
      );
    };
    return h(
      "div",
      { className: "fields" },
      h("label", {}, "By which model", this.model, alertLine()),
      h("label", {}, "Of", this.site, alertLine()),
    );
  }

  addStep() {
    const number = this.steps.length + 1;
    const rows = [
      this.row({ key: `step-${number}`, label: `Step ${number}: rate`, of: "rate" }),
      this.row({ key: `step-${number}-for`, label: "for", units: ["h", "min"] }),
    ];
    this.rows.append(...rows);
    this.steps.push([`step-${number}`, `step-${number}-for`]);
    this.add.hidden = number >= STEPS_MOST;
    return this.fields.get(`step-${number}`);
  }

  /** Where a finding of that code stands. */
  place(code) {
    const key = fieldOf(code, this.mode.value);
    if (this.fields.has(key)) return this.fields.get(key).found;
    if (["concentration", "label_drug", "label_concentration"].includes(key)) return this.places.drug;
    return this.places[key] ?? this.places.other;
  }

  input(field) {
    const key = fieldOf(field ?? "", this.mode.value);
    return this.fields.get(key)?.quantity.input ?? this.element.elements[key] ?? null;
  }

  checkNumber(key) {
    const { quantity: made, optional } = this.fields.get(key);
    const { error } = read(made, optional);
    mark(made.input, made.input.value.trim() ? error : "");
  }

  /** What has been typed, as far as it can be used. */
  values() {
    const made = {};
    for (const key of ["drug", "area", "mode", "concentration", "label_drug", "label_concentration"])
      made[key] = this[key].value;
    if (made.mode === "target") Object.assign(made, { model: this.model?.value, site: this.site?.value });
    for (const [key, one] of this.fields) if (!key.startsWith("step-")) made[key] = read(one.quantity, true).text;
    const text = (key) => read(this.fields.get(key).quantity, true).text;
    const steps = this.steps.map(([rate, time]) => ({ rate: text(rate), duration: text(time) }));
    made.steps = steps.filter((step, i) => i === 0 || step.rate || step.duration);
    return made;
  }

  prescription() {
    return prescription(this.values());
  }

  /** What is still empty, by its label, in the order of the form. */
  missing() {
    const chosen = ["drug", "concentration", "area", "label_drug", "label_concentration", "mode"].map(
      (key) => this[key],
    );
    if (this.mode.value === "target" && this.model) chosen.push(this.model); // the choice comes before its fields
    const empty = chosen.filter((select) => !select.value).map((select) => select.closest("label"));
    const needed = [...this.fields].filter(
      ([key, one]) => !one.optional && (!key.startsWith("step-") || /^step-1(-for)?$/.test(key)),
    );
    const blank = needed.filter(([, one]) => !one.quantity.input.value.trim()).map(([, one]) => one.quantity.label);
    return [...empty, ...blank].map((label) => label.firstChild.textContent);
  }

  /** What concerns the pump. {value, first}: first is the first input that is wrong. */
  pump() {
    const value = { syringe: this.syringe.value, on_loss: this.on_loss.value };
    let first = null;
    const wrong = (input, error) => {
      mark(input, error);
      if (error) first ??= input;
    };
    wrong(this.syringe, value.syringe ? "" : "Choose the syringe that is fitted.");
    for (const { name, check, choices: list } of moreOf("continuous").filter((one) => PUMP.includes(one.name))) {
      const input = this.element.elements[`order-${name}`];
      const found = list ? { value: input.value, error: "" } : check(input.value);
      wrong(input, found.error);
      if (found.value) value[name] = found.value;
    }
    const guards = this.guards.read();
    if (guards.value) value.guards = guards.value;
    return { value, first: first ?? guards.first };
  }

  /** The first number that cannot be used as it stands; its field says why. */
  wrong() {
    let first = null;
    for (const [, { quantity: made, optional }] of this.fields) {
      const step = made.input.name.startsWith("step-");
      const { error } = read(made, optional || step);
      mark(made.input, error);
      if (error) first ??= made.input;
    }
    return first;
  }

  /** A converted dose. */
  take(to, dose) {
    const one = this.fields.get("dose");
    if (!one || to !== this.drug.value) return;
    const [value, unit] = dose.split(" ");
    if (![...one.quantity.unit.options].some((each) => each.value === unit)) return;
    one.quantity.input.value = value;
    one.quantity.unit.value = unit;
    one.quantity.input.focus();
    this.typed();
  }

  /** What the daemon has said of it. */
  show(told) {
    const gauges = new Map(told.gauges?.map((one) => [one.key, one]) ?? []);
    for (const [key, { gauge }] of this.fields) gauge.show(gauges.get(gaugeOf(key, this.mode.value)) ?? null);
    const box = this.totals[0].name.parentElement.parentElement;
    box.hidden = !TOTALS.some((what) => gauges.has(what));
    for (const { what, gauge, name } of this.totals) {
      gauge.show(gauges.get(what) ?? null);
      name.parentElement.hidden = !gauges.has(what);
      say(name, TOTAL[what]);
    }
    this.findings.show(told.findings ?? []);
    const lines = [
      ["Not with: ", told.contraindications],
      ["Look at: ", told.monitoring],
    ].filter(([, list]) => list?.length);
    this.reading.hidden = lines.length === 0;
    const text = lines.map(([name, list]) => name + list.join("; ")).join("\n");
    if (text !== this.told) this.read.replaceChildren(...text.split("\n").map((each) => h("p", {}, each)));
    this.told = text;
  }
}

const TOTAL = {
  hour: "In any hour, all routes",
  "four-hours": "In any four hours, all routes",
  day: "In any day, all routes",
};
const gaugeOf = (key, mode) => (mode === "target" && key === "loading" ? "highest" : key);

function choices(select, list, ask = true) {
  const kept = select.value;
  select.replaceChildren(...(ask ? [option("", "Choose")] : []), ...list.map(([value, text]) => option(value, text)));
  if (list.some(([value]) => value === kept)) select.value = kept;
}

/** A setting of the pump, as in the other form; named apart from it. */
function setting(field) {
  const label = labelled({ ...field, name: `order-${field.name}` });
  label.querySelector("small").id = `order-${field.name}-wrong`;
  return label;
}
