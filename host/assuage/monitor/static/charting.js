// What is charted at the bedside: one panel over the waves with an assessment, a dose by hand, all that was given, the
// prediction and the record. Not modal: the numbers, the pump and STOP stay in sight and in reach, and what is half typed
// stays typed.

import { Assess } from "./assess.js";
import { make } from "./making.js";
import { Due } from "./due.js";
import { Given } from "./given.js";
import { Predicted } from "./predicted.js";
import { Recorded } from "./recorded.js";
import { Totals } from "./totals.js";

const TABS = [
  ["assess", "Assess"],
  ["given", "By hand"],
  ["totals", "Totals"],
  ["predict", "Prediction"],
  ["record", "Record"],
];

export class Charting {
  constructor(find) {
    this.panel = make("section", { className: "programme charting card", id: "charting", hidden: true, role: "dialog" });
    this.panel.setAttribute("aria-modal", "false");
    this.panel.setAttribute("aria-label", "Chart");
    const list = make("div", { className: "tabs", role: "tablist", "aria-label": "What to chart" });
    const close = make("button", { type: "button", className: "quiet", id: "charting-close", textContent: "Close" });
    close.onclick = () => this.close();
    this.panel.append(make("div", { className: "top" }, list, close));
    const bodies = {};
    this.tabs = Object.fromEntries(
      TABS.map(([name, text]) => {
        const tab = make("button", { type: "button", id: `tab-${name}`, textContent: text, role: "tab" });
        tab.setAttribute("aria-controls", `chart-${name}`);
        tab.onclick = () => this.to(name);
        bodies[name] = make("div", { className: "body", id: `chart-${name}`, role: "tabpanel", hidden: true });
        bodies[name].setAttribute("aria-labelledby", tab.id);
        return [name, tab];
      }),
    );
    list.append(...Object.values(this.tabs));
    list.onkeydown = (event) => this.arrows(event);
    this.panel.append(...Object.values(bodies));
    find("main").append(this.panel);
    this.due = new Due(find, (tab, scales) => this.open(tab, scales));
    const done = () => this.close();
    this.parts = {
      assess: new Assess(bodies.assess, done),
      given: new Given(bodies.given, done),
      totals: new Totals(bodies.totals),
      predict: new Predicted(bodies.predict),
      record: new Recorded(bodies.record),
    };
    this.bodies = bodies;
    this.tab = "assess";
    this.panel.onkeydown = (event) => {
      if (event.key === "Escape") this.close();
    };
    this.others = 0;
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  /** scales: those that are wanted. */
  open(tab, scales = []) {
    this.from = document.activeElement;
    this.panel.hidden = false;
    this.others = this.over();
    for (const part of [this.parts.assess, this.parts.given]) part.again(); // what was entered before has been read
    this.to(tab);
    this.panel.scrollIntoView({ block: "start" }); // where the page scrolls, the strip is far below
    this.parts.assess.lead(scales);
  }

  close() {
    const focused = this.panel.contains(document.activeElement);
    this.panel.hidden = true;
    if (focused) (this.from?.isConnected && !this.from.hidden ? this.from : this.due.opener).focus();
  }

  to(name) {
    this.tab = name;
    for (const [each, tab] of Object.entries(this.tabs)) {
      tab.setAttribute("aria-selected", String(each === name));
      tab.tabIndex = each === name ? 0 : -1;
      this.bodies[each].hidden = each !== name;
    }
    this.tabs[name].focus({ preventScroll: true });
    this.parts[name].enter();
    if (this.picture) this.parts[name].show?.(this.picture);
  }

  arrows(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const names = TABS.map(([name]) => name);
    this.to(names[(names.indexOf(this.tab) + step + names.length) % names.length]);
  }

  show(picture) {
    this.picture = picture;
    this.due.show(picture);
    const kept = picture.snapshot?.charting ?? null;
    if (this.isOpen && picture.page === "live" && kept === null) return this.close(); // nothing is charted at this bed
    const others = this.over();
    if (others > this.others) this.panel.hidden = true; // whatever else has opened over the waves is not to lie below
    this.others = others;
    if (this.isOpen) this.parts[this.tab].show?.(picture);
  }

  /** How many other dialogues stand over the waves. */
  over() {
    return document.querySelectorAll(".programme:not([hidden], #charting)").length;
  }
}
