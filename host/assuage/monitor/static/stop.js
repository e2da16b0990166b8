// STOP. Always enabled. Each press asks again at once; it is asked until it is answered, and until then the page says
// plainly that the stop is not confirmed. It depends on nothing else of this page: no snapshot, no WebSocket, no
// dialogue.

import { post } from "./orders.js";
import { isNumber, span } from "./words.js";

const ANSWER = 1500; // ms for one attempt
const AGAIN = 250; // ms between attempts
const UNSURE = 1000; // ms after which an unanswered STOP is told in red
const DO = "Stop the pump at its own key or clamp the line.";

export class Stop {
  constructor(find, clock) {
    this.button = find("#stop");
    this.said = find("#stop-said");
    this.clock = clock;
    this.asked = null; // time of the press that is not answered yet
    this.why = "";
    this.answered = null;
    this.button.onclick = () => this.press();
    addEventListener("keydown", (event) => {
      if (event.ctrlKey && event.key === ".") {
        event.preventDefault();
        this.press();
      }
    });
  }

  press() {
    this.answered = null;
    if (this.asked !== null) {
      this.wake?.();
      return;
    }
    this.asked = this.clock();
    this.why = "";
    this.show(null);
    this.ask();
  }

  async ask() {
    for (;;) {
      const answer = await post("/api/pump/stop", {}, ANSWER);
      if (answer.ok) {
        this.asked = null;
        this.answered = answer.body;
        this.movedSince = false;
        this.show(null);
        return;
      }
      this.why = answer.body.error;
      await new Promise((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, AGAIN);
      });
    }
  }

  /** Called a few times a second; state: the pump's, when known. */
  show(state) {
    if (this.answered && state === "infusing") {
      // an older picture may still be on its way just after the answer
      this.movedSince ||= this.clock();
      if (this.clock() - this.movedSince > 1500) this.answered = null;
    } else this.movedSince = false;
    const waited = this.asked === null ? 0 : this.clock() - this.asked;
    const kind = this.asked === null ? (this.answered ? "done" : "") : waited > UNSURE ? "unsure" : "asking";
    const text = {
      "": "",
      asking: "Stopping …",
      done: this.answered ? doneWords(this.answered) : "",
      unsure: `STOP NOT CONFIRMED for ${span(waited / 1000)}. ${this.why} Still trying. ${DO}`,
    }[kind];
    this.said.hidden = kind === "";
    this.said.dataset.kind = kind;
    if (this.said.textContent !== text) this.said.textContent = text;
  }

  /** For the bar. */
  notices() {
    const waited = this.asked === null ? 0 : this.clock() - this.asked;
    return waited > UNSURE ? [{ level: "high", title: "STOP not confirmed", why: DO }] : [];
  }
}

function doneWords(body) {
  return isNumber(body.delivered_ml)
    ? `Stopped: the board says the shaft stands. ${body.delivered_ml.toFixed(2)} mL delivered.`
    : "Stopped: the board says the shaft stands.";
}
