// STOP. Always enabled. Each press asks at once; it is asked until it is answered, and until then the page says plainly
// that the stop is not confirmed. It depends on nothing else of this page: the document loads this file by itself, and
// it needs no snapshot, no WebSocket and no dialogue.

import { post } from "./orders.js";
import { isNumber, moving, span } from "./words.js";

const ANSWER = 1500; // ms for one attempt
const AGAIN = 250; // ms between attempts
const UNSURE = 1000; // ms after which an unanswered STOP is told in red
const DO = "Stop the pump at its own key or clamp the line.";

class Stop {
  constructor(find, clock) {
    this.said = find("#stop-said");
    this.parts = { title: find("#stop-title"), for: find("#stop-for"), why: find("#stop-why") };
    this.clock = clock;
    this.asked = null; // time of the press that is not answered yet
    this.why = "";
    this.answered = null;
    this.state = null; // of the pump, when known
    find("#stop").onclick = () => this.press();
    addEventListener("keydown", (event) => {
      if (event.ctrlKey && event.key === ".") {
        event.preventDefault();
        this.press();
      }
    });
    setInterval(() => this.show(), 200);
  }

  press() {
    if (this.asked !== null) {
      this.attempt();
      return;
    }
    this.asked = this.clock();
    this.answered = null;
    this.why = "";
    this.show();
    this.untilAnswered();
  }

  async untilAnswered() {
    while (this.asked !== null) {
      await this.attempt();
      if (this.asked !== null) await new Promise((resolve) => setTimeout(resolve, AGAIN));
    }
  }

  async attempt() {
    const answer = await post("/api/pump/stop", {}, ANSWER);
    if (answer.ok) {
      this.asked = null;
      this.answered = answer.body;
      this.movedSince = false;
    } else this.why = answer.body.error;
    this.show();
  }

  /** What the page sees of the pump: an old answer is no word about an infusion that was started after it. */
  sees(state) {
    this.state = state;
    this.show();
  }

  show() {
    const now = this.clock();
    if (this.answered && moving(this.state)) {
      this.movedSince ||= now; // an older picture may still be on its way just after the answer
      if (now - this.movedSince > 1500) this.answered = null;
    } else this.movedSince = false;
    const waited = this.asked === null ? 0 : now - this.asked;
    const kind = this.asked === null ? (this.answered ? "done" : "") : waited > UNSURE ? "unsure" : "asking";
    const [title, time, why] = {
      "": ["", "", ""],
      asking: ["Stopping …", "", ""],
      done: ["Stopped", "", this.answered ? doneWords(this.answered) : ""],
      unsure: ["STOP NOT CONFIRMED", ` for ${span(waited / 1000)}`, `${this.why} Still trying. ${DO}`],
    }[kind];
    this.said.hidden = kind === "";
    this.said.dataset.kind = kind;
    set(this.parts.title, title);
    set(this.parts.for, time); // apart, and unspoken: it changes every second
    set(this.parts.why, why);
  }

  /** For the bar. */
  notices() {
    const waited = this.asked === null ? 0 : this.clock() - this.asked;
    return waited > UNSURE ? [{ level: "high", title: "STOP not confirmed", why: DO }] : [];
  }
}

function doneWords(body) {
  const given = isNumber(body.delivered_ml) ? ` ${body.delivered_ml.toFixed(2)} mL delivered.` : "";
  return `The board says the shaft stands.${given}`;
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export const stop = new Stop(
  (selector) => document.querySelector(selector),
  () => performance.now(),
);
