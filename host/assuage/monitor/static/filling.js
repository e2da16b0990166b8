// Filling the line of a pump that stands. The question whether it is disconnected is asked each time, of a human.

import { Dialogue } from "./dialogue.js";
import { number } from "./entry.js";
import { option } from "./fields.js";
import { fillingRows } from "./readback.js";

const CHECKS = {
  syringe: (t) => (t ? { value: t, error: "" } : { error: "Choose the syringe that is fitted." }),
  ml: (t) => number(t, 3),
  rate_ml_h: (t) => number(t, 2),
};

export class Filling extends Dialogue {
  constructor(find) {
    super(find, "#filling", {
      paths: { offer: "/api/pump/prime", confirm: "/api/pump/purge" },
      compare: fillingRows,
      confirmed: { disconnected: true },
      holds: (p) => p.state === "standby",
    });
  }

  /** hello: {syringes: [{name}]}. */
  hello(hello) {
    const { syringe } = this.form.elements;
    const kept = syringe.value;
    syringe.replaceChildren(option("", "Choose"), ...(hello.syringes ?? []).map(({ name }) => option(name, name)));
    syringe.value = kept;
  }

  read() {
    return this.typed(CHECKS);
  }
}
