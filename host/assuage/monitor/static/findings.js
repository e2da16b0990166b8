// What the library finds, a sentence each beside its field. A hard finding blocks; a soft one wants a reason, which is
// for that number alone: with another number it is asked anew.

import { h, say } from "./dom.js";

export class Findings {
  /** places: (code) => the element in which a finding of that code stands. changed: told when a reason is typed. */
  constructor(places, changed) {
    Object.assign(this, { places, changed });
    this.shown = new Map(); // finding: {box, reason}
    this.list = [];
  }

  show(list) {
    this.list = list;
    const names = new Set(list.map((one) => one.finding));
    for (const [name, { box }] of this.shown)
      if (!names.has(name)) {
        box.remove();
        this.shown.delete(name);
      }
    const hard = this.hard > 0; // then no reason helps
    for (const one of list.toSorted((a, b) => Number(b.hard) - Number(a.hard))) {
      const made = this.shown.get(one.finding) ?? this.made(one);
      say(made.text, one.sentence);
      const place = this.places(one.code);
      if (made.box.parentElement !== place) place.append(made.box);
      if (made.reason) made.reason.hidden = hard;
      if (!one.hard) say(made.title, hard ? "Also" : "Wants a reason");
    }
  }

  made(one) {
    const text = h("span", {});
    const box = h("div", { className: "finding", "data-hard": one.hard ? "yes" : "no", role: "status" });
    const title = h("b", {}, "Not possible");
    box.append(title, text);
    const made = { box, text, title, reason: null };
    if (!one.hard) {
      made.reason = h("input", { maxLength: 200, placeholder: "Reason", autocomplete: "off" });
      made.reason.setAttribute("aria-label", "Reason for going beyond it");
      made.reason.oninput = () => this.changed();
      box.append(made.reason);
    }
    this.shown.set(one.finding, made);
    return made;
  }

  get hard() {
    return this.list.filter((one) => one.hard).length;
  }

  /** The first reason that is not given yet, as its input; null when all are. */
  get unreasoned() {
    const open = this.list.find((one) => !one.hard && !this.reason(one));
    return open ? this.shown.get(open.finding).reason : null;
  }

  reason(one) {
    return this.shown.get(one.finding)?.reason?.value.trim() ?? "";
  }

  /** [{finding, code, reason}] of all that have one. */
  reasons() {
    return this.list
      .filter((one) => !one.hard && this.reason(one))
      .map((one) => ({ finding: one.finding, code: one.code, reason: this.reason(one) }));
  }
}
