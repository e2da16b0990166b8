// The prediction: what all that was given comes to, as a band across the models that fit; what if; and when it would be
// below what people woke at. One model's line is drawn only for whoever asks for it. All numbers are the daemon's.

import { get } from "./asking.js";
import { make, said, set } from "./making.js";
import { bandWords } from "./due.js";
import { plot } from "./plot.js";
import { NONE, isNumber } from "./words.js";

const AGAIN = 30000; // ms between two looks; the daemon reckons once a minute
const AHEAD = [1, 4, 12, 24]; // h
const RATES = ["mg/kg/h", "mg/h", "mcg/kg/min", "mL/h"];

export class Predicted {
  constructor(body) {
    Object.assign(this, { hours: 4, substance: "", what: "on", rate: "", shown: new Set(), told: null, asked: 0 });
    this.refusal = make("p", { className: "refusal", role: "alert", hidden: true });
    this.now = make("p", { className: "now", id: "predict-now" });
    this.names = group("Substance", "names");
    this.ahead = group("How far ahead", "ahead");
    this.ahead.append(...AHEAD.map((n) => press(`${n} h`, () => this.ask({ hours: n }), { "data-hours": String(n) })));
    this.drawing = make("div", { className: "drawing", id: "predict-plot" });
    this.legend = make("div", { className: "keys" });
    this.ifs = group("What if", "ifs");
    this.form = make("form", { className: "ifs", noValidate: true, autocomplete: "off" });
    this.number = make("input", { name: "rate", inputMode: "decimal", maxLength: 9, "aria-label": "Another rate" });
    this.unit = make("select", { "aria-label": "Unit of the rate" });
    this.unit.append(...["", ...RATES].map((unit) => make("option", { value: unit, textContent: unit || "Unit" })));
    this.go = make("button", { type: "submit", className: "quiet", textContent: "Show that rate" });
    this.on = press("As ordered", () => this.ask({ what: "on" }), { id: "if-on" });
    this.stop = press("Stop now", () => this.ask({ what: "stop" }), { id: "if-stop" });
    this.ifs.append(this.on, this.stop);
    this.form.append(make("b", { textContent: "What if" }), this.ifs, make("span", { className: "pair" }, this.number, this.unit, this.go));
    this.form.oninput = () => this.weigh();
    this.form.onsubmit = (event) => {
      event.preventDefault();
      if (!this.go.disabled) this.ask({ what: "rate", rate: `${this.number.value.trim()} ${this.unit.value}` });
    };
    this.wake = make("div", { className: "wake", role: "status", id: "predict-wake" });
    this.models = make("div", { className: "models", role: "group", "aria-label": "One model's own line" });
    this.doubts = make("div", { className: "doubts" });
    body.append(
      this.refusal,
      make("div", { className: "scroll" }, make("div", { className: "head" }, this.now, this.names, this.ahead), this.drawing, this.legend, this.form, this.wake, this.models, this.doubts),
    );
    new ResizeObserver(() => this.redraw()).observe(this.drawing);
    this.weigh();
  }

  enter() {
    this.ask({});
  }

  /** Half a rate is no question yet. */
  weigh() {
    this.go.disabled = this.number.value.trim() === "" || this.unit.value === "";
  }

  async ask(change) {
    Object.assign(this, change);
    this.asked = performance.now();
    const query = new URLSearchParams({ hours: String(this.hours) });
    if (this.what === "stop") query.set("stop", "1");
    if (this.what === "rate") {
      query.set("rate", this.rate);
      if (this.substance) query.set("substance", this.substance);
    }
    const mine = (this.turn = Symbol("turn"));
    const answer = await get(`/api/prediction?${query}`);
    if (mine !== this.turn) return;
    this.refusal.hidden = answer.ok;
    set(this.refusal, answer.ok ? "" : answer.body.error);
    if (answer.ok) {
      this.told = answer.body;
      this.fill();
    } else if (this.what === "rate") this.what = "on";
  }

  /** The substance that is looked at. */
  one() {
    const list = this.told?.substances ?? [];
    return list.find((each) => each.substance === this.substance) ?? list.find((each) => each.curves) ?? list[0] ?? null;
  }

  fill() {
    const { told } = this;
    const one = this.one();
    this.substance = one?.substance ?? "";
    this.names.replaceChildren(
      ...(told.substances.length > 1 ? told.substances : []).map((each) =>
        press(each.name, () => this.ask({ substance: each.substance, shown: new Set() }), { "aria-pressed": String(each === one) }),
      ),
    );
    for (const button of this.ahead.children) button.setAttribute("aria-pressed", String(Number(button.dataset.hours) === this.hours));
    this.on.setAttribute("aria-pressed", String(this.what === "on"));
    this.stop.setAttribute("aria-pressed", String(this.what === "stop"));
    const curves = one?.curves ?? null;
    set(this.now, nowWords(one));
    this.drawing.hidden = this.form.hidden = this.legend.hidden = this.models.hidden = curves === null;
    if (curves) this.keys(one, this.instead());
    this.redraw();
    this.wake.replaceChildren(...this.woken(one));
    this.doubts.replaceChildren(...doubts(one, this.uncounted ?? []));
  }

  /** What if, as it was asked; null when it was not. */
  instead() {
    const one = this.one();
    return (this.what === "stop" ? one?.stop : this.what === "rate" ? one?.what_if : null) ?? null;
  }

  redraw() {
    const one = this.one();
    const width = this.drawing.clientWidth;
    if (!one?.curves || !width) return this.drawing.replaceChildren();
    const { shown } = this;
    const height = width < 700 ? 230 : 340;
    this.drawing.replaceChildren(plot({ one, at: Date.parse(this.told.time), other: this.instead()?.curves ?? null, shown, width, height }));
  }

  /** What is drawn, and a press for each model's own line. */
  keys(one, instead) {
    const other = this.what === "stop" ? "if stopped now" : instead ? `at ${instead.rate}` : "";
    const key = (kind, text) => make("span", { className: "key", "data-kind": kind }, make("i"), text);
    const models = Object.entries(one.names).map(([name, text]) => {
      const pressed = () => {
        this.shown.has(name) ? this.shown.delete(name) : this.shown.add(name);
        this.fill();
      };
      return press(text, pressed, { "aria-pressed": String(this.shown.has(name)), "data-model": name });
    });
    this.legend.replaceChildren(
      key("band", "lowest to highest of the models"),
      key("median", "median of the models"),
      ...(other ? [key("other", other)] : []),
      ...(one.given.length ? [key("dose", "given by hand")] : []),
      ...(one.effects.length ? [key("level", "seen at that level, by its number in the sources below")] : []),
    );
    this.models.replaceChildren(make("small", { textContent: "One model alone, no truth either:" }), ...models);
  }

  /** When people would wake, in words, if it were stopped now. */
  woken(one) {
    const list = this.what === "stop" ? (one?.stop?.wake ?? []) : [];
    if (this.what === "stop" && one?.curves && list.length === 0)
      return [make("p", { className: "hint", textContent: "When it falls below a level cannot be said: no level with a source, or a dose that is in no line." })];
    if (list.length === 0) return [];
    const rows = list.map((each) => make("li", {}, wakeWords(each), make("small", { textContent: said(each) })));
    return [make("b", { textContent: "If stopped now" }), make("ul", {}, ...rows)];
  }

  show(picture) {
    this.uncounted = picture.snapshot?.charting?.uncounted ?? [];
    if (performance.now() - this.asked > AGAIN && picture.page === "live") this.ask({});
  }
}

/** Where it is now, in words. Pure. */
export function nowWords(one) {
  if (!one) return "Nothing that was given is in this patient's record.";
  if (!isNumber(one.low)) return `${one.name}: ${NONE} ng/mL. ${one.why_not}`;
  const many = Object.keys(one.names ?? {}).length;
  return `${one.name}: ${bandWords(one)} ng/mL now, by ${many} ${many === 1 ? "model" : "models"}`;
}

/** When it is below a level by the models: null, null is below by all already. Pure. */
export function wakeWords({ below, earliest_min: earliest, latest_min: latest }) {
  const minutes = (value) => `${Math.ceil(value)} min`;
  if (!isNumber(latest)) return `Below ${below}: already, by every model.`;
  if (!isNumber(earliest)) return `Below ${below}: already by one model, by the last in ${minutes(latest)}.`;
  return `Below ${below}: in ${Math.floor(earliest)} to ${minutes(latest)}.`;
}

/** All that is to be kept in mind, the most important first. */
function doubts(one, uncounted) {
  if (!one) return [];
  const list = (title, texts, kind) =>
    texts.length ? [make("div", { className: "doubt", "data-kind": kind }, make("b", { textContent: title }), make("ul", {}, ...texts.map((text) => make("li", { textContent: text }))))] : [];
  const more = make("details", {}, make("summary", { textContent: "Models, sources and what was left out" }));
  const effects = (one.effects ?? []).map((each, i) => `${i + 1}: ${each.name}, ${bandWords(each)} ng/mL: ${each.said}. ${said(each)}`);
  more.append(...list("Models", one.curves ? one.models : [], "quiet"), ...list("Left out", one.left_out ?? [], "quiet"), ...list("Seen at these concentrations", effects, "quiet"));
  return [
    ...list("Missing in every line", one.missing ?? [], "warn"),
    ...list("Counted nowhere", uncounted, "warn"),
    ...(one.not_advice ? [make("p", { className: "hint", textContent: one.not_advice })] : []),
    ...(one.curves ? [more] : []),
  ];
}

function group(label, name) {
  return make("div", { className: `groups ${name}`, role: "group", "aria-label": label });
}

function press(text, pressed, props = {}) {
  const button = make("button", { type: "button", textContent: text, ...props });
  button.onclick = pressed;
  return button;
}
