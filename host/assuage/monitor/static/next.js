// What a human can do next with the pump: programme it, go on with a programme, or acknowledge what has happened to it.

import { post } from "./orders.js";
import { inTheWay, interlockOf, tripWords } from "./release.js";
import { fixed, isNumber, moving, plain } from "./words.js";

const AFTER = { unconfirmed: "Acknowledge", fault: "Clear the fault", stopped: "Acknowledge", complete: "Acknowledge" };
const FIRST = ["unconfirmed", "fault"]; // nothing can be programmed before these are cleared
const GO_ON = ["programmed", "confirmed", "armed"];
// Motion that is no dose.
const BESIDE = {
  "taking-up": ["Moving up to the plunger", "The infusion starts by itself."],
  "backing-off": ["Line closed", "The pump relieves it, then stands."],
  priming: ["Filling the line", "It must not be connected to the patient."],
};
const ERROR_FOR = 15000; // ms that the failure of an attempt stays beside what it was about

export class Next {
  constructor(find) {
    this.box = find("#next");
    this.title = find("#next-title");
    this.why = find("#next-why");
    this.open = find("#programme-open");
    this.clear = find("#clear");
    this.error = find("#next-error");
    this.clear.onclick = () => this.acknowledge();
    this.running = { pause: find("#pause"), resume: find("#resume"), change: find("#running-open") };
    this.fill = find("#filling-open");
    for (const order of ["pause", "resume"]) this.running[order].onclick = () => this.ask(this.running[order], order);
  }

  /** starting: whether this page is just having a programme started. */
  show(picture, starting = false) {
    const p = picture.pump.live ? picture.pump.data : null;
    this.pump = p;
    const after = Boolean(p && AFTER[p.state]);
    const first = after && FIRST.includes(p.state);
    if (p?.state !== this.state) this.fail("");
    this.state = p?.state;
    const told = interlockOf(picture);
    const tripped = Boolean(told?.tripped);
    const [title, why] = tripped
      ? trippedWords(told)
      : after
        ? afterWords(p, picture.snapshot.board)
        : words(p, starting, told);
    set(this.title, title);
    set(this.why, why);
    this.box.dataset.kind = first || tripped ? "after" : after ? "over" : "plain";
    this.clear.hidden = !after;
    const ours = p !== null && !p.unsupervised;
    const runs = ours && ["infusing", "bolus"].includes(p.state);
    this.running.pause.hidden = this.running.change.hidden = !runs;
    this.running.resume.hidden = !(ours && p.state === "paused") || tripped;
    if (!this.asking) this.running.resume.disabled = Boolean(told?.guarded && !told.normal);
    this.fill.hidden = !(p && p.state === "standby");
    this.open.hidden = first || runs || tripped || (p !== null && p.state === "paused");
    if (after) set(this.clear, AFTER[p.state]);
    this.open.disabled = !p || moving(p.state) || (p.state === "armed" && starting);
    set(this.open, p && GO_ON.includes(p.state) ? "Go on" : "Programme");
  }

  acknowledge() {
    if (this.pump) this.ask(this.clear, "clear", { reason: this.pump.reason });
  }

  async ask(button, order, body = { programme: this.pump?.programme }) {
    this.fail("");
    button.disabled = this.asking = true;
    const answer = await post(`/api/pump/${order}`, body);
    button.disabled = this.asking = false;
    if (!answer.ok) this.fail(answer.body.error);
  }

  /** Beside the words that are to be checked, never instead of them, and not for ever. */
  fail(sentence) {
    clearTimeout(this.forgetting);
    set(this.error, sentence);
    this.error.hidden = !sentence;
    if (sentence) this.forgetting = setTimeout(() => this.fail(""), ERROR_FOR);
  }
}

/** Why the drug stands, and what is to be done before it may flow. */
function trippedWords(told) {
  return ["Interlock tripped", `${tripWords(told)} ${inTheWay(told) || told.needs}`];
}

function words(p, starting, told) {
  if (!p) return ["Pump not in contact", "It can be programmed when its board answers."];
  if (p.state === "priming") return [BESIDE.priming[0], `${filled(p.filling)}${BESIDE.priming[1]}`];
  if (BESIDE[p.state]) return BESIDE[p.state];
  const lacks = told?.guarded && !told.normal ? told.lacks[0] : "";
  if (p.state === "paused") return ["Infusion paused", lacks || "It keeps its place. Resume or STOP."];
  if (p.state === "bolus") return ["Bolus running", "The infusion goes on after it."];
  if (moving(p.state)) return ["Infusion running", "STOP ends it."];
  if (p.state === "programmed") return ["Read back, not confirmed", "Compare what the board will do."];
  if (p.state === "confirmed") return ["Confirmed, not started", lacks || "The pump stands until START."];
  if (p.state === "armed") return starting ? ["Starting", ""] : ["Armed, not started", lacks || "Press START or STOP."];
  return ["No infusion running", "The pump stands."];
}

/** How far the filling is; none of it is a dose. */
function filled(told) {
  if (!told) return "";
  const of = isNumber(told.of_ml) ? ` of ${plain(told.of_ml)}` : "";
  return `${fixed(told.ml, 2)}${of} mL, not counted as delivered. `;
}

function afterWords(p, board) {
  if (p.state === "complete") return ["Infusion complete", "The pump stands."];
  if (p.state === "stopped") return ["Infusion stopped", "The pump stands."];
  if (p.state === "fault")
    return [
      `Fault: ${(p.reason ?? "").replaceAll("-", " ")}`,
      given(p.was) || "The pump stands. Find the cause, then clear it.",
    ];
  return [
    `Board restarted: ${(board?.reset ?? "cause unknown").replaceAll("-", " ")}`,
    given(p.was) || "What it had delivered is not known. Look at the syringe.",
  ];
}

/** What an interrupted programme had delivered, with its uncertainty. */
export function given(was) {
  if (!was) return "";
  const { low_ml: low, high_ml: high } = was;
  const name = "The interrupted programme";
  if (!isNumber(low) && !isNumber(high)) return `${name}: how much it had delivered is not known. Look at the syringe.`;
  if (!isNumber(high)) return `${name} had delivered at least ${fixed(low, 2)} mL. Compare with the syringe.`;
  if (!isNumber(low)) return `${name} had delivered at most ${fixed(high, 2)} mL. Compare with the syringe.`;
  return `${name} had delivered between ${down(low)} and ${up(high)} mL. Compare with the syringe.`;
}

const down = (ml) => (Math.floor(ml * 100 + 1e-6) / 100).toFixed(2); // bounds are rounded outward, never inward
const up = (ml) => (Math.ceil(ml * 100 - 1e-6) / 100).toFixed(2);

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
