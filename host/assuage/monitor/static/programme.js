// The programme dialogue: enter, compare the board's read-back, confirm, start. It lies over the waves and is not
// modal, so STOP, the pump and the numbers stay in sight and in reach. What was asked and what was read back stand
// side by side; a human decides. What can be typed stands in modes.js.

import { Steps, fill, mark, option, tell } from "./fields.js";
import { GuardForm } from "./guarding.js";
import { MODES, inputOf, moreOf } from "./modes.js";
import { number } from "./entry.js";
import { post } from "./orders.js";
import { rows } from "./readback.js";
import { about } from "./syringes.js";
import { compareInto } from "./table.js";
import { ON_LOSS, moving, plain, span } from "./words.js";

const SETTLE = 1500; // ms in which an older picture may still be on its way after an answer
const POLICY = { stop: "Stop", continue: "Continue to the end", kvo: "Fall to keep-vein-open rate" };
// States of the pump in which what a step shows still holds. A start that got no further than arming can be repeated.
const HOLDS = { compare: ["programmed"], ready: ["confirmed", "armed"] };
const CHECKS = {
  drug: (t) => (t.trim() ? { value: t.trim(), error: "" } : { error: "Enter what the label says." }),
  syringe: (t) => (t ? { value: t, error: "" } : { error: "Choose the syringe that is fitted." }),
  on_loss: (t) => ({ value: t, error: "" }),
};

export class Programme {
  constructor(find, clock) {
    this.find = find;
    this.clock = clock;
    this.panel = find("#programme");
    this.form = find("#programme-form");
    this.step = "enter";
    this.readback = null;
    this.busy = false;
    this.doubt = null; // since when the pump has not been where this dialogue thinks it is
    this.held = false; // whether what had the focus last is in here; a button that is disabled loses it
    document.addEventListener("focusin", (event) => {
      this.held = this.panel.contains(event.target);
    });
    find("#programme-open").onclick = () => this.open();
    find("#programme-close").onclick = () => this.close();
    find("#change").onclick = () => this.to("enter");
    find("#confirm").onclick = () => this.confirm();
    find("#start").onclick = () => this.start();
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.send();
    };
    this.form.oninput = (event) => this.wrong(event.target.name, "");
    this.syringes = [];
    this.guards = new GuardForm(find);
    const { mode, syringe } = this.form.elements;
    mode.replaceChildren(...Object.entries(MODES).map(([value, { label }]) => option(value, label)));
    mode.onchange = () => this.choose();
    syringe.onchange = () => this.describe();
    this.choose();
    this.panel.onkeydown = (event) => {
      if (event.key === "Escape") this.close();
    };
  }

  /** The fields of the mode that is chosen; what was typed under the same name stays. */
  choose() {
    const mode = this.form.elements.mode.value;
    this.steps = null;
    fill(this.find("#course-fields"), MODES[mode].fields);
    fill(this.find("#more-fields"), moreOf(mode));
    if (mode === "steps") this.steps = new Steps(this.find("#course-fields"));
  }

  /** Where the chosen syringe's numbers come from, and whether the pump can tell it from another. */
  describe() {
    const name = this.form.elements.syringe.value;
    this.find("#syringe-note").textContent = about(this.syringes.find((s) => s.name === name));
  }

  /** hello: {syringes: [{name, ...}], on_loss: default policy, guards: see guarding.js}. */
  hello(hello) {
    const { syringe, on_loss: loss } = this.form.elements;
    const kept = [syringe.value, loss.value];
    this.syringes = hello.syringes ?? [];
    syringe.replaceChildren(option("", "Choose"), ...this.syringes.map(({ name }) => option(name, name)));
    loss.replaceChildren(...Object.entries(POLICY).map(([value, text]) => option(value, text)));
    syringe.value = kept[0];
    loss.value = kept[1] || hello.on_loss || "stop";
    this.describe();
    this.guards.hello(hello.guards);
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  open() {
    const { pump, snapshot } = this.picture;
    const waiting = snapshot?.readback;
    if (waiting && pump.live && waiting.programme === pump.data.programme && pump.data.state === "programmed") {
      this.readback = waiting;
      this.order = snapshot.asked;
      this.to("compare", "", true);
    } else if (pump.live && HOLDS.ready.includes(pump.data.state)) {
      this.readback = {
        programme: pump.data.programme,
        drug: pump.data.drug,
        rate_ml_h: pump.data.set_rate_ml_h,
        vtbi_ml: pump.data.vtbi_ml,
        on_loss: pump.data.on_loss,
        syringe: pump.data.syringe,
        ...pump.data.terms,
      };
      this.to("ready", "", true);
    } else {
      this.guards.sensors(this.picture.readings);
      this.to("enter", "", true);
    }
  }

  /** running: whether the button that opens it is of no use now, or in a moment. */
  close(running = false) {
    const { hasFocus } = this;
    this.panel.hidden = true;
    if (!hasFocus) return;
    const open = this.find("#programme-open");
    if (running || open.disabled || open.hidden) this.find("#pump").focus();
    else open.focus();
  }

  /** Whether the focus is in here, or was until what had it was disabled or hidden. It is moved only then: whoever is
      at STOP stays there. */
  get hasFocus() {
    const at = document.activeElement;
    return this.panel.contains(at) || (this.held && (at === null || at === document.body));
  }

  to(step, refusal = "", take = this.hasFocus) {
    this.step = step;
    this.doubt = null;
    this.panel.hidden = false;
    this.form.hidden = step !== "enter";
    this.find("#readback").hidden = step !== "compare";
    this.find("#ready").hidden = step !== "ready";
    [...this.find("#programme-steps").children].forEach((li, i) => {
      if (["enter", "compare", "ready"][i] === step) li.setAttribute("aria-current", "step");
      else li.removeAttribute("aria-current");
    });
    this.refuse(refusal);
    if (step === "compare") this.compare();
    if (step === "ready") this.find("#ready-what").textContent = summary(this.readback);
    if (!take) return this.enable();
    if (step === "enter" && !refusal) this.form.elements.drug.focus();
    else this.find("#programme-title").focus();
    this.enable();
  }

  refuse(sentence) {
    tell(this.find("#refusal"), sentence);
  }

  wrong(name, error) {
    mark(this.form.elements[name], error);
  }

  async send() {
    if (this.busy) return;
    const { order, first } = this.read();
    if (first) {
      for (const id of ["#more", "#guarding"]) if (this.find(id).contains(first)) this.find(id).open = true;
      first.focus();
      return;
    }
    const answer = await this.ask("/api/pump/programme", order);
    if (answer.ok) {
      this.readback = answer.body.readback;
      this.order = answer.body.asked;
      this.to("compare");
      return;
    }
    const name = inputOf(answer.body.field);
    const input = this.form.elements[name];
    if (answer.status === 400 && input) {
      if (this.find("#more").contains(input)) this.find("#more").open = true;
      this.wrong(name, answer.body.error);
      input.focus();
    } else this.refuse(answer.body.error);
  }

  /** {order, first}: what was typed, and the first input that is wrong. */
  read() {
    const { elements } = this.form;
    const mode = elements.mode.value;
    const order = { mode };
    let first = null;
    const take = (name, check) => {
      const { value, error } = check(elements[name].value);
      this.wrong(name, error);
      if (error) first ??= elements[name];
      return value;
    };
    order.drug = take("drug", CHECKS.drug);
    for (const { name, check } of MODES[mode].fields) order[name] = take(name, check);
    if (this.steps)
      order.steps = this.steps.inputs().map(([rate, ml]) => ({
        rate_ml_h: take(rate.name, (t) => number(t, 2)),
        ml: take(ml.name, (t) => number(t, 3)),
      }));
    for (const name of ["syringe", "on_loss"]) order[name] = take(name, CHECKS[name]);
    for (const { name, check, choices } of moreOf(mode)) {
      const value = choices ? elements[name].value : take(name, check);
      if (value) order[name] = value;
    }
    const guards = this.guards.read();
    if (guards.value) order.guards = guards.value;
    first ??= guards.first;
    return { order, first };
  }

  compare() {
    const made = rows(this.readback, this.order);
    compareInto(this.find("#readback"), made);
    this.same = made.same;
  }

  async confirm() {
    const answer = await this.ask("/api/pump/confirm", {
      programme: this.readback.programme,
      token: this.readback.token,
    });
    if (answer.ok) this.to("ready");
    else this.refuse(answer.body.error);
  }

  async start() {
    const answer = await this.ask("/api/pump/start", { programme: this.readback.programme });
    if (answer.ok) this.close(true);
    else this.refuse(answer.body.error);
  }

  async ask(path, body) {
    const at = document.activeElement;
    this.busy = true;
    this.refuse("");
    this.enable();
    const answer = await post(path, body);
    this.busy = false;
    this.asked = this.clock();
    this.enable();
    if (this.hasFocus && this.panel.contains(at)) at.focus();
    return answer;
  }

  enable() {
    const able = !this.busy && Boolean(this.picture?.linked);
    this.find("#programme-send").disabled = !able;
    this.find("#confirm").disabled = !able || !this.same;
    this.find("#start").disabled = !able;
    this.panel.setAttribute("aria-busy", String(this.busy));
  }

  /** Follows the pump: a read-back or a confirmation that no longer holds is not left standing. */
  show(picture) {
    this.picture = picture;
    if (!this.isOpen) return;
    this.enable();
    if (this.step === "enter" || this.busy) return;
    const now = this.clock();
    const p = picture.pump.live ? picture.pump.data : null;
    const holds = p && p.programme === this.readback.programme && HOLDS[this.step].includes(p.state);
    if (!p || holds || now - this.asked < SETTLE) {
      this.doubt = null;
      return;
    }
    this.doubt ??= now;
    if (now - this.doubt < SETTLE) return;
    if (moving(p.state)) this.close(true);
    else if (this.step === "compare" && HOLDS.ready.includes(p.state) && p.programme === this.readback.programme)
      this.to("ready");
    else this.to("enter", "The pump no longer holds this programme. Enter it again.");
  }
}

function summary(r) {
  const time = r.finish_s && r.mode !== "pca" ? `, ${span(r.finish_s)}` : "";
  const syringe = r.syringe ? ` from ${r.syringe}` : "";
  const lost = `Lost link: ${ON_LOSS[r.on_loss] ?? r.on_loss}.`;
  const how = (r.mode ?? "continuous") === "continuous" ? "" : `${MODES[r.mode]?.label ?? r.mode}, `;
  const rate = `${plain(r.rate_ml_h, 2)} mL/h`;
  const guards = r.guards?.length ? ` Guarded: ${r.guards.map((g) => `${g.label} ${g.limit} ${g.unit}`).join(", ")}.` : "";
  const flow = r.mode === "pca" ? `basal ${rate}` : how ? `at most ${rate}` : rate;
  return `${r.drug}: ${how}${flow}, ${plain(r.vtbi_ml)} mL${time}${syringe}. ${lost}${guards}`.replace(
    /(\d) (?=[a-zA-Z])/g,
    "$1\u00a0", // a number and its unit stay on one line
  );
}
