// A small order in two steps, over the waves and not modal: enter, compare the board's read-back, confirm. What a
// change to a running infusion and the filling of a line have in common.

import { mark, tell } from "./fields.js";
import { post } from "./orders.js";
import { compareInto } from "./table.js";

export class Dialogue {
  /** paths: {offer, confirm}. compare: (readback, asked) => {lines, also, same}. confirmed: added to the confirmation.
      holds: (pump) => whether what is ordered here can still be done. */
  constructor(find, id, { paths, compare, confirmed = {}, holds }) {
    this.panel = find(id);
    this.title = this.panel.querySelector("h2");
    this.form = this.panel.querySelector("form");
    this.box = this.panel.querySelector("[data-is=compare]");
    this.opener = find(`${id}-open`);
    Object.assign(this, { paths, comparison: compare, confirmed, holds, busy: false, same: false });
    const button = (name) => this.panel.querySelector(`[data-do=${name}]`);
    this.send = this.form.querySelector("[type=submit]");
    this.yes = button("confirm");
    this.opener.onclick = () => this.open();
    button("close").onclick = () => this.close();
    button("back").onclick = () => this.to("enter");
    this.yes.onclick = () => this.confirm();
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.offer();
    };
    this.form.oninput = (event) => this.wrong(event.target.name, "");
    this.panel.onkeydown = (event) => {
      if (event.key === "Escape") this.close();
    };
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  open() {
    this.panel.hidden = false;
    this.to("enter");
  }

  close() {
    const focused = this.panel.contains(document.activeElement);
    this.panel.hidden = true;
    if (focused) (this.opener.disabled || this.opener.hidden ? document.getElementById("pump") : this.opener).focus();
  }

  to(step, refusal = "") {
    this.form.hidden = step !== "enter";
    this.box.hidden = step !== "compare";
    this.refuse(refusal);
    this.title.focus();
    this.enable();
  }

  refuse(sentence) {
    tell(this.panel.querySelector("[data-is=refusal]"), sentence);
  }

  wrong(name, error) {
    mark(this.form.elements[name], error);
  }

  /** {order, first}: what was typed, and the first input that is wrong. To be given by whoever extends this. */
  read() {
    return { order: {}, first: null };
  }

  /** checks: {name: text => {value, error}}. */
  typed(checks) {
    const order = {};
    let first = null;
    for (const [name, check] of Object.entries(checks)) {
      const input = this.form.elements[name];
      const { value, error } = check(input.value);
      this.wrong(name, error);
      if (error) first ??= input;
      order[name] = value;
    }
    return { order, first };
  }

  async offer() {
    if (this.busy) return;
    const { order, first } = this.read();
    if (first) return first.focus();
    const answer = await this.ask(this.paths.offer, order);
    if (!answer.ok) return this.refuse(answer.body.error);
    this.readback = answer.body.readback;
    const made = this.comparison(this.readback, order);
    this.same = made.same;
    compareInto(this.box, made);
    this.to("compare");
  }

  async confirm() {
    const { programme, token } = this.readback;
    const answer = await this.ask(this.paths.confirm, { programme, token, ...this.confirmed });
    if (answer.ok) this.close();
    else this.to("enter", answer.body.error);
  }

  async ask(path, body) {
    this.busy = true;
    this.refuse("");
    this.enable();
    const answer = await post(path, body);
    this.busy = false;
    this.enable();
    return answer;
  }

  enable() {
    const able = !this.busy && Boolean(this.picture?.linked);
    this.send.disabled = !able;
    this.yes.disabled = !able || !this.same;
    this.panel.setAttribute("aria-busy", String(this.busy));
  }

  /** What no longer can be done is not left standing. */
  show(picture) {
    this.picture = picture;
    if (!this.isOpen) return;
    this.enable();
    if (!this.busy && picture.pump.live && !this.holds(picture.pump.data)) this.close();
  }
}
