// STOP. One file that needs no other: no module, no snapshot, no WebSocket, no dialogue. The document comes with STOP
// marked as not ready; taking that mark away is the last thing done here. Each press asks at once; it is asked until it
// is answered, and until then the page says plainly that the stop is not confirmed.

"use strict";

(() => {
  const ANSWER = 1500; // ms for one attempt
  const AGAIN = 250; // ms between attempts
  const UNSURE = 1000; // ms after which an unanswered STOP is told in red
  const STILL = 1500; // ms after an answer at which a pump that is seen moving contradicts it
  const TOLD = 15000; // ms that an answer stands on the screen
  const MOVING = ["infusing", "bolus", "kvo", "taking-up", "backing-off", "priming"];
  const DO = "Stop the pump at its own key or clamp the line.";
  const FOREIGN = "What answered was not the daemon; a login page of the network may stand between.";
  const CONTRADICTED = "The board answered, but the pump is still seen moving.";

  const find = (id) => document.getElementById(id);
  const clock = () => performance.now();

  class Stop {
    constructor() {
      this.button = find("stop");
      this.said = find("stop-said");
      this.parts = { title: find("stop-title"), for: find("stop-for"), why: find("stop-why") };
      this.asked = null; // time of the press that is not confirmed yet
      this.round = 0; // an answer to an earlier press is no answer to this one
      this.why = "";
      this.answered = null; // {at, time, body}
      this.contradicted = false; // an answer alone is not enough any more: the pump must be seen to stand
      this.pump = null; // as it is seen now: {state, programme, age in s}, or null
      this.target = null; // the programme that was to be stopped, when known
      this.by = ""; // who stands here, when known; for the record alone
      this.button.onclick = () => this.press();
      addEventListener("keydown", (event) => {
        if (event.ctrlKey && event.key === ".") {
          event.preventDefault();
          this.press();
        }
      });
      setInterval(() => this.show(), 200);
      this.show();
      this.button.disabled = false;
      this.button.dataset.ready = "yes";
    }

    press() {
      if (this.asked !== null) {
        this.attempt();
        return;
      }
      this.answered = null;
      this.contradicted = false;
      this.why = "";
      this.target = this.pump?.programme ?? null;
      this.ask(clock());
    }

    ask(since) {
      this.asked = since;
      this.round += 1;
      this.show();
      this.untilConfirmed(this.round);
    }

    async untilConfirmed(round) {
      while (this.asked !== null && this.round === round) {
        await this.attempt();
        if (this.asked !== null) await new Promise((resolve) => setTimeout(resolve, AGAIN));
      }
    }

    async attempt() {
      const { round } = this;
      const { body, error } = await request(this.by);
      if (this.asked === null || this.round !== round) return;
      if (error) this.why = error;
      else {
        this.answered = { at: clock(), time: new Date(), body };
        if (this.contradicted) this.why = CONTRADICTED;
        else this.asked = null;
      }
      this.show();
    }

    /** What the page sees of the pump: {state, programme, age in s}, or null when it is not known. */
    sees(pump) {
      if (pump === null && this.pump !== null && this.asked === null) this.answered = null; // it may be long ago now
      this.pump = pump;
      if (pump && this.target === null) this.target = pump.programme;
      if (pump && this.answered) this.weigh(pump, clock());
      this.show();
    }

    /** Holds the answer against the pump as it has been seen since. */
    weigh(pump, now) {
      if (now - pump.age * 1000 <= this.answered.at) return; // older than the answer
      const moves = MOVING.includes(pump.state);
      if (this.contradicted) {
        if (moves && pump.programme === this.target) return;
        this.contradicted = false;
        this.asked = null;
      }
      if (!moves) return;
      if (pump.programme !== this.target) this.answered = null; // no word about an infusion started after it
      else if (now - this.answered.at > STILL) {
        const since = this.answered.at - UNSURE;
        this.answered = null;
        this.contradicted = true;
        this.why = CONTRADICTED;
        this.ask(since);
      }
    }

    get waited() {
      return this.asked === null ? 0 : clock() - this.asked;
    }

    show() {
      if (this.asked === null && this.answered && clock() - this.answered.at > TOLD) this.answered = null;
      const { waited } = this;
      const kind = this.asked === null ? (this.answered ? "done" : "") : waited > UNSURE ? "unsure" : "asking";
      const [title, time, why] = {
        "": ["", "", ""],
        asking: ["Stopping …", "", ""],
        done: this.answered ? doneWords(this.answered) : [],
        unsure: ["STOP NOT CONFIRMED", ` for ${span(waited)}.`, `${this.why} Still trying. ${DO}`],
      }[kind];
      this.said.hidden = kind === "";
      this.said.dataset.kind = kind;
      set(this.parts.title, title);
      set(this.parts.for, time); // apart, and unspoken: it changes every second
      set(this.parts.why, why);
    }

    /** For the bar; the message beside STOP has spoken it. */
    notices() {
      return this.waited > UNSURE ? [{ level: "high", title: "STOP not confirmed", why: DO, spoken: true }] : [];
    }
  }

  /** One attempt: {body} as the daemon answered it, or {error}: a sentence. */
  async function request(by) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), ANSWER);
    try {
      const response = await fetch("/api/pump/stop", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(by ? { who: by } : {}),
        signal: abort.signal,
        cache: "no-store",
        keepalive: true, // sent even if the page is closed at once
      });
      const text = await response.text();
      return judge(response, text);
    } catch {
      return { error: abort.signal.aborted ? "The daemon did not answer in time." : "The daemon cannot be reached." };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Only the daemon's own word that the pump does not move is an answer. */
  function judge(response, text) {
    let body = null;
    try {
      body = JSON.parse(text);
    } catch {
      /* no word of the daemon's */
    }
    if (!response.ok)
      return { error: typeof body?.error === "string" ? body.error : `The daemon answered with ${response.status}.` };
    if (typeof body?.state !== "string") return { error: FOREIGN };
    if (MOVING.includes(body.state) || body.state.startsWith("code "))
      return { error: `The board answered, but its state is “${body.state}”.` };
    return { body };
  }

  function doneWords({ time, body }) {
    const at = `${String(time.getHours()).padStart(2, "0")}:${String(time.getMinutes()).padStart(2, "0")}`;
    const given = Number.isFinite(body.delivered_ml) ? ` ${body.delivered_ml.toFixed(2)} mL delivered.` : "";
    return body.state === "stopped"
      ? [`Stopped at ${at}.`, "", given.trim()]
      : [`STOP answered at ${at}.`, "", `The board's state: ${body.state}.`];
  }

  function span(ms) {
    const s = Math.floor(ms / 1000);
    return s < 60 ? `${s} s` : `${Math.floor(s / 60)} min ${s % 60} s`;
  }

  function set(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  globalThis.pumpStop = new Stop();
})();
