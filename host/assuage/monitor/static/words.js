// Numbers and times as people in this field write them. Pure.

export const NONE = "--";

/** A measured value with a fixed number of digits; `--` when there is none. */
export function fixed(value, digits) {
  return isNumber(value) ? tidyZero(value.toFixed(digits)) : NONE;
}

/** A value that was set: at most `digits` after the point and no trailing zero, as a dose is written: 0.5, 10, 1.25. */
export function plain(value, digits = 3) {
  if (!isNumber(value)) return NONE;
  const text = value.toFixed(digits);
  return tidyZero(text.includes(".") ? text.replace(/\.?0+$/, "") : text);
}

/** Seconds in words: "4 s", "2 min 10 s", "3 h 12 min", "2 d 5 h". */
export function span(seconds) {
  if (!isNumber(seconds)) return NONE;
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 172800) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/** "no data for 4 s", or "no data yet" when there never was any. */
export function noData(ageSeconds) {
  return isNumber(ageSeconds) ? `no data for ${span(ageSeconds)}` : "no data yet";
}

/** How long ago, as one says it: "40 s ago", "4 min ago", "1 h 5 min ago". */
export function ago(seconds) {
  if (!isNumber(seconds)) return "";
  const minutes = Math.floor(seconds / 60);
  return `${minutes >= 1 && minutes < 60 ? `${minutes} min` : span(seconds)} ago`;
}

/** Hours and minutes of a time, in this screen's zone. */
export function clock(iso) {
  const t = new Date(iso);
  if (Number.isNaN(t.getTime())) return "--:--";
  return `${String(t.getHours()).padStart(2, "0")}:${String(t.getMinutes()).padStart(2, "0")}`;
}

export const STATE = {
  standby: "Standby",
  programmed: "Programmed",
  confirmed: "Confirmed",
  armed: "Armed",
  infusing: "Infusing",
  kvo: "KVO",
  complete: "Complete",
  stopped: "Stopped",
  fault: "Fault",
  unconfirmed: "Restarted",
  paused: "Paused",
  bolus: "Bolus",
  "taking-up": "Taking up",
  "backing-off": "Backing off",
  priming: "Priming",
};

/** The daemon's sentence about a pump without its first part, which only says the state. */
export function cause(pump) {
  return (pump.sentence ?? "").replace(/^[^.]*\.\s*/, "");
}

export const ON_LOSS = { stop: "stops", continue: "continues", kvo: "falls to KVO" };

const MOVING = ["infusing", "bolus", "kvo", "taking-up", "backing-off", "priming"];

/** Whether a pump in this state turns its shaft. */
export function moving(state) {
  return MOVING.includes(state);
}

export function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

function tidyZero(text) {
  return /^-0(\.0+)?$/.test(text) ? text.slice(1) : text;
}
