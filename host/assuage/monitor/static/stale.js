// What may be shown as live. The page trusts nothing but its own monotonic clock: an age is what the daemon said it
// was, plus how long the message lay on its way, plus the time since it came. Pure: feed and time in, picture out.

import { isNumber } from "./words.js";

/** Oldest age, in ms, at which something is still shown as live. `board` is silence of everything from the board,
    which sends its state five times a second; vitals and the pump's sensors come once a second, CO2 in frames of 0.4 s,
    and one lost frame must not blank them. What a cuff at rest is, is told every 5 s; for how long what it does is known,
    the daemon says. */
export const LIMIT = { message: 1500, board: 1500, pump: 1500, vitals: 2500, drive: 2500, cuff: 12000, wave: 1000, co2: 2000 };

/** Of those numbers that may be shown longer than LIMIT.vitals: a thermometer measures once a second, so its newest sample
    may be older; how long a blood pressure stands, the daemon says. */
const OLDEST = { temperature: 3000, systolic: Infinity, diastolic: Infinity, map: Infinity, pulse_cuff: Infinity };

/** A feed is what live.js keeps: {opened, at, delay, snapshot}; times in ms of performance.now(). Seconds in the
    picture. `silent` is the age of the snapshot: whatever else the daemon says is no picture of the bed. */
export function picture(feed, now) {
  const { snapshot } = feed;
  const elapsed = snapshot ? now - feed.at + feed.delay : 0;
  const silent = snapshot ? elapsed : now - feed.opened;
  const page = snapshot === null ? "waiting" : silent <= LIMIT.message ? "live" : "lost";
  const link = snapshot?.link ?? null;
  const linkFor = isNumber(link?.since_s) ? link.since_s * 1000 + elapsed : null;
  const ages = {
    pump: age(snapshot?.pump, elapsed),
    vitals: age(snapshot?.vitals, elapsed),
    drive: age(snapshot?.drive, elapsed),
    cuff: age(snapshot?.cuff, elapsed),
  };
  const signs = snapshot?.signs?.link ?? null; // of a second board, which measures the patient
  const heard = signs ? Infinity : (ages.vitals ?? Infinity);
  const boardSilent = Math.min(ages.pump ?? Infinity, heard, linkFor ?? Infinity);
  const linked = page === "live" && link?.state === "live" && boardSilent <= LIMIT.board;
  const measuring = signs ? page === "live" && signs.state === "live" : linked;
  const part = (name) => ({
    live: (name === "vitals" ? measuring : linked) && ages[name] !== null && ages[name] <= LIMIT[name],
    age: seconds(ages[name]),
    data: snapshot?.[name] ?? null,
  });
  return {
    page,
    silent: silent / 1000,
    link: link?.state ?? "unknown",
    linkFor: seconds(linkFor),
    linked,
    measuring,
    boardSilent: seconds(boardSilent),
    vitals: part("vitals"),
    readings: readings(snapshot?.vitals, measuring, elapsed),
    pump: part("pump"),
    drive: part("drive"),
    cuff: part("cuff"),
    snapshot,
  };
}

/** Each of the patient's numbers by its key: {value: null when there is none to be shown, quality, signal, age in s,
    sentence}. One that is too old here is as stale as one that the daemon calls so. */
function readings(vitals, linked, elapsed) {
  const made = {};
  for (const [key, r] of Object.entries(vitals?.readings ?? {})) {
    const ms = age(r, elapsed);
    const fresh = linked && ms !== null && ms <= (OLDEST[key] ?? LIMIT.vitals);
    const quality = fresh ? r.quality : "stale";
    const shown = (quality === "good" || quality === "doubtful") && isNumber(vitals[key]);
    made[key] = { ...r, quality, age: seconds(ms), value: shown ? vitals[key] : null };
  }
  return made;
}

function age(data, elapsed) {
  return isNumber(data?.age_s) ? data.age_s * 1000 + elapsed : null;
}

function seconds(ms) {
  return isNumber(ms) ? ms / 1000 : null;
}

/** How late a message is, from the daemon's clock and ours: the excess over the quickest message seen. A tab that was
    frozen gets its backlog in one burst; without this each old message would look fresh. `sent` and `now` in ms of
    two different clocks. */
export class Delay {
  constructor() {
    this.least = null;
    this.last = 0;
  }

  of(sent, now) {
    const offset = now - sent;
    // The floor may creep up by 500 parts in a million, more than two crystals drift apart, at most 50 ms between
    // messages.
    const creep = this.least === null ? 0 : Math.min(50, (now - this.last) * 0.0005);
    this.least = this.least === null ? offset : Math.min(offset, this.least + creep);
    this.last = now;
    return offset - this.least;
  }
}
