// The release of an interlock that has tripped: what was seen is read, the patient is looked at, then it is released by
// the numbers of the trips that were shown. What trips meanwhile has to be read anew.

import { tell } from "./fields.js";
import { post } from "./orders.js";
import { ago, isNumber, span } from "./words.js";

/** The interlock as the daemon tells it now; null when it is not known. */
export function interlockOf(picture) {
  return picture.linked && picture.pump.live ? (picture.snapshot.interlock ?? null) : null;
}

/** Why it has tripped and when, in words. */
export function tripWords(told) {
  const when = isNumber(told.since_s) ? ` ${capital(ago(told.since_s))}.` : " Before this daemon began.";
  return `${told.sentence}${when}`;
}

/** What is still in the way of a release, in one sentence; "" for nothing. */
export function inTheWay(told) {
  return told.release ? "" : (told.lacks[0] ?? told.needs ?? "");
}

export class Release {
  constructor(find) {
    this.find = find;
    this.panel = find("#release");
    this.opener = find("#release-open");
    this.yes = this.panel.querySelector("[data-do=confirm]");
    this.read = null; // the trips that are shown, by their numbers
    this.busy = false;
    this.opener.onclick = () => this.open();
    this.yes.onclick = () => this.confirm();
    for (const name of ["close", "back"])
      this.panel.querySelector(`[data-do=${name}]`).onclick = () => this.close();
    this.panel.onkeydown = (event) => {
      if (event.key === "Escape") this.close();
    };
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  open() {
    const told = interlockOf(this.picture);
    if (!told?.tripped) return;
    this.read = told.read;
    this.panel.hidden = false;
    this.refuse("");
    this.show(this.picture);
    this.find("#release-title").focus();
  }

  /** released: the button that has opened it is of no use any more, or in a moment. */
  close(released = false, focused = this.panel.contains(document.activeElement)) {
    this.panel.hidden = true;
    if (!focused) return;
    (released || this.opener.disabled || this.opener.hidden ? this.find("#pump") : this.opener).focus();
  }

  refuse(sentence) {
    tell(this.panel.querySelector("[data-is=refusal]"), sentence);
  }

  async confirm() {
    const focused = this.panel.contains(document.activeElement); // a button that is disabled loses it
    this.busy = true;
    this.refuse("");
    this.yes.disabled = true;
    const answer = await post("/api/interlock/release", this.read);
    this.busy = false;
    if (answer.ok) this.close(true, focused);
    else this.refuse(answer.body.error);
    this.show(this.picture);
  }

  show(picture) {
    this.picture = picture;
    const told = interlockOf(picture);
    const tripped = Boolean(told?.tripped);
    this.opener.hidden = !tripped;
    this.opener.disabled = !tripped || !told.release;
    if (!this.isOpen) return;
    if (told && !this.busy && !sameTrips(told.read, this.read)) {
      this.close(true); // released, or another one, which has not been read
      return;
    }
    this.yes.disabled = this.busy || !tripped || !told.release;
    if (!tripped) return;
    set(this.find("#release-cause"), tripWords(told));
    set(this.find("#release-seen"), seen(told.cause));
    const lacks = told.release ? [told.needs] : told.lacks;
    const list = this.find("#release-lacks");
    if (list.dataset.said === lacks.join()) return;
    list.dataset.said = lacks.join();
    list.replaceChildren(...lacks.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
  }
}

function sameTrips(a, b) {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return names.size > 0 && [...names].every((name) => a[name] === b[name]);
}

/** What was measured then. */
function seen(cause) {
  if (!cause?.parameter) return "No value was known then.";
  if (cause.kind === "apnoea" || !isNumber(cause.value)) return "";
  return `Seen then: ${cause.value} ${cause.unit}, ${cause.quality}, ${span(cause.age_s)} old.`;
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
