// What is due of the infusion that runs: a strip below the waves, and the same in the form where it is made good.

import { make, set } from "./making.js";
import { NONE, clock, isNumber } from "./words.js";

const SHORT = { nrs: "NRS", poss: "POSS" }; // of the newest values, which the strip repeats

export class Due {
  /** open(tab, scales): opens the panel. */
  constructor(find, open) {
    this.strip = find("#due");
    this.opener = make("button", { type: "button", className: "quiet", id: "charting-open", textContent: "Chart" });
    this.opener.setAttribute("aria-haspopup", "dialog");
    this.opener.setAttribute("aria-controls", "charting");
    this.opener.onclick = () => open("assess", []);
    this.chips = make("div", { className: "chips", role: "group", "aria-label": "What is due" });
    this.nothing = make("p", { className: "nothing" });
    this.latest = make("p", { className: "latest", id: "due-latest" });
    this.predicted = make("button", { type: "button", className: "chip", id: "due-predicted" });
    this.predicted.append(make("b"), make("span"));
    this.predicted.setAttribute("aria-haspopup", "dialog");
    this.predicted.setAttribute("aria-controls", "charting");
    this.predicted.onclick = () => open("predict", []);
    this.strip.replaceChildren(this.opener, this.chips, this.nothing, this.latest, this.predicted);
    this.open = open;
  }

  show(picture) {
    const charting = picture.snapshot?.charting ?? null;
    this.strip.hidden = charting === null;
    if (charting === null) return;
    const now = picture.page === "live" ? Date.parse(picture.snapshot.time) : NaN;
    chipsInto(this.chips, charting.due, now, (due) => this.open("assess", due.of.length ? due.of : [due.name]));
    const none = charting.due.length === 0;
    this.nothing.hidden = !none;
    set(this.nothing, charting.fault || "Nothing is due: no infusion runs.");
    set(this.latest, latestWords(charting.latest));
    const line = charting.prediction.find((each) => isNumber(each.low)) ?? null;
    this.predicted.hidden = line === null;
    if (line === null) return;
    const [name, level] = this.predicted.children;
    set(name, `${picture.page === "live" ? bandWords(line) : NONE} ng/mL`);
    set(level, line.missing.length ? "predicted, too low" : "predicted now");
    this.predicted.setAttribute("aria-label", `${line.name}, predicted: ${name.textContent}. Show the prediction`);
  }
}

/** One chip for each; pressed: what then happens. now: Unix ms, NaN where it is not known. */
export function chipsInto(box, dues, now, pressed) {
  const names = dues.map((due) => due.name).join();
  if (box.dataset.names !== names) {
    box.dataset.names = names;
    box.replaceChildren(...dues.map(() => make("button", { type: "button", className: "chip" }, make("b"), make("span"))));
  }
  dues.forEach((due, i) => {
    const chip = box.children[i];
    chip.dataset.state = due.state;
    chip.onclick = () => pressed(due);
    set(chip.children[0], capital(due.name));
    set(chip.children[1], dueWords(due, now));
    chip.setAttribute("aria-label", `${due.title}: ${dueWords(due, now)}. Chart it`);
  });
}

/** "in 12 min", "due now", "overdue by 5 min"; -- where the time is not known. Pure. */
export function dueWords(due, now) {
  const ms = Date.parse(due.due) - now;
  if (!isNumber(ms)) return NONE;
  const minutes = Math.ceil(Math.abs(ms) / 60000);
  if (due.state === "overdue") return `overdue by ${long(minutes)}`;
  return ms > 0 ? `in ${long(minutes)}` : "due now";
}

/** "137–191": both ends of the band, and one number where they are the same. Pure. */
export function bandWords({ low, high }) {
  const digits = high < 10 ? 1 : 0;
  const [least, most] = [low, high].map((level) => level.toFixed(digits));
  return least === most ? least : `${least}–${most}`;
}

/** "13:44 · NRS 4 · POSS 2", of the newest of these values. Pure. */
export function latestWords(latest) {
  const told = Object.entries(SHORT).filter(([name]) => latest[name]);
  if (told.length === 0) return "";
  const newest = told.map(([name]) => latest[name].time).sort().at(-1);
  return [clock(newest), ...told.map(([name, short]) => `${short} ${latest[name].value}`)].join(" · ");
}

function long(minutes) {
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
