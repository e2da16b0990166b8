// The bar: what is wrong, in words, with a shape, stars and a fill for its level. `notices` is pure and decides;
// `Bar` shows.

import { LIMIT } from "./stale.js";
import { NONE, cause, isNumber, span } from "./words.js";

const STARS = { high: "***", medium: "**", low: "*", quiet: "" };
const RANK = { high: 0, medium: 1, low: 2 };
const REFUSAL_FOR = 120; // s that a refusal stays in the bar when no later order was accepted

// Reasons for which a pump that stands, or has fallen to KVO, is worth a look. STOP from a monitor is not: a human
// did it here.
const STOPPED = {
  "lease-lapsed": ["medium", "Infusion stopped: link was lost"],
  "time-limit": ["medium", "Infusion stopped: time limit"],
  "volume-limit": ["medium", "Infusion stopped: volume limit"],
  "local-stop": ["low", "Stopped at the pump"],
  refused: ["medium", "Pump did not start"],
};

/** All that is worth telling, worst first: [{level, title, why}]. extra: notices of the page itself. */
export function notices(picture, extra = []) {
  const found = [...extra, ...contact(picture)];
  if (picture.page === "live") {
    if (picture.pump.live) found.push(...pump(picture.pump.data));
    found.push(...refusal(picture.snapshot), ...oximeter(picture.vitals), ...services(picture.snapshot.services));
  }
  return found.sort((a, b) => RANK[a.level] - RANK[b.level]);
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
  if (!p.linked)
    return [
      { level: "medium", title: "Board is silent", why: `Nothing heard from it for ${span(p.boardSilent)}. ${hint}` },
    ];
  return [];
}

function pump(p) {
  if (p.state === "fault")
    return [{ level: "high", title: `Pump fault: ${(p.reason ?? "").replaceAll("-", " ")}`, why: cause(p) }];
  if (p.state === "unconfirmed")
    return [
      { level: "medium", title: "Board restarted, pump stands", why: "Check what was delivered, then acknowledge." },
    ];
  if (p.state === "complete") return [{ level: "low", title: "Infusion complete", why: "" }];
  if (p.state === "kvo") return [{ level: "medium", title: "Keep-vein-open rate only", why: cause(p) }];
  const [level, title] = p.state === "stopped" ? (STOPPED[p.reason] ?? []) : [];
  return level ? [{ level, title, why: cause(p) }] : [];
}

function refusal(snapshot) {
  const r = snapshot.refusal;
  const age = r ? (new Date(snapshot.time) - new Date(r.time)) / 1000 : Infinity;
  return age <= REFUSAL_FOR ? [{ level: "low", title: "Order refused", why: r.sentence }] : [];
}

function oximeter(vitals) {
  const state = vitals.live ? vitals.data.ppg : "ok";
  if (state === "sensor-lost")
    return [{ level: "medium", title: "Oximeter does not answer", why: vitals.data.sentence }];
  if (state === "probe-off") return [{ level: "low", title: "Oximeter probe is off", why: vitals.data.sentence }];
  return [];
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

export class Bar {
  constructor(find) {
    this.bar = find("#bar");
    this.parts = {
      stars: find("#bar-stars"),
      title: find("#bar-title"),
      why: find("#bar-why"),
      more: find("#bar-more"),
      list: find("#bar-list"),
    };
    const { more } = this.parts;
    more.onclick = () => this.open(more.getAttribute("aria-expanded") !== "true");
    this.bar.onkeydown = (event) => {
      if (event.key === "Escape") this.open(false);
    };
  }

  open(yes) {
    this.parts.more.setAttribute("aria-expanded", String(yes));
    this.parts.list.hidden = !yes;
  }

  show(list, picture) {
    const { stars, title, why, more, list: ul } = this.parts;
    const first = list[0] ?? quiet(picture);
    this.bar.dataset.level = first.level;
    set(stars, STARS[first.level]);
    set(title, first.title);
    set(why, first.why);
    more.hidden = list.length < 2;
    if (more.hidden) this.open(false);
    set(more, `+${list.length - 1} more`);
    if (ul.hidden) return;
    ul.replaceChildren(
      ...list.map((n) => {
        const li = document.createElement("li");
        const b = document.createElement("b");
        b.textContent = STARS[n.level];
        const span = document.createElement("span");
        span.textContent = n.why;
        li.append(b, n.title, span);
        return li;
      }),
    );
  }
}

function quiet(picture) {
  if (picture.page === "waiting") return { level: "quiet", title: "Connecting to the daemon", why: "" };
  return { level: "quiet", title: "No notices", why: "No alarm limits are set on this bed." };
}

function set(element, text) {
  const said = text ?? NONE;
  if (element.textContent !== said) element.textContent = said;
}
