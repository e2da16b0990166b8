// The record as a list, newest first: who, when and what in words. Whether its chain is whole the daemon says.

import { get } from "./asking.js";
import { make, set } from "./making.js";
import { clock } from "./words.js";

const PAGE = 100; // entries of one page
const AGAIN = 10000; // ms between two looks at what is new
const HOURS = [8, 12, 24];

const GROUPS = [
  ["all", "All", null],
  ["assessments", "Assessments", ["assessment"]],
  ["doses", "Doses", ["given", "converted", "syringe"]],
  ["orders", "Orders", ["checked", "ordered", "confirmed", "outcome", "refused", "target"]],
  ["alarms", "Alarms", ["alarm", "interlock"]],
  ["pump", "Pump", ["pump"]],
];
const KIND = {
  assessment: "Assessment", given: "Dose by hand", converted: "Conversion", syringe: "Syringe", checked: "Order",
  ordered: "Order", confirmed: "Confirmed", outcome: "Done", refused: "Refused", target: "Target", alarm: "Alarm",
  interlock: "Interlock", pump: "Pump", admission: "Patient", weighed: "Patient", discharge: "Patient", opened: "Record",
  closed: "Record", note: "Note",
}; // prettier-ignore

export class Recorded {
  constructor(body) {
    this.chain = make("p", { className: "chain", id: "record-chain", role: "status", "data-whole": "unknown" });
    this.verify = make("button", { type: "button", className: "quiet", id: "record-verify", textContent: "Look again" });
    this.verify.onclick = () => this.look();
    this.hours = make("select", { "aria-label": "Length of the report" });
    this.hours.append(...HOURS.map((n) => make("option", { value: String(n), textContent: `${n} h`, selected: n === 12 })));
    this.report = make("a", { className: "quiet link", id: "record-report", target: "_blank", rel: "noopener", textContent: "Shift report" });
    this.hours.onchange = () => this.link();
    this.link();
    this.groups = make("div", { className: "groups", role: "group", "aria-label": "Which entries" });
    for (const [name, text] of GROUPS) {
      const button = make("button", { type: "button", textContent: text, "data-group": name });
      button.onclick = () => this.choose(name);
      this.groups.append(button);
    }
    this.said = make("p", { className: "refusal", role: "alert", hidden: true });
    this.list = make("ol", { className: "lines", id: "record-lines" });
    this.older = make("button", { type: "button", className: "quiet", id: "record-older", textContent: "Older entries" });
    this.older.onclick = () => this.load("older");
    this.nothing = make("p", { className: "hint", textContent: "No such entry on the pages that are shown." });
    body.append(
      make("div", { className: "head" }, this.chain, this.verify, make("span", { className: "pair" }, this.report, this.hours)),
      this.groups,
      this.said,
      make("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": "Entries" }, this.list, this.nothing, this.older),
    );
    this.lines = new Map(); // of each entry and time
    this.first = null; // number of the oldest entry that was looked at
    this.choose("all");
  }

  enter() {
    this.looked = performance.now();
    this.load("newest");
    this.look();
  }

  link() {
    this.report.href = `/api/report?hours=${this.hours.value}`;
  }

  choose(name) {
    this.group = name;
    for (const button of this.groups.children) button.setAttribute("aria-pressed", String(button.dataset.group === name));
    this.fill();
  }

  /** Whether the record is as it was written. */
  async look() {
    this.verify.disabled = true;
    const answer = await get("/api/verify", 60000);
    this.verify.disabled = false;
    this.chain.dataset.whole = answer.ok ? (answer.body.whole ? "yes" : "no") : "unknown";
    set(this.chain, answer.ok ? chainWords(answer.body) : answer.body.error);
  }

  async load(which) {
    if (this.busy) return;
    this.busy = true;
    const older = which === "older" && this.first !== null;
    const since = older ? Math.max(0, this.first - 1 - PAGE) : 0;
    const query = older ? `since=${since}&limit=${this.first - 1 - since}` : `last=${PAGE}`;
    const answer = await get(`/api/record?${query}`);
    this.busy = false;
    const wrong = answer.ok ? answer.body.fault : answer.body.error;
    this.said.hidden = !wrong;
    set(this.said, wrong);
    if (!answer.ok) return;
    for (const line of answer.body.lines) this.lines.set(`${line.number} ${line.time} ${line.sentence}`, line);
    const begins = older ? since + 1 : Math.max(1, answer.body.entries - PAGE + 1);
    this.first = Math.min(this.first ?? begins, begins);
    this.older.hidden = this.first <= 1;
    this.fill();
  }

  fill() {
    const kinds = GROUPS.find(([name]) => name === this.group)[2];
    const shown = [...this.lines.values()]
      .filter((line) => !kinds || kinds.includes(line.kind))
      .sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : b.number - a.number));
    this.nothing.hidden = shown.length > 0 || this.first === null;
    const today = new Date().toDateString();
    const made = shown.map((line) => row(line, today));
    const same = made.length === this.list.children.length && made.every((li, i) => li.isEqualNode(this.list.children[i]));
    if (!same) this.list.replaceChildren(...made); // what somebody reads or has marked is not made anew for nothing
  }

  show() {
    if (performance.now() - this.looked < AGAIN) return;
    this.looked = performance.now();
    this.load("newest");
  }
}

/** What the daemon found when it looked at the whole record. Pure. */
export function chainWords({ whole, entries, head, found }) {
  if (whole) return `The record is whole: ${entries} entries, chain ends in ${head.slice(0, 12)}.`;
  const more = found.length > 1 ? ` And ${found.length - 1} more; see \`assuage record verify\`.` : "";
  return `The record is NOT whole. ${found[0] ?? ""}${more}`;
}

function row({ time, kind, by, sentence, late, number }, today) {
  const at = new Date(time);
  const day = at.toDateString() === today ? "" : `${at.getDate()}.${at.getMonth() + 1}. `;
  const when = make("time", { dateTime: time, textContent: `${day}${clock(time)}` });
  const more = [by && `by ${by}`, late && "entered late", `no. ${number}`].filter(Boolean).join(" · ");
  return make(
    "li",
    { "data-kind": kind },
    when,
    make("b", { textContent: KIND[kind] ?? kind }),
    make("p", {}, sentence, make("small", { textContent: more })),
  );
}
