// What a human can do next with the pump: programme it, go on with a programme, or acknowledge a restart or a fault.

import { post } from "./orders.js";
import { fixed, isNumber, moving } from "./words.js";

const AFTER = { unconfirmed: "Acknowledge", fault: "Clear the fault" };

export class Next {
  constructor(find) {
    this.box = find("#next");
    this.title = find("#next-title");
    this.why = find("#next-why");
    this.open = find("#programme-open");
    this.clear = find("#clear");
    this.said = "";
    this.clear.onclick = () => this.acknowledge();
  }

  show(picture) {
    const p = picture.pump.live ? picture.pump.data : null;
    this.pump = p;
    const after = Boolean(p && AFTER[p.state]);
    if (!after) this.said = "";
    const [title, why] = after ? afterWords(p, picture.snapshot.board) : words(p);
    set(this.title, title);
    set(this.why, this.said || why);
    this.box.dataset.kind = after ? "after" : "plain";
    this.clear.hidden = !after;
    this.open.hidden = after;
    if (after) set(this.clear, AFTER[p.state]);
    this.open.disabled = !p || moving(p.state) || p.state === "armed";
    set(this.open, p && (p.state === "programmed" || p.state === "confirmed") ? "Go on" : "Programme");
  }

  async acknowledge() {
    this.clear.disabled = true;
    const answer = await post("/api/pump/clear", { reason: this.pump.reason });
    this.clear.disabled = false;
    this.said = answer.ok ? "" : answer.body.error;
  }
}

function words(p) {
  if (!p) return ["Pump not in contact", "It can be programmed when its board answers."];
  if (moving(p.state)) return ["Infusion running", "Stop it to programme anew."];
  if (p.state === "programmed") return ["Read back, not confirmed", "Compare what the board will do."];
  if (p.state === "confirmed") return ["Confirmed, not started", "The pump stands until START."];
  if (p.state === "armed") return ["Starting", ""];
  return ["No infusion running", "The pump stands."];
}

function afterWords(p, board) {
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
