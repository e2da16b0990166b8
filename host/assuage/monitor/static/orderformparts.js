// The parts of an order's form: what is chosen, the rows of doses, totals, findings, and what concerns the pump.

import { alertLine, h } from "./dom.js";
import { option } from "./fields.js";
import { Gauge } from "./gauge.js";
import { GuardForm } from "./guarding.js";

export const TOTALS = ["hour", "four-hours", "day"];

/** f: the form, whose parts they become. Its element. */
export function lay(f) {
  const select = (name, label) => {
    const input = h("select", { name }, option("", "Choose"));
    const note = h("small", { className: "note-line" });
    f[name] = input;
    f[`${name}-note`] = note;
    return h("label", {}, label, input, note, alertLine());
  };
  f.rows = h("div", { className: "rows-of-doses" });
  f.add = h("button", { type: "button", className: "quiet", hidden: true }, "Add a step");
  f.add.onclick = () => f.addStep().quantity.input.focus();
  f.totals = TOTALS.map((what) => ({ what, gauge: new Gauge(), name: h("b", {}) }));
  f.places = Object.fromEntries(
    ["patient", "drug", "together", "other"].map((key) => [key, h("div", { className: "found" })]),
  );
  f.reading = h(
    "details",
    { className: "reading", hidden: true },
    h("summary", {}, "Not with, and what is looked at"),
    (f.read = h("div", {})),
  );
  return h(
    "form",
    { className: "order-form", noValidate: true, autocomplete: "off" },
    h(
      "div",
      { className: "fields three" },
      select("drug", "Drug"),
      select("concentration", "Strength"),
      select("area", "Care area"),
    ),
    h(
      "div",
      { className: "fields three" },
      select("label_drug", "Syringe's label: drug"),
      select("label_concentration", "Label: strength"),
      select("mode", "How it is given"),
    ),
    f.places.drug,
    f.places.patient,
    f.rows,
    f.add,
    h(
      "div",
      { className: "totals", hidden: true },
      ...f.totals.map(({ gauge, name }) => h("div", {}, name, gauge.element)),
    ),
    f.places.together,
    f.places.other,
    f.convert.element,
    f.reading,
    h("div", { className: "fields" }, select("syringe", "Syringe fitted"), select("on_loss", "When the link is lost")),
    more(f),
  );
}

function more(f) {
  f.later = h("div", { className: "rows-of-doses" });
  f.settings = h("div", { className: "fields inner" });
  const guards = h("select", { name: "guards" }, option("", "Not guarded"));
  const rows = h("div", { className: "rows", role: "group", "aria-label": "Vital signs that guard it" });
  const summary = h("summary", {}, "Guarded by no vital sign");
  const parts = { "#guarding-rows": rows, "#guarding-summary": summary, "#programme-form": { elements: { guards } } };
  f.guards = new GuardForm((name) => parts[name]);
  const hint =
    "The pump stands as soon as one of these is not normal, or is missing, and until somebody has released it.";
  f.more = h("details", {}, h("summary", {}, "More: later changes, occlusion, near-empty"), f.later, f.settings);
  const guarding = h(
    "details",
    {},
    summary,
    h(
      "div",
      { className: "fields inner" },
      h("label", {}, "Limits of", guards),
      h("p", { className: "hint" }, hint),
      rows,
    ),
  );
  return h("div", { className: "mores" }, guarding, f.more);
}
