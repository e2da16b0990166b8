// One number of an order between its limits: a scale whose zones are told by words and hatching, not by colour alone;
// the limits in a line; and on demand each limit with its source. All places and numbers are the daemon's.

import { h, say } from "./dom.js";

const ZONE = {
  usual: "usual",
  low: "below what is usual: a reason is wanted",
  high: "above what is usual: a reason is wanted",
  beyond: "above the limit: not possible",
  unlimited: "no limits in the library",
  "": "",
};
const BOUND = { "soft-low": "usually at least", "soft-high": "usually at most", "hard-high": "never above" };

export class Gauge {
  constructor() {
    this.same = h("p", { className: "same" });
    this.zones = ["low", "usual", "high", "beyond"].map((zone) => h("i", { "data-zone": zone }));
    this.had = h("i", { className: "had" });
    this.needle = h("b", {});
    this.scale = h("div", { className: "scale-bar", role: "img" }, ...this.zones, this.had, this.needle);
    this.list = h("ul", { hidden: true });
    this.line = h("button", { type: "button", className: "bounds", "aria-expanded": "false" });
    this.line.onclick = () => {
      this.list.hidden = !this.list.hidden;
      this.line.setAttribute("aria-expanded", String(!this.list.hidden));
    };
    this.element = h("div", { className: "gauge" }, this.same, this.scale, this.line, this.list);
    this.show(null);
  }

  /** told: as assuage.pharmacy.gauges has made it, or null. */
  show(told) {
    const key = JSON.stringify(told);
    if (key === this.key) return;
    this.key = key;
    this.element.dataset.zone = told?.zone ?? "";
    const empty = !told || told.marks.length === 0;
    this.scale.hidden = this.line.hidden = empty;
    if (empty) this.list.hidden = true;
    say(this.same, told ? words(told) : "");
    if (empty) return;
    const edges = [0, ...edgesOf(told.marks), 1];
    this.zones.forEach((zone, i) => span(zone, edges[i], edges[i + 1]));
    span(this.had, 0, told.had?.at ?? 0);
    this.needle.hidden = told.at === null;
    this.needle.style.left = `${100 * (told.at ?? 0)}%`;
    this.needle.dataset.over = told.over ? "yes" : "no";
    const text = bounds(told.marks);
    say(this.line, text);
    this.scale.setAttribute("aria-label", [told.asked, ZONE[told.zone], text].filter(Boolean).join("; "));
    this.list.replaceChildren(...told.marks.map((mark) => h("li", {}, source(mark))));
  }
}

/** What a number comes to, and how it lies. Pure. */
export function words(told) {
  const before = told.had?.at ? `${told.had.amount} of it given before` : "nothing given before";
  const amount = told.had ? `${told.asked}${told.whole ? `, ${before}` : " given so far"}` : "";
  const same = told.had ? "" : told.same.join(" · ");
  const how = told.zone === "usual" && !told.asked ? "" : ZONE[told.zone];
  return [amount || (same && `= ${same}`), how].filter(Boolean).join(" · ");
}

/** The limits in a line: "usual 0.1 mg/kg/h to 0.4 mg/kg/h · never above 1 mg/kg/h · unverified". Pure. */
export function bounds(marks) {
  const of = (bound) => marks.filter((mark) => mark.bound === bound);
  const first = (list) => list.toSorted((a, b) => (a.at ?? 2) - (b.at ?? 2))[0]?.value;
  const [low, high, hard] = [of("soft-low").at(-1)?.value, first(of("soft-high")), first(of("hard-high"))];
  const usual =
    low && high ? `usual ${short(low, high)} to ${high}` : low ? `at least ${low}` : high ? `usual up to ${high}` : "";
  const doubts = [...new Set(marks.map((mark) => mark.mark).filter(Boolean))];
  return [usual, hard && `never above ${hard}`, ...doubts].filter(Boolean).join(" · ");
}

const short = (low, high) => (low.split(" ")[1] === high.split(" ")[1] ? low.split(" ")[0] : low);

function source({ bound, value, patient, source: from, mark, note }) {
  const doubt = mark && !from.includes(mark) ? `; ${mark}` : "";
  return `${BOUND[bound]} ${value}${patient ? ` (${patient} in this patient)` : ""}: ${from}${doubt}${note ? `; ${note}` : ""}.`;
}

/** Where low, usual and high end. */
function edgesOf(marks) {
  const at = (bound, otherwise, pick) => {
    const found = marks.filter((mark) => mark.bound === bound && mark.at !== null).map((mark) => mark.at);
    return found.length ? pick(...found) : otherwise;
  };
  const hard = at("hard-high", 1, Math.min);
  const low = Math.min(at("soft-low", 0, Math.max), hard);
  return [low, Math.max(low, Math.min(at("soft-high", hard, Math.min), hard)), hard];
}

function span(element, from, to) {
  element.style.left = `${100 * from}%`;
  element.style.width = `${100 * Math.max(0, to - from)}%`;
  element.hidden = to <= from;
}
