// The record as a list, newest first: who, when and what in words. Whether its chain is whole the daemon says. What
// somebody charted by hand can be struck from here, and is shown struck through.

import { get } from "./asking.js";
import { make, set } from "./making.js";
import { Strike } from "./strike.js";
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
  closed: "Record", note: "Note", struck: "Struck",
}; // prettier-ignore
const BY_HAND = ["assessment", "given"]; // what the daemon strikes

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
    this.strike = new Strike((line, struck) => this.struck(line, struck));
    this.list.onclick = (event) => {
      const button = event.target.closest("button[data-number]");
      if (button) this.strikes(Number(button.dataset.number));
    };
    this.seen = [
      make("div", { className: "head" }, this.chain, this.verify, make("span", { className: "pair" }, this.report, this.hours)),
      this.groups,
      this.said,
      make("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": "Entries" }, this.list, this.nothing, this.older),
    ];
    body.append(...this.seen, this.strike.form);
    this.lines = new Map(); // of each entry and time
    this.first = null; // number of the oldest entry that was looked at
    this.choose("all");
  }

  enter() {
    this.looked = performance.now();
    this.load("newest");
    this.look();
    if (this.strike.isOpen) this.strike.weigh();
  }

  /** Asks why the entry of this number is to be struck, in the place of the list. */
  strikes(number) {
    const line = [...this.lines.values()].find((one) => one.number === number && BY_HAND.includes(one.kind));
    if (!line) return;
    this.hide(true);
    this.strike.open(line, `${stamp(line.time, new Date().toDateString())}: ${line.sentence}${line.by ? ` By ${line.by}.` : ""}`);
  }

  /** Back to the list, with what has been struck. */
  struck(line, struck) {
    this.hide(false);
    if (struck) line.struck = struck;
    this.fill();
    const row = this.list.querySelector(`[data-entry="${line.number}"]`);
    (row?.querySelector("button") ?? row)?.focus();
    if (struck) this.enter();
  }

  hide(hidden) {
    for (const each of this.seen) each.hidden = hidden;
    this.said.hidden = hidden || !this.said.textContent;
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
    set(this.said, wrong ?? "");
    this.said.hidden = this.strike.isOpen || !wrong;
    if (!answer.ok) return;
    for (const line of answer.body.lines) {
      const key = `${line.number} ${line.time} ${line.sentence}`;
      line.struck ??= this.lines.get(key)?.struck; // an answer that was under way may be older than what was struck here
      this.lines.set(key, line);
    }
    this.elsewhere(answer.body.lines);
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
    if (same) return; // what somebody reads or has marked is not made anew for nothing
    const at = this.list.contains(document.activeElement) ? document.activeElement.closest("li").dataset.entry : null;
    this.list.replaceChildren(...made);
    if (at) this.list.querySelector(`[data-entry="${at}"] button`)?.focus();
  }

  /** What was struck at another screen, of an entry on a page that is not asked for again. */
  elsewhere(lines) {
    const struck = new Map(lines.filter((line) => line.strikes).map((line) => [line.strikes.number, line]));
    for (const line of this.lines.values()) {
      const by = BY_HAND.includes(line.kind) && !line.struck && struck.get(line.number);
      if (by) line.struck = { time: by.time, by: by.by, reason: by.strikes.reason };
    }
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

/** Its time, with the day where that is not this one. */
function stamp(time, today) {
  const at = new Date(time);
  return `${at.toDateString() === today ? "" : `${at.getDate()}.${at.getMonth() + 1}. `}${clock(time)}`;
}

function row({ time, kind, by, sentence, late, number, struck }, today) {
  const when = make("time", { dateTime: time, textContent: stamp(time, today) });
  const more = [by && `by ${by}`, late && "entered late", `no. ${number}`].filter(Boolean).join(" · ");
  const can = BY_HAND.includes(kind) && !struck;
  return make(
    "li",
    { "data-kind": kind, "data-entry": String(number), "data-struck": struck ? "yes" : null, tabIndex: struck ? -1 : null },
    when,
    make("b", { textContent: KIND[kind] ?? kind }),
    make("p", {}, struck ? make("s", {}, sentence) : sentence, make("small", { textContent: more }), struck ? error(struck, today) : ""),
    can ? make("button", { type: "button", className: "quiet", "data-number": String(number), textContent: "Charted in error\u2026" }) : "",
  );
}

function error({ time, by, reason }, today) {
  return make("strong", { textContent: `Charted in error, ${stamp(time, today)}${by ? `, by ${by}` : ""}: ${reason}` });
}
