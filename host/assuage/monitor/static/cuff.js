// The blood pressure cuff: a button that measures or deflates, how often it measures by itself, and when next. What it
// is about is told by the daemon alone; a button that is pressed changes nothing here until the cuff has.

import { post } from "./orders.js";
import { fixed, isNumber, span } from "./words.js";

const EVERY = [0, 1, 2, 3, 5, 10, 15, 20, 30, 60]; // min
const REST = 30; // s that an arm rests; what begins within them has been asked for already, or is tried again
const ERROR_FOR = 8000; // ms

export class Cuff {
  constructor(find) {
    this.box = find("#cuff");
    this.tile = find("#nibp-tile");
    this.button = find("#cuff-order");
    this.every = find("#cuff-every");
    this.next = find("#cuff-next");
    this.said = find("#cuff-said");
    this.board = null;
    this.has = false; // whether this board has ever told of a cuff
    this.asking = 0;
    this.pressed = new Set(); // orders of the button that wait for their answer
    this.error = "";
    this.every.replaceChildren(...EVERY.map(option));
    this.button.onclick = () => this.ask(this.order, {});
    this.every.onchange = () => this.ask("every", { minutes: Number(this.every.value) });
  }

  show(picture) {
    const uid = picture.snapshot?.board?.uid ?? this.board;
    if (uid !== this.board) this.has = false;
    this.board = uid;
    const { live, data } = picture.cuff;
    this.has ||= data !== null;
    this.box.hidden = !this.has;
    this.tile.dataset.cuff = this.has ? "yes" : "no";
    const c = live ? data : null;
    const told = words(c);
    this.order = told.order;
    set(this.button, told.button);
    set(this.next, this.error || told.next);
    this.button.disabled = this.every.disabled = c === null;
    if (c !== null && !this.asking) this.choose(c.every_min);
  }

  /** A number of minutes that the list has not is put into it. */
  choose(minutes) {
    const value = String(minutes);
    if (this.every.value === value) return;
    if (![...this.every.options].some((o) => o.value === value)) this.every.append(option(minutes));
    this.every.value = value;
  }

  /** Nothing is disabled meanwhile: that would lose the focus, and a press that lets the cuff off. */
  async ask(order, body) {
    if (this.pressed.has(order)) return;
    if (order !== "every") this.pressed.add(order);
    this.fail("");
    this.asking += 1;
    const answer = await post(`/api/cuff/${order}`, body);
    this.asking -= 1;
    this.pressed.delete(order);
    if (!answer.ok) this.fail(answer.body.error);
  }

  fail(sentence) {
    clearTimeout(this.forgetting);
    this.error = sentence ? "refused" : "";
    set(this.said, sentence);
    this.next.title = sentence;
    if (sentence) this.forgetting = setTimeout(() => this.fail(""), ERROR_FOR);
  }
}

/** What the button does and says, and when the next one begins. c: the snapshot's `cuff`, null when not known. Pure. */
export function words(c) {
  if (c === null) return { order: "measure", button: "Measure now", next: "" };
  const next = isNumber(c.next_s) ? `next in ${span(c.next_s)}` : "on demand";
  if (c.state === "idle") return { order: "measure", button: "Measure now", next };
  if (c.state !== "resting") return { order: "stop", button: "Deflate", next: "" };
  const soon = isNumber(c.next_s) && c.next_s <= REST;
  return soon ? { order: "stop", button: "Cancel next", next } : { order: "measure", button: "Measure now", next };
}

/** The pressure in a cuff that is not empty, or "". Pure. */
export function inflated(c) {
  if (c === null || ["idle", "resting"].includes(c.state)) return "";
  if (c.state === "stuck") return "cuff stays full: take it off";
  return `cuff ${fixed(c.pressure_mmhg, 0)} mmHg`;
}

function option(minutes) {
  const o = document.createElement("option");
  o.value = String(minutes);
  o.textContent = minutes ? `every ${minutes} min` : "on demand";
  return o;
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
