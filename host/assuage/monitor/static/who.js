// Who stands at this page: one name, typed once, that goes with every order, entry and answer to an alarm, and is shown
// and changed wherever it is used. There is none to begin with, nor after a while in which nobody has touched this screen.

import { alertLine, h } from "./dom.js";
import { mark } from "./fields.js";

const SITTING = 30 * 60 * 1000; // ms without a touch or a key, after which somebody else may stand there
const LOOK = 10 * 1000; // ms between two looks at that, so that no name stands there for longer

class Who extends EventTarget {
  constructor() {
    super();
    this.name = "";
    this.touched = Date.now();
    for (const kind of ["pointerdown", "keydown"])
      addEventListener(
        kind,
        () => {
          this.look();
          this.touched = Date.now();
        },
        { capture: true },
      );
    setInterval(() => this.look(), LOOK);
  }

  /** Forgets the name when the sitting is over. */
  look() {
    if (Date.now() - this.touched > SITTING) this.set("");
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

/** The name where it is used: an input while there is none, then a button that shows and changes it. */
export class WhoField {
  /** text: what stands before the input, if anything. */
  constructor(text = "") {
    this.input = h("input", { className: "who-name", name: "who", maxLength: 40, autocomplete: "off" });
    this.input.placeholder = "Your name";
    this.input.setAttribute("aria-label", "Your name, for the record");
    this.asked = h("label", {}, text ? h("span", {}, text) : null, this.input, alertLine());
    this.named = h("button", { type: "button", className: "quiet who-named", hidden: true });
    this.element = h("div", { className: "who" }, this.asked, this.named);
    this.named.onclick = () => {
      who.set("");
      this.input.focus();
    };
    this.input.oninput = () => {
      mark(this.input, "");
      this.typing = true;
      who.set(this.input.value);
      this.typing = false;
    };
    this.input.onchange = () => this.show();
    this.input.onkeydown = (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // a name alone sends nothing
      this.show();
      if (!this.named.hidden) this.named.focus(); // what is hidden would lose it, and with it Escape
    };
    who.addEventListener("change", () => {
      if (!this.typing) this.show();
    });
    this.show();
  }

  show() {
    const name = who.get();
    this.asked.hidden = name !== "";
    this.named.hidden = name === "";
    this.named.textContent = `By ${name}`;
    this.named.title = `By ${name}. Press when somebody else is here now.`;
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

/** Whether two names are one person's, however they are written; as the daemon sees it. Pure. */
export function same(one, other) {
  const plain = (name) => name.split(/\s+/).filter(Boolean).join(" ").toLowerCase();
  return plain(one) === plain(other);
}

export const NO_NAME = "Say who orders this: type your name above.";
