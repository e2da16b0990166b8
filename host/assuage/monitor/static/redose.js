// Another rate, a bolus, or another target for an infusion that was ordered from the library: in its own units, with
// what the daemon says of it while it is typed, and compared in clinical words. One in mL/h has change.js.

import { numberLines } from "./clinical.js";
import { Dialogue } from "./dialogue.js";
import { alertLine, h, say } from "./dom.js";
import { mark, option } from "./fields.js";
import { Findings } from "./findings.js";
import { formulary } from "./formulary.js";
import { Gauge } from "./gauge.js";
import { post } from "./orders.js";
import { compareInto } from "./table.js";
import { offer, quantity, read } from "./typed.js";
import { NO_NAME, WhoField } from "./who.js";
import { plain, span } from "./words.js";

const PAUSE = 120; // ms after a key before the daemon is asked
const WHAT = { rate: "Another rate", bolus: "A bolus", target: "Another target" };

export class Redose extends Dialogue {
  /** bench: the dialogue for what was ordered in mL/h. */
  constructor(find, bench) {
    const parts = build();
    find("main").append(parts.panel);
    const own = { "#redose": parts.panel, "#redose-open": find("#running-open") };
    super((name) => own[name], "#redose", {
      paths: {},
      compare: () => ({}),
      holds: (p) => ["infusing", "bolus"].includes(p.state),
    });
    Object.assign(this, parts, { bench, round: 0 });
    this.findings = new Findings(
      (code) => (code.startsWith("total") ? this.found.together : this.found[this.what.value]),
      () => this.enable(),
    );
    this.what.onchange = () => this.choose();
    this.form.oninput = (event) => {
      mark(event.target, "");
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.check(), PAUSE);
    };
    this.second.oninput = () => mark(this.second, "");
  }

  get clinical() {
    const p = this.picture?.pump.data;
    return p?.terms?.clinical ?? null;
  }

  get target() {
    const { snapshot, pump } = this.picture;
    const told = snapshot?.target;
    return told && !told.over && told.programme === pump.data?.programme ? told : null;
  }

  async open() {
    if (!this.clinical && !this.target) return this.bench.open();
    const kinds = this.target ? ["target"] : ["rate", "bolus"];
    this.what.replaceChildren(...kinds.map((kind) => option(kind, WHAT[kind])));
    super.open();
    this.choose();
    const { drug, area } = this.clinical ?? {};
    const found = await formulary(this.picture.snapshot?.services?.library?.hash);
    const units = found?.drugs.find((one) => one.key === drug)?.areas[area]?.units ?? {};
    offer(this.rate.unit, units.rate ?? units.basal ?? ["mL/h"]);
    offer(this.dose.unit, units.dose ?? units.demand ?? ["mL"]);
  }

  choose() {
    this.findings.show([]);
    for (const box of this.form.querySelectorAll("[data-what]")) box.hidden = box.dataset.what !== this.what.value;
    this.check();
  }

  /** What the library says of it, as far as it has been typed. */
  async check() {
    const kind = this.what.value;
    say(this.hint, hint(kind, this.picture?.pump.data, this.target));
    if (!this.clinical || kind === "target") return;
    const round = ++this.round;
    const { programme } = this.picture.pump.data;
    const text = (field) => read(field, true).text;
    const typed = kind === "bolus" ? { dose: text(this.dose), over: text(this.over) } : { rate: text(this.rate) };
    const answer = await post("/api/check", { change: { programme, ...typed } });
    if (round !== this.round || !answer.ok) return;
    this.findings.show(answer.body.findings);
    this.enable();
    const of = (key) => answer.body.gauges?.find((one) => one.key === key) ?? null;
    this.gauges.rate.show(of("rate"));
    this.gauges.bolus.show(of("dose"));
  }

  read() {
    const order = { programme: this.picture.pump.data.programme };
    let first = null;
    const take = (key, field) => {
      const { text, error } = read(field);
      mark(field.input, error);
      if (error) first ??= field.input;
      order[key] = text;
    };
    if (this.what.value === "rate") take("rate", this.rate);
    if (this.what.value === "target") take("target", this.goal);
    if (this.what.value === "bolus") {
      take("dose", this.dose);
      take("over", this.over);
    }
    return { order, first };
  }

  named() {
    if (this.who.there()) return true;
    this.refuse(NO_NAME);
    return false;
  }

  async offer() {
    if (this.busy || !this.named()) return;
    const { order, first } = this.read();
    const aims = this.what.value === "target";
    const wrong = first ?? (aims ? null : this.findings.unreasoned);
    if (wrong) return wrong.focus();
    const overrides = this.findings.reasons().map(({ finding, reason }) => ({ finding, reason }));
    const answer = await this.ask(aims ? "/api/target" : "/api/prescribe/change", aims ? order : { ...order, overrides });
    if (!answer.ok) {
      this.refuse(answer.body.error);
      return this.check(); // what is found now may be more than what was shown
    }
    this.readback = answer.body.readback;
    const told = this.readback.clinical;
    const lines = aims
      ? [
          {
            name: "Target",
            asked: order.target,
            read: this.readback.target,
            note: `was ${this.readback.was}`,
            same: order.target === this.readback.target,
          },
        ]
      : numberLines(told.numbers);
    const takes = this.readback.seconds
      ? `${order.dose ? "Takes" : "What is left takes"} ${span(this.readback.seconds)}.`
      : "";
    this.same = lines.every((one) => one.same);
    compareInto(this.box, { lines, also: takes, same: this.same });
    const alerts = told?.alerts ?? [];
    this.two.hidden = this.secondLabel.hidden = alerts.length === 0;
    this.two.replaceChildren(h("b", {}, "Two people compare this:"), " ", alerts.join(" "));
    this.second.value = "";
    this.to("compare");
  }

  enable() {
    super.enable();
    this.send.disabled ||= this.findings.hard > 0;
  }

  async confirm() {
    if (!this.named()) return;
    const { programme, token, clinical } = this.readback;
    const second = this.second.value.trim();
    if (clinical?.alerts.length && !second) {
      mark(this.second, "A second person compares it as well and gives a name.");
      return this.second.focus();
    }
    const path = this.what.value === "target" ? "/api/target/confirm" : "/api/pump/apply";
    const answer = await this.ask(path, { programme, token, ...(second ? { second } : {}) });
    if (answer.ok) {
      for (const field of [this.rate, this.dose, this.over, this.goal]) field.input.value = "";
      return this.close();
    }
    if (answer.body.status === "second-person") {
      mark(this.second, answer.body.error);
      this.second.focus();
    } else this.to("enter", answer.body.error);
  }
}

/** What was agreed when it was ordered. Pure. */
export function hint(what, p, target) {
  if (what === "target") return target ? `The target is ${target.target ?? "--"} now.` : "";
  const told = p?.terms?.clinical;
  const now = told ? `It runs for ${told.weight}, as it was ordered. ` : "";
  if (what === "bolus")
    return `${now}${p?.terms?.bolus_ml > 0 ? "" : "No bolus was allowed when it was ordered."}`.trim();
  return `${now}Up to ${plain(p?.terms?.most_ml_h, 2)} mL/h, as it was ordered.`;
}

function build() {
  const made = {
    who: new WhoField(),
    what: h("select", { name: "what" }),
    rate: quantity({ name: "rate", label: "New rate", units: [] }),
    dose: quantity({ name: "dose", label: "Bolus", units: [] }),
    over: quantity({ name: "over", label: "Given over", units: ["min", "h"] }),
    goal: quantity({ name: "target", label: "New target", units: ["ng/mL", "mcg/mL"] }),
    gauges: { rate: new Gauge(), bolus: new Gauge() },
    found: Object.fromEntries(["rate", "bolus", "together"].map((key) => [key, h("div", { className: "found" })])),
    hint: h("p", { className: "hint" }),
    two: h("p", { className: "two-people", role: "status", hidden: true }),
    second: h("input", { name: "second", maxLength: 40, autocomplete: "off" }),
  };
  made.secondLabel = h(
    "label",
    { className: "second", hidden: true },
    "Second person's name",
    made.second,
    alertLine(),
  );
  const row = (what, field, gauge, found) =>
    h(
      "div",
      { className: "dose-row", "data-what": what, "data-wide": gauge ? "yes" : "no" },
      field.label,
      gauge?.element,
      found,
    );
  const button = (text, does, kind) => h("button", { type: "button", className: kind, "data-do": does }, text);
  const head = ["", "You asked", "The board will do"].map((text) =>
    h("th", { scope: "col" }, text || h("span", { className: "sr" }, "Field")),
  );
  made.panel = h(
    "section",
    {
      className: "programme order card",
      id: "redose",
      role: "dialog",
      "aria-modal": "false",
      "aria-labelledby": "redose-title",
      hidden: true,
    },
    h(
      "div",
      { className: "top" },
      h("h2", { id: "redose-title", tabIndex: -1 }, "Change the infusion"),
      made.who.element,
      button("Close", "close", "quiet"),
    ),
    h("p", { className: "refusal", "data-is": "refusal", role: "alert", hidden: true }),
    h(
      "form",
      { className: "order-form", noValidate: true, autocomplete: "off" },
      h("div", { className: "fields" }, h("label", {}, "What", made.what)),
      h(
        "div",
        { className: "rows-of-doses" },
        row("rate", made.rate, made.gauges.rate, made.found.rate),
        row("bolus", made.dose, made.gauges.bolus, made.found.bolus),
        row("bolus", made.over),
        row("target", made.goal),
      ),
      made.found.together,
      made.hint,
      h("div", { className: "act" }, h("button", { type: "submit", className: "primary" }, "Send to the board")),
    ),
    h(
      "div",
      { className: "compare", "data-is": "compare", hidden: true },
      h(
        "p",
        { className: "hint" },
        "The board has read back what it will do. The infusion goes on as it is until you confirm.",
      ),
      h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {})),
      h("p", { className: "also" }),
      h("p", { className: "differs", role: "alert", hidden: true }),
      h(
        "div",
        { className: "foot" },
        made.two,
        made.secondLabel,
        button("They agree: do it now", "confirm", "primary"),
        button("Change it", "back", "quiet"),
      ),
    ),
  );
  return made;
}
