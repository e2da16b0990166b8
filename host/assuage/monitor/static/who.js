// Who gives the orders of this sitting: a name that is typed once, shown beside what is ordered, and goes with each
// order. There is none to begin with, nor after a while in which nobody has touched this screen.

import { h } from "./dom.js";

const SITTING = 30 * 60 * 1000; // ms without a touch or a key, after which somebody else may stand there

class Who extends EventTarget {
  constructor() {
    super();
    this.name = "";
    this.touched = Date.now();
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => this.look(), { capture: true });
  }

  /** Forgets the name when the sitting is over; otherwise it goes on from now. */
  look() {
    if (Date.now() - this.touched > SITTING) this.set("");
    this.touched = Date.now();
  }

  get() {
    return Date.now() - this.touched > SITTING ? "" : this.name;
  }

  set(name) {
    const tidy = name.split(/\s+/).filter(Boolean).join(" ");
    if (tidy === this.name) return;
    this.name = tidy;
    this.dispatchEvent(new Event("change"));
  }
}

export const who = new Who();

/** The name in the head of a dialogue: an input while there is none, then a button that shows and changes it. */
export class WhoField {
  constructor() {
    this.input = h("input", { className: "who-name", maxLength: 40, autocomplete: "off", placeholder: "Your name" });
    this.input.setAttribute("aria-label", "Your name, for the record");
    this.named = h("button", { type: "button", className: "quiet who-named", hidden: true });
    this.element = h("div", { className: "who" }, this.input, this.named);
    this.named.onclick = () => {
      who.set("");
      this.input.focus();
    };
    this.input.oninput = () => {
      this.typing = true;
      who.set(this.input.value);
      this.typing = false;
    };
    this.input.onchange = () => this.show();
    this.input.onkeydown = (event) => {
      if (event.key === "Enter") this.show();
    };
    who.addEventListener("change", () => {
      if (!this.typing) this.show();
    });
    this.show();
  }

  show() {
    const name = who.get();
    this.input.hidden = name !== "";
    this.named.hidden = name === "";
    this.named.textContent = `By ${name}`;
    this.named.title = "Somebody else orders now";
    if (!name && document.activeElement !== this.input) this.input.value = "";
  }

  /** Whether there is a name; else asks for it. */
  there() {
    if (who.get()) return true;
    this.show();
    this.input.focus();
    return false;
  }
}

export const NO_NAME = "Say who orders this: type your name above.";
