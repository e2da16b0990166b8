// An order from the drug library: enter, compare what the board has read back in clinical words, start. It lies over
// the waves and is not modal, so that STOP, the pump and the numbers stay in sight and in reach. An order in mL/h that
// no library checks has a form of its own, which is opened from here.

import { clinicalRows, summary } from "./clinical.js";
import { h, say } from "./dom.js";
import { mark, tell } from "./fields.js";
import { checks, formulary } from "./formulary.js";
import { OrderForm } from "./orderform.js";
import { build } from "./orderparts.js";
import { post } from "./orders.js";
import { targeted } from "./prescription.js";
import { compareInto } from "./table.js";
import { NO_NAME, WhoField } from "./who.js";
import { moving } from "./words.js";

const PAUSE = 120; // ms after a key before the daemon is asked
const AGAIN = 15000; // ms after which it is asked again: totals grow by themselves
const SETTLE = 1500; // ms in which an older picture may still be on its way after an answer
const HOLDS = { compare: ["programmed"], ready: ["confirmed", "armed"] };

export class OrderPanel {
  /** bench: the form in mL/h, opened where no library checks. */
  constructor(find, clock, bench) {
    Object.assign(this, { clock, bench, step: "enter", busy: false, round: 0, told: {} });
    this.who = new WhoField();
    this.form = new OrderForm({ typed: () => this.ask(), named: () => this.named() });
    this.panel = build(this);
    find("main").append(this.panel);
    this.opener = find("#programme-open");
    this.opener.onclick = () => this.begin();
    this.form.element.onsubmit = (event) => {
      event.preventDefault();
      this.send();
    };
    this.panel.onkeydown = (event) => {
      if (event.key === "Escape") this.close();
    };
    setInterval(() => {
      if (this.isOpen && this.step === "enter") this.ask();
    }, AGAIN);
  }

  hello(hello) {
    this.form.hello(hello);
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  get patient() {
    return this.picture?.page === "live" ? this.picture.snapshot.patient : null;
  }

  /** Goes on with what is under way; a bench order in its own form. */
  begin() {
    const { pump, snapshot } = this.picture;
    const p = pump.live ? pump.data : null;
    const waiting = snapshot?.readback;
    const known = waiting && p && waiting.programme === p.programme && p.state === "programmed";
    const terms = p && HOLDS.ready.includes(p.state) ? p.terms : null;
    if (known && (waiting.clinical || waiting.target)) {
      this.readback = waiting;
      this.asked = snapshot.asked;
      return this.to("compare");
    }
    if (terms?.clinical) {
      this.readback = { ...terms, programme: p.programme };
      return this.to("ready");
    }
    if (known || terms || !checks(this.picture)) return this.bench.open();
    this.to("enter");
  }

  openBench() {
    this.panel.hidden = true;
    this.bench.open();
  }

  close(running = false) {
    const focused = this.panel.contains(document.activeElement);
    this.panel.hidden = true;
    if (!focused) return;
    if (running || this.opener.disabled || this.opener.hidden) document.getElementById("pump").focus();
    else this.opener.focus();
  }

  async to(step, refusal = "") {
    const fresh = this.panel.hidden || this.panel.contains(document.activeElement);
    this.step = step;
    this.doubt = null;
    this.panel.hidden = false;
    this.form.element.hidden = this.foot.hidden = this.toBench.hidden = step !== "enter";
    this.compareBox.hidden = this.foot2.hidden = step !== "compare";
    this.readyBox.hidden = step !== "ready";
    [...this.marks.children].forEach((li, i) => {
      if (["enter", "compare", "ready"][i] === step) li.setAttribute("aria-current", "step");
      else li.removeAttribute("aria-current");
    });
    tell(this.refusal, refusal);
    if (step === "compare") this.compare();
    if (step === "ready") say(this.what, this.readback.clinical ? summary(this.readback) : this.readback.drug);
    if (fresh) this.title.focus();
    this.body.scrollTop = 0;
    this.enable();
    if (step !== "enter") return;
    const found = await formulary(this.picture.snapshot?.services?.library?.hash);
    if (found === null)
      return tell(this.refusal, "The drug library cannot be read; see the notices. A bench order is still possible.");
    this.found = found;
    this.form.guards.sensors(this.picture.readings);
    this.form.offer(found, this.patient?.area);
    this.ask();
  }

  named() {
    if (this.who.there()) return true;
    tell(this.refusal, NO_NAME);
    return false;
  }

  // -- as one types -----------------------------------------------------------------------------------------------------

  ask() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.check(), PAUSE);
    this.enable();
  }

  async check() {
    const round = ++this.round;
    const answer = await post("/api/check", { prescription: this.form.prescription(), syringe: this.form.syringe.value });
    if (round !== this.round) return; // something has been typed since
    if (answer.ok) this.form.show(answer.body);
    this.told = answer.ok ? answer.body : { error: answer.body.error };
    this.enable();
  }

  /** Where the order stands, in one sentence. */
  words() {
    const { told, form } = this;
    const { hard, list } = form.findings;
    const open = list.filter((one) => !one.hard && !form.findings.reason(one)).length;
    if (hard)
      return hard === 1
        ? "Not possible as it is: see the finding."
        : `Not possible as it is: see the ${hard} findings.`;
    const missing = form.drug.value ? form.missing() : [];
    if (!form.drug.value) return "Choose the drug.";
    if (missing.length)
      return `Still to be entered: ${missing.slice(0, 4).join("; ")}${missing.length > 4 ? "; and more" : ""}.`;
    if (told.error) return told.error;
    if (open) return open === 1 ? "A reason is wanted." : `${open} reasons are wanted.`;
    if (told.alerts?.length || list.length) return "A second person has to compare the read-back.";
    return told.possible ? "Within what the library finds usual." : "";
  }

  async send() {
    if (this.busy || !this.named()) return;
    const { form } = this;
    for (const name of ["drug", "area", "mode", "concentration", "label_drug", "label_concentration"])
      if (!form[name].value) {
        mark(form[name], "Choose.");
        return form[name].focus();
      }
    const { value: pump, first } = form.pump();
    const wrong = form.wrong() ?? first ?? form.findings.unreasoned;
    if (wrong) {
      const folded = wrong.closest("details");
      if (folded) folded.open = true;
      return wrong.focus();
    }
    const target = form.mode.value === "target";
    const reasons = form.findings.reasons().map(({ finding, reason }) => ({ finding, reason }));
    const body = target
      ? targeted(
          form.values(),
          this.patient,
          pump,
          reasons,
        )
      : {
          prescription: form.prescription(),
          pump,
          overrides: reasons,
        };
    const answer = await this.order(target ? "/api/target/programme" : "/api/prescribe", body);
    if (answer.ok) {
      this.readback = answer.body.readback;
      this.asked = answer.body.asked;
      return this.to("compare");
    }
    const input = answer.status === 400 ? form.input(answer.body.field) : null;
    if (input) {
      mark(input, answer.body.error);
      input.focus();
    } else tell(this.refusal, answer.body.error);
    this.ask();
  }

  // -- read back --------------------------------------------------------------------------------------------------------

  compare() {
    const names = Object.fromEntries((this.found?.drugs ?? []).map((one) => [one.key, one.name]));
    if (this.readback.clinical) names[this.readback.clinical.drug] ??= this.readback.clinical.substance;
    const made = clinicalRows(this.readback, this.asked, names);
    compareInto(this.compareBox, made);
    this.same = made.same;
    const clinical = this.readback.clinical ?? {};
    const told = this.readback.target;
    const alerts = clinical.alerts ?? [];
    const lists = [
      [
        "Beyond what is usual",
        (clinical.overrides ?? []).map((one) => `${one.code.split(":")[0]}: ${one.reason} (${one.by})`),
      ],
      ["Not with", clinical.contraindications ?? []],
      ["Look at", clinical.monitoring ?? []],
      ["Not certain", told?.doubts ?? []],
      ["Seen at this concentration", told?.seen ?? []],
    ].filter(([, list]) => list.length);
    this.alerts.hidden = lists.length === 0;
    this.alerts.replaceChildren(...lists.map(([name, list]) => h("p", {}, h("b", {}, name), " ", list.join("; "))));
    this.secondLabel.hidden = this.two.hidden = alerts.length === 0;
    this.two.replaceChildren(h("b", {}, "Two people compare this:"), " ", alerts.join(" "));
    this.second.value = "";
  }

  async confirm() {
    if (!this.named()) return;
    const { programme, token, clinical } = this.readback;
    const second = this.second.value.trim();
    if (clinical?.alerts.length && !second) {
      mark(this.second, "A second person compares it as well and gives a name.");
      return this.second.focus();
    }
    const answer = await this.order("/api/pump/confirm", { programme, token, ...(second ? { second } : {}) });
    if (answer.ok) return this.to("ready");
    if (answer.body.status === "second-person") {
      mark(this.second, answer.body.error);
      this.second.focus();
    } else tell(this.refusal, answer.body.error);
  }

  async start() {
    const answer = await this.order("/api/pump/start", { programme: this.readback.programme });
    if (answer.ok) this.close(true);
    else tell(this.refusal, answer.body.error);
  }

  async order(path, body) {
    const at = document.activeElement;
    this.busy = true;
    tell(this.refusal, "");
    this.enable();
    const answer = await post(path, body);
    this.busy = false;
    this.answered = this.clock();
    this.enable();
    if (this.panel.contains(at) && document.activeElement === document.body) at.focus();
    return answer;
  }

  enable() {
    const able = !this.busy && Boolean(this.picture?.linked);
    this.nobody.hidden = this.step !== "enter" || Boolean(this.patient);
    this.submit.disabled = !able || !this.patient || this.form.findings.hard > 0;
    this.yes.disabled = !able || !this.same;
    this.begun.disabled = !able;
    this.panel.setAttribute("aria-busy", String(this.busy));
    say(this.state, this.patient ? this.words() : "");
  }

  /** Follows the pump: a read-back or a confirmation that no longer holds is not left standing. */
  show(picture) {
    const before = JSON.stringify(this.patient);
    this.picture = picture;
    if (!this.isOpen) return;
    if (this.step === "enter" && before !== JSON.stringify(this.patient)) this.ask();
    this.enable();
    if (this.step === "enter" || this.busy) return;
    const now = this.clock();
    const p = picture.pump.live ? picture.pump.data : null;
    const holds = p && p.programme === this.readback.programme && HOLDS[this.step].includes(p.state);
    if (!p || holds || now - (this.answered ?? -SETTLE) < SETTLE) {
      this.doubt = null;
      return;
    }
    this.doubt ??= now;
    if (now - this.doubt < SETTLE) return;
    if (moving(p.state)) this.close(true);
    else if (this.step === "compare" && HOLDS.ready.includes(p.state) && p.programme === this.readback.programme)
      this.to("ready");
    else this.to("enter", "The pump no longer holds this order. Enter it again.");
  }
}
