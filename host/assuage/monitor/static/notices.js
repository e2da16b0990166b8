// What is worth telling, in words, with its level. bar.js shows it.

import { tripWords } from "./release.js";
import { LOSS, SENSORS } from "./signals.js";
import { LIMIT } from "./stale.js";
import { STATE, cause, isNumber, span } from "./words.js";

const RANK = { high: 0, medium: 1, low: 2 };
const REFUSAL_FOR = 120; // s that a refusal stays in the bar when no later order was accepted

// Reasons for which a pump that stands, or has fallen to KVO, is worth a look. STOP from a monitor is not: a human
// did it here.
const STOPPED = {
  "lease-lapsed": ["medium", "Infusion stopped: no permission from the host"],
  "time-limit": ["medium", "Infusion stopped: time limit"],
  "volume-limit": ["medium", "Infusion stopped: volume limit"],
  "window-limit": ["medium", "Infusion stopped: limit of what may be given in a time"],
  "local-stop": ["low", "Stopped at the pump"],
  refused: ["medium", "Pump did not start"],
  occlusion: ["high", "Infusion stopped: line closed"],
  "no-contact": ["medium", "Pump did not start: no plunger found"],
};

// Alarms whose name is not that of the reason for which the pump stands or has slowed down (docs/alarms.md).
const ALARM_OF = {
  complete: "infusion-complete",
  kvo: "kvo-running",
  "lease-lapsed": "link-lost",
  reset: "reset-interrupted",
  "task-overrun": "internal",
  "window-limit": "rate-limit",
};

/** All that is worth telling: [{level, title, why}], in addition `key` where the title does not name it, and `spoken`
    when a live region elsewhere speaks it. both: pictures of the bed's pumps, the first one's with all else. extra:
    notices of the page itself. Pure. */
export function notices([picture, other], extra = []) {
  const found = [...extra, ...contact(picture)];
  if (picture.page !== "live") return found;
  const { raised, list } = ofPump(picture);
  found.push(...list, ...sensors(picture, raised), ...services(picture.snapshot.services));
  found.push(...charted(picture.snapshot.charting));
  if (other) found.push(...[...contact(other), ...ofPump(other).list].map(beside));
  return found;
}

/** Of one pump: what its board raises, and all of its own. */
function ofPump(p) {
  const told = p.linked ? p.snapshot.interlock : null;
  const raised = p.linked || (p.measuring && !p.second) ? alarms(p.snapshot.alarms, told) : [];
  const list = [...raised, ...interlock(told, raised)];
  if (p.pump.live) list.push(...pump(p.pump.data, raised));
  list.push(...refusal(p.snapshot));
  return { raised, list };
}

/** The same of the second pump, so that nobody takes it for the first. */
function beside(notice) {
  const { title } = notice;
  const made = { ...notice, title: `Second pump: ${title.charAt(0).toLowerCase()}${title.slice(1)}`, key: `second ${key(notice)}` };
  return notice.alarm ? { ...made, alarm: { ...notice.alarm, second: true } } : made;
}

/** Brings notices into the order of the bar: worst first, and the newest first within a level. */
export class Arrivals {
  constructor() {
    this.came = new Map(); // key: in which round it came
    this.round = 0;
  }

  /** {list, fresh}: all in order, and those that were not there the last time. */
  take(notices) {
    this.round += 1;
    const known = this.came;
    this.came = new Map(notices.map((n) => [key(n), known.get(key(n)) ?? this.round]));
    const list = [...notices].sort(
      (a, b) => RANK[a.level] - RANK[b.level] || this.came.get(key(b)) - this.came.get(key(a)),
    );
    return { list, fresh: list.filter((n) => !known.has(key(n))) };
  }
}

function key(notice) {
  return notice.key ?? notice.title;
}

function contact(p) {
  const hint = "Nothing here is live; look at patient and pump.";
  if (p.page === "waiting") {
    return p.silent * 1000 <= LIMIT.message
      ? []
      : [
          {
            level: "medium",
            title: "No contact with the daemon",
            why: `Not heard since this page opened ${span(p.silent)} ago; trying again. ${hint}`,
          },
        ];
  }
  if (p.page === "lost")
    return [
      {
        level: "medium",
        title: "Contact with the daemon lost",
        why: `No data for ${span(p.silent)}; trying again. ${hint}`,
      },
    ];
  const said = p.snapshot.link?.sentence ?? "";
  const since = isNumber(p.linkFor) ? `For ${span(p.linkFor)}. ` : "";
  if (p.link === "mismatch")
    return [{ level: "medium", title: "Board does not fit this daemon", why: `${said} STOP still works.` }];
  if (p.link === "connecting") return [{ level: "low", title: "Looking for the board", why: said }];
  if (p.link !== "live") return [{ level: "medium", title: "Board link lost", why: `${since}${said}` }];
  const signs = p.snapshot.signs?.link;
  if (signs && signs.state !== "live")
    return [{ level: "medium", title: "Patient's board is not heard", why: signs.sentence }];
  if (!p.linked)
    return [
      { level: "medium", title: "Board is silent", why: `Nothing heard from it for ${span(p.boardSilent)}. ${hint}` },
    ];
  return [];
}

/** What the board itself raises, which it has sorted. Its own sentence says more than a state of the pump does. */
function alarms(told, interlock) {
  return (told?.list ?? []).map((a) => {
    const why = interlock?.tripped && TRIPS.includes(a.alarm) ? `${tripWords(interlock)} ` : "";
    return {
      level: a.priority,
      title: `${words(a.alarm)}${a.acknowledged ? " (acknowledged)" : a.gone ? " (over, not acknowledged)" : ""}`,
      why: `${why}${a.sentence}`,
      key: `alarm ${a.board ?? "pump"} ${a.occurrence}${why && " with its cause"}`, // which may come later, and is spoken
      alarm: a,
    };
  });
}

const TRIPS = ["interlock", "vitals-missing", "guardian-lost"]; // alarms of a trip

/** A trip that no alarm tells of any more, and a permission that does not come through. */
function interlock(told, raised) {
  const said = raised.some((n) => TRIPS.includes(n.alarm.alarm));
  const found = told?.tripped && !said ? [{ level: "medium", title: "Interlock tripped", why: tripWords(told) }] : [];
  if (told?.trouble && !said) found.push({ level: "medium", title: "No permission for the pump", why: told.trouble });
  return found;
}

const words = (name) => (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("-", " ");

function pump(p, raised) {
  const told = raised.some((n) => n.alarm.alarm === (ALARM_OF[p.reason] ?? p.reason)); // which says what to do, too
  return [...unsupervised(p), ...(told ? [] : pumpState(p))];
}

function unsupervised(p) {
  return p.unsupervised ? [{ level: "medium", title: "Infusion is not supervised", why: p.unsupervised }] : [];
}

function pumpState(p) {
  if (!STATE[p.state]) return [{ level: "medium", title: "State of the pump not known here", why: p.sentence }];
  if (p.state === "fault")
    return [{ level: "high", title: `Pump fault: ${(p.reason ?? "").replaceAll("-", " ")}`, why: cause(p) }];
  if (p.state === "unconfirmed")
    return [
      { level: "medium", title: "Board restarted, pump stands", why: "Check what was delivered, then acknowledge." },
    ];
  if (p.state === "complete") return [{ level: "low", title: "Infusion complete", why: "" }];
  if (p.state === "paused") return [{ level: "low", title: "Infusion paused", why: cause(p) }];
  if (p.state === "kvo") return [{ level: "medium", title: "Keep-vein-open rate only", why: cause(p) }];
  if (p.state === "backing-off") return [{ level: "high", title: "Line closed, pump relieves it", why: cause(p) }];
  const [level, title] = p.state === "stopped" ? (STOPPED[p.reason] ?? []) : [];
  return level ? [{ level, title, why: cause(p) }] : [];
}

function refusal(snapshot) {
  const r = snapshot.refusal;
  const age = r ? (new Date(snapshot.time) - new Date(r.time)) / 1000 : Infinity;
  return age <= REFUSAL_FOR ? [{ level: "low", title: "Order refused", why: r.sentence, key: r.sentence }] : [];
}

/** What a sensor of the patient has lost, and its own sentence, which says what to do. Once the board's alarm of its silence
    leads, that says it alone, with the sensor's sentence. */
function sensors(picture, raised) {
  if (!picture.measuring) return [];
  return SENSORS.flatMap(([name, keys, alarm]) => {
    const r = keys.map((key) => picture.readings[key]).find((one) => one && LOSS[one.signal]);
    if (!r) return [];
    const told = raised.find((n) => n.alarm.alarm === alarm);
    if (told) {
      told.why = r.sentence;
      return [];
    }
    const [level, lost] = LOSS[r.signal];
    return [{ level, title: `${name}${lost}`, why: r.sentence }];
  });
}

/** What an assessment has stopped, and what is overdue: for whoever stands at another screen. */
function charted(told) {
  if (!told) return [];
  const { stopped } = told;
  const by = stopped?.by ? `Entered by ${stopped.by}. ` : "";
  const halted = stopped ? [{ level: "medium", title: "Pump stopped by an assessment", why: `${by}${stopped.sentence}` }] : [];
  const late = told.alarms.map((a) => ({ level: a.priority, title: words(a.alarm.replace(/^overdue-/, "overdue: ")), why: a.sentence }));
  const fault = told.fault ? [{ level: "low", title: "Charting is not kept up", why: told.fault }] : [];
  return [...halted, ...late, ...fault];
}

function services(all) {
  return Object.entries(all ?? {})
    .filter(([, s]) => s.state === "down")
    .map(([name, s]) => {
      const waiting = isNumber(s.queued) && s.queued > 0 ? ` ${s.queued} records wait.` : "";
      return { level: "low", title: `${TITLE[name] ?? name} is down`, why: `${s.sentence ?? ""}${waiting}` };
    });
}

const TITLE = { mqtt: "MQTT", modbus: "Modbus", store: "Store" };
