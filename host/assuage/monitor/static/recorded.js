// The record as a list, newest first: who, when and what in words. Whether its chain is whole the daemon says. What
// somebody charted by hand can be struck from here, and is shown struck through.

import { get } from "./asking.js";
import { make, set } from "./making.js";
import { Strike } from "./strike.js";
import { clock } from "./words.js";

const AGAIN = 10000; // ms between two looks at what is new
const HOURS = [8, 12, 24];

const GROUPS = [
  ["all", "All", []], // but for what only a machine reads
  ["assessments", "Assessments", ["assessment"]],
  ["doses", "Doses", ["given", "converted", "syringe"]],
  ["orders", "Orders", ["checked", "ordered", "confirmed", "outcome", "refused", "target"]],
  ["alarms", "Alarms", ["alarm", "interlock"]],
  ["pump", "Pump", ["pump"]],
  ["board", "Board", ["board"]],
];
const NONE = "The record holds no such entry.";
const NONE_YET = "No such entry among the newest.";
const STRUCK = "struck"; // asked for with every kind, for it says what of that counts no more
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
    this.nothing = make("p", { className: "hint", textContent: NONE });
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
    this.pages = new Map(GROUPS.map(([name]) => [name, { lines: new Map(), first: null, last: 0, more: false, busy: false }]));
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
    const line = [...this.page.lines.values()].find((one) => one.number === number && BY_HAND.includes(one.kind));
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
    if (this.looked !== undefined) this.load("newest");
  }

  /** What has been read of the group that is shown: its lines, of each entry and time; numbers of the oldest entry that was
   * looked at and of the newest there was; whether there is more before them. */
  get page() {
    return this.pages.get(this.group);
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
    const page = this.page;
    if (page.busy) return;
    page.busy = true;
    const older = which === "older" && page.first !== null;
    const kinds = kindsOf(this.group);
    const asked = kinds.length ? `&kinds=${[...kinds, STRUCK].join(",")}` : "";
    const answer = await get(`/api/newest?${older ? `before=${page.first}` : `after=${page.last}`}${asked}`);
    page.busy = false;
    const wrong = answer.ok ? answer.body.fault : answer.body.error;
    set(this.said, wrong ?? "");
    this.said.hidden = this.strike.isOpen || !wrong;
    if (!answer.ok) return;
    const { lines, first, last, more } = answer.body;
    for (const line of lines) {
      const key = `${line.number} ${line.time} ${line.sentence}`;
      line.struck ??= page.lines.get(key)?.struck; // an answer that was under way may be older than what was struck here
      page.lines.set(key, line);
    }
    elsewhere(page.lines, lines);
    if (older || page.first === null || more) Object.assign(page, { first, more }); // more since then than one answer holds
    if (!older) page.last = last;
    this.fill();
  }

  fill() {
    const kinds = kindsOf(this.group);
    const { lines, first, more } = this.page;
    const wanted = (kind) => !kinds.length || kinds.some((one) => kind === one || kind.startsWith(`${one} `));
    const shown = [...lines.values()]
      .filter((line) => wanted(line.kind))
      .sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : b.number - a.number));
    this.older.hidden = !more;
    this.nothing.hidden = shown.length > 0 || first === null;
    this.nothing.textContent = more ? NONE_YET : NONE;
    const today = new Date().toDateString();
    const made = shown.map((line) => row(line, today));
    const same = made.length === this.list.children.length && made.every((li, i) => li.isEqualNode(this.list.children[i]));
    if (same) return; // what somebody reads or has marked is not made anew for nothing
    const at = this.list.contains(document.activeElement) ? document.activeElement.closest("li").dataset.entry : null;
    this.list.replaceChildren(...made);
    if (at) this.list.querySelector(`[data-entry="${at}"] button`)?.focus();
  }

  show() {
    if (performance.now() - this.looked < AGAIN) return;
    this.looked = performance.now();
    this.load("newest");
  }
}

/** The kinds of entries of a group; none: all that a person reads. */
function kindsOf(group) {
  return GROUPS.find(([name]) => name === group)[2];
}

/** Marks what was struck at another screen, of entries that are not asked for again. */
function elsewhere(all, fresh) {
  const struck = new Map(fresh.filter((line) => line.strikes).map((line) => [line.strikes.number, line]));
  for (const line of all.values()) {
    const by = BY_HAND.includes(line.kind) && !line.struck && struck.get(line.number);
    if (by) line.struck = { time: by.time, by: by.by, reason: by.strikes.reason };
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
