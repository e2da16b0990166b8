// Another rate, or a bolus, for the infusion that runs.

import { Dialogue } from "./dialogue.js";
import { number } from "./entry.js";
import { changeRows } from "./readback.js";
import { plain } from "./words.js";

const LEGS = ["loading", "ramp", "steps", "intermittent"];
const NO_BOLUS = "No bolus was allowed when this infusion was ordered.";
const CHECKS = {
  rate: { rate_ml_h: (t) => number(t, 2) },
  bolus: { ml: (t) => number(t, 3), ml_h: (t) => number(t, 2) },
};

export class Change extends Dialogue {
  constructor(find) {
    super(find, "#running", {
      paths: { offer: "/api/pump/change", confirm: "/api/pump/apply" },
      compare: changeRows,
      holds: (p) => ["infusing", "bolus"].includes(p.state),
    });
    this.limits = find("#running-limits");
    this.form.elements.what.onchange = () => this.choose();
    this.choose();
  }

  choose() {
    const { what } = this.form.elements;
    for (const label of this.form.querySelectorAll("[data-what]")) label.hidden = label.dataset.what !== what.value;
    this.limits.textContent = bounds(what.value, this.picture?.pump.data);
  }

  open() {
    super.open();
    this.choose();
    this.form.elements.what.focus();
  }

  read() {
    const { order, first } = this.typed(CHECKS[this.form.elements.what.value]);
    return { order: { programme: this.picture.pump.data.programme, ...order }, first };
  }
}

/** What was agreed when this infusion was ordered, in words; the board holds to it. */
export function bounds(what, p) {
  const terms = p?.terms;
  if (!terms) return "How far this infusion may be changed is known to the board only.";
  const upTo = (most) => `Up to ${plain(most, 2)} mL/h, as it was ordered.`;
  if (what === "bolus")
    return terms.bolus_ml > 0 ? `At most ${plain(terms.bolus_ml)} mL. ${upTo(terms.limit_rate_ml_h)}` : NO_BOLUS;
  if (LEGS.includes(terms.mode)) return "The rate of such a course cannot be changed; stop it and programme anew.";
  const hours = plain(terms.duration_s / 3600, 1);
  return `${upTo(terms.most_ml_h)} It still ends ${hours} h after its start at the latest.`;
}
