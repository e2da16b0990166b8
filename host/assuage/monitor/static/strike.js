// An entry that was charted in error: asks why and who says so, then has the daemon strike it. The entry stays in the
// record, struck through; what was done because of it stays done.

import { make } from "./making.js";
import { mark, tell } from "./fields.js";
import { post } from "./orders.js";
import { field } from "./signing.js";
import { WhoField, who } from "./who.js";

const REASON = 3; // letters; the daemon's
const REMAINS = "It stays in the record, struck through, and counts for nothing any more. What was done because of it stays done.";

export class Strike {
  /** ended: told the line, with what the daemon has answered, or null where it is left as it is. */
  constructor(ended) {
    Object.assign(this, { ended, line: null, busy: false });
    this.title = make("h2", { textContent: "Charted in error", tabIndex: -1 });
    this.what = make("p", { className: "entered" });
    this.refusal = make("p", { className: "refusal", role: "alert", hidden: true });
    this.reason = field("reason", "Why it was charted in error", { maxLength: 300, autocomplete: "off", placeholder: "such as other patient" });
    this.by = new WhoField("Struck by");
    this.lacks = make("p", { className: "hint", role: "status", id: "strike-lacks" });
    this.send = make("button", { type: "submit", className: "primary", id: "strike-send", textContent: "Strike this entry" });
    const leave = make("button", { type: "button", className: "quiet", id: "strike-leave", textContent: "Leave it as it is" });
    leave.onclick = () => this.end(null);
    this.form = make(
      "form",
      { className: "given-form", id: "strike", noValidate: true, autocomplete: "off", hidden: true },
      make(
        "div",
        { className: "scroll" },
        this.title,
        this.what,
        make("p", { className: "hint", textContent: REMAINS }),
        make("div", { className: "fields" }, this.reason.label),
        leave,
      ),
      this.refusal,
      make("div", { className: "foot fields" }, this.by.element, make("div", { className: "say" }, this.lacks), this.send),
    );
    who.addEventListener("change", () => this.weigh());
    this.form.oninput = (event) => {
      mark(event.target, "");
      tell(this.refusal, "");
      this.weigh();
    };
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.keep();
    };
    this.form.onkeydown = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation(); // that would close the whole chart
      this.end(null);
    };
  }

  get isOpen() {
    return !this.form.hidden;
  }

  /** words: the entry as the list shows it. */
  open(line, words) {
    this.line = line;
    this.what.textContent = words;
    this.reason.input.value = "";
    for (const { input } of [this.reason, this.by]) mark(input, "");
    tell(this.refusal, "");
    this.form.hidden = false;
    this.weigh();
    this.reason.input.focus();
  }

  lacking() {
    const missing = [];
    if (this.reason.input.value.trim().length < REASON) missing.push("the reason");
    if (!who.get()) missing.push("your name");
    return missing.length ? `Still missing: ${missing.join(", ")}.` : "";
  }

  weigh() {
    this.lacks.textContent = this.lacking();
    this.send.disabled = this.busy || this.lacks.textContent !== "";
  }

  async keep() {
    if (this.send.disabled) return;
    const [line, by, reason] = [this.line, who.get(), this.reason.input.value.trim()];
    this.busy = true;
    this.weigh();
    const answer = await post("/api/strike", { number: line.number, hash: line.hash, reason });
    this.busy = false;
    this.weigh();
    if (!answer.ok) return this.refuse(answer.body);
    this.end({ time: answer.body.when, by, reason });
  }

  refuse({ error, field: name }) {
    mark(name ? this.form.elements[name] : null, error);
    tell(this.refusal, error);
  }

  end(struck) {
    const line = this.line;
    this.form.hidden = true;
    this.line = null;
    this.ended(line, struck);
  }
}
