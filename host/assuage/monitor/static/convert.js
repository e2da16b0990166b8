// A dose of one substance as one of another: asked for with a reason, reckoned and entered in the record by the daemon,
// shown with its factor and source; it comes into the order only by a press of its own.

import { h } from "./dom.js";
import { option, tell } from "./fields.js";
import { post } from "./orders.js";
import { quantity, read } from "./typed.js";

export class Convert {
  /** take: (substance, dose) => puts it into the order, or says why not; named: whether somebody has given a name. */
  constructor(take, named) {
    Object.assign(this, { taken: take, named });
    this.of = h("select", { name: "convert-of" }, option("", "Choose"));
    this.dose = quantity({ name: "convert-dose", label: "Its dose", units: ["mg", "mcg"] });
    this.reason = h("input", { name: "convert-reason", maxLength: 200, autocomplete: "off" });
    this.go = h("button", { type: "button", className: "quiet" }, "Convert");
    this.said = h("p", { className: "converted", role: "status" });
    this.use = h("button", { type: "button", className: "quiet", hidden: true }, "Take this dose into the order");
    this.refusal = h("p", { className: "refusal", role: "alert", hidden: true });
    this.summary = h("summary", {}, "Convert a dose from another substance");
    this.element = h(
      "details",
      { className: "convert", hidden: true },
      this.summary,
      h(
        "div",
        { className: "fields" },
        h("label", {}, "From", this.of),
        this.dose.label,
        h("label", {}, "Reason", this.reason),
        this.go,
      ),
      this.refusal,
      this.said,
      this.use,
    );
    this.go.onclick = () => this.convert();
    this.use.onclick = () => this.taken(this.to, this.told.taken_as);
  }

  /** to: the drug that is ordered. Only what the library has a factor for can be converted. */
  offer(found, to) {
    if (to === this.to) return;
    this.to = to;
    const others = (found?.conversions ?? []).flatMap((one) =>
      one.of === to ? [one.to] : one.to === to ? [one.of] : [],
    );
    const name = (key) => found.drugs.find((drug) => drug.key === key)?.name ?? key;
    this.element.hidden = others.length === 0;
    this.of.replaceChildren(option("", "Choose"), ...others.map((key) => option(key, name(key))));
    if (others.length) this.summary.textContent = `Convert a dose of ${others.map(name).join(" or ")} into ${name(to)}`;
    this.said.textContent = "";
    this.use.hidden = true;
    tell(this.refusal, "");
  }

  async convert() {
    const { text, error } = read(this.dose);
    this.said.textContent = "";
    this.use.hidden = true;
    if (!this.of.value) return this.wrong("Choose the substance that the dose is of.", this.of);
    if (error) return this.wrong(error, this.dose.input);
    if (!this.reason.value.trim()) return this.wrong("Say why this dose is converted.", this.reason);
    if (!this.named()) return;
    tell(this.refusal, "");
    this.go.disabled = true;
    const body = { drug: this.of.value, to: this.to, dose: text, reason: this.reason.value.trim() };
    const answer = await post("/api/convert", body);
    this.go.disabled = false;
    if (!answer.ok) return tell(this.refusal, answer.body.error);
    this.told = answer.body;
    const { given, of, taken_as: as, to, factor, source } = answer.body;
    this.said.textContent = `${given} of ${of} is taken as ${as} of ${to}: factor ${factor}, source: ${source}. It is in the record, and in no order yet.`;
    this.use.hidden = false;
  }

  wrong(sentence, input) {
    tell(this.refusal, sentence);
    input.focus();
  }
}
