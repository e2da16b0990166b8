// The alarm limits of the patient's values: one row each, over the waves and not modal. The board holds them, and decides
// about each change; what it holds comes back in the next picture and is what the rows show. A new patient's replace what
// somebody has set, so that is asked first.

import { number } from "./entry.js";
import { mark, tell } from "./fields.js";
import { post } from "./orders.js";
import { plain } from "./words.js";

const SIDES = ["low", "high"];
const LONGEST = 30; // s; the board's
const WHOSE = { adult: "an adult's", child: "a child's" };

export class Limits {
  constructor(find) {
    this.panel = find("#limits");
    this.title = this.panel.querySelector("h2");
    this.form = this.panel.querySelector("form");
    this.rows = find("#limits-rows");
    this.opener = find("#limits-open");
    this.send = find("#limits-send");
    this.patient = find("#limits-patient");
    this.anew = find("#limits-anew");
    this.doubts = { box: find("#limits-lose"), question: find("#limits-question"), lost: find("#limits-lost") };
    this.yes = this.panel.querySelector("[data-do=anew]");
    this.busy = false;
    this.made = ""; // whose rows there are
    this.opener.onclick = () => this.open();
    find("#limits-close").onclick = () => this.close();
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.set();
    };
    this.form.oninput = (event) => mark(event.target, "");
    this.anew.onclick = () => this.doubt(true);
    this.yes.onclick = () => this.begin();
    this.panel.querySelector("[data-do=back]").onclick = () => this.doubt(false);
    this.panel.onkeydown = (event) => {
      if (event.key === "Escape") this.close();
    };
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  open() {
    this.panel.hidden = false;
    this.made = "";
    this.doubt(false);
    this.patient.value = this.told?.patient ?? "adult";
    this.fill();
    this.title.focus();
  }

  close() {
    const focused = this.panel.contains(document.activeElement);
    this.panel.hidden = true;
    if (focused) this.opener.focus();
  }

  /** yes: asks whether the limits are to begin anew, in place of the rows, which stay as they are. */
  doubt(yes) {
    this.refuse("");
    this.form.hidden = yes;
    this.doubts.box.hidden = !yes;
    this.doubts.question.textContent = `A new patient: begin anew with ${WHOSE[this.patient.value]} limits?`;
    this.weigh();
    this.title.focus();
  }

  /** What would be lost by what the board holds now. */
  weigh() {
    const text = this.told ? lost(this.told) : "";
    if (this.doubts.lost.textContent !== text) this.doubts.lost.textContent = text;
  }

  refuse(sentence) {
    tell(this.panel.querySelector("[data-is=refusal]"), sentence);
  }

  show(picture) {
    this.told = picture.linked ? picture.snapshot.limits : null;
    this.opener.hidden = !this.told;
    this.send.disabled = this.anew.disabled = this.yes.disabled = this.busy || !this.told;
    if (!this.isOpen) return;
    this.fill();
    this.weigh();
  }

  /** What the board holds; what somebody is typing stays. */
  fill() {
    const list = this.told?.list ?? [];
    const names = list.map((row) => row.parameter).join();
    if (names && names !== this.made) {
      this.made = names;
      this.rows.replaceChildren(...list.map(row));
    }
    for (const limit of list)
      for (const [side, held] of Object.entries(texts(limit))) {
        const input = this.input(limit.parameter, side);
        if (input.value === (input.dataset.held ?? "")) input.value = held;
        input.dataset.held = held;
      }
  }

  input(parameter, side) {
    return this.form.elements[`${parameter}-${side}`];
  }

  /** Sends each row that differs from what the board holds, until one is refused. */
  async set() {
    if (this.busy) return;
    const { orders, first } = this.read();
    if (first) return first.focus();
    for (const order of orders) {
      const answer = await this.ask("/api/limits/set", order);
      this.title.focus();
      if (!answer.ok) return this.refuse(answer.body.error);
    }
    this.close();
  }

  async begin() {
    if (this.busy) return;
    const answer = await this.ask("/api/limits/patient", { kind: this.patient.value });
    this.doubt(false);
    if (!answer.ok) return this.refuse(answer.body.error);
    for (const input of this.form.querySelectorAll("input")) input.value = input.dataset.held ?? "";
  }

  read() {
    const orders = [];
    let first = null;
    for (const limit of this.told?.list ?? []) {
      const input = (side) => this.input(limit.parameter, side);
      const changed = [...SIDES, "delay_s"].filter((side) => input(side).value.trim() !== input(side).dataset.held);
      for (const side of changed) {
        const error = wrong(side, input(side).value, limit.digits);
        mark(input(side), error);
        if (error) first ??= input(side);
      }
      const typed = (side) => input(side).value.trim();
      if (changed.length)
        orders.push({
          parameter: limit.parameter,
          low: typed("low"),
          high: typed("high"),
          delay_s: typed("delay_s"),
        });
    }
    return { orders, first };
  }

  async ask(path, body) {
    this.busy = true;
    this.refuse("");
    const answer = await post(path, body);
    this.busy = false;
    return answer;
  }
}

/** What the inputs of a row say; nothing stands for no limit. Pure. */
export function texts(limit) {
  const text = (value) => (value === null ? "" : plain(value, limit.digits));
  return { low: text(limit.low), high: text(limit.high), delay_s: String(limit.delay_s) };
}

/** Why what was typed cannot be used, "" when it can. Pure. */
export function wrong(side, typed, digits) {
  const text = typed.trim();
  if (side !== "delay_s") return text === "" ? "" : number(text, digits).error;
  if (!/^[0-9]+$/.test(text)) return "Enter whole seconds.";
  return Number(text) <= LONGEST ? "" : `At most ${LONGEST} s.`;
}

/** What is lost when limits begin anew: how many are not as that patient's began, and which. Pure. */
export function lost({ patient, moved }) {
  const first = `${WHOSE[patient] ?? "the"} defaults`;
  if (moved.length === 0) return `No limit differs from ${first}: nothing that was set is lost.`;
  const many = moved.length === 1 ? "1 value" : `${moved.length} values`;
  return `What was set for ${many} differs from ${first} and will be lost: ${moved.join(", ")}.`;
}

/** Limits as they stand beside a number: "50–140", "≥ 90", "≤ 8", "" for none. Pure. */
export function beside(limit) {
  if (!limit) return "";
  const { low, high } = texts(limit);
  return low && high ? `${low}–${high}` : low ? `≥ ${low}` : high ? `≤ ${high}` : "";
}

function row(limit) {
  const tr = document.createElement("tr");
  const th = Object.assign(document.createElement("th"), { scope: "row", textContent: `${limit.name} ` });
  th.append(Object.assign(document.createElement("small"), { textContent: limit.unit }));
  tr.append(th, ...["low", "high", "delay_s"].map((side) => cell(limit, side)));
  return tr;
}

const SAID = { low: "low limit", high: "high limit", delay_s: "delay" };

function cell(limit, side) {
  const td = document.createElement("td");
  const label = document.createElement("label");
  const input = Object.assign(document.createElement("input"), {
    name: `${limit.parameter}-${side}`,
    inputMode: "decimal",
    maxLength: 7,
    placeholder: side === "delay_s" ? "" : "none",
  });
  input.setAttribute("aria-label", `${limit.name}: ${SAID[side]}`);
  const said = document.createElement("small");
  said.setAttribute("role", "alert");
  label.append(input, said);
  td.append(label);
  return td;
}
