// Why a number of the patient is there, or is not, in the few words that a tile has room for; and which of those
// reasons are losses of a sensor that the bar tells. The sentences are the daemon's.

import { noData } from "./words.js";

/** Of each of the wire's SIGNALS. */
export const SHORT = {
  ok: "",
  settling: "settling",
  "probe-off": "probe off",
  saturated: "sensor saturated",
  "low-perfusion": "low perfusion",
  motion: "motion",
  "sensor-lost": "sensor lost",
  "ambient-light": "room light",
  "no-pulse": "no pulse found",
  "no-breath": "no breath",
  flat: "flat signal",
  implausible: "implausible",
  irregular: "irregular",
  noise: "disturbed",
  "lead-off": "electrode off",
  blocked: "sample line blocked",
  "warming-up": "warming up",
  measuring: "measuring",
  leak: "cuff leaks",
  kinked: "hose kinked",
  "over-pressure": "over-pressure",
  "over-time": "took too long",
  ended: "ended early",
  never: "not measured yet",
};

/** What a sensor may have lost: level, and what follows on its name. */
export const LOSS = {
  "sensor-lost": ["medium", " does not answer"],
  "probe-off": ["low", " probe is off"],
  "lead-off": ["low", " electrode is off"],
  blocked: ["low", ": sample line is blocked"],
  leak: ["low", " leaks"],
  kinked: ["low", ": hose is closed"],
};

/** Who measures what, and the board's alarm that it gives no value any more. */
export const SENSORS = [
  ["Oximeter", ["spo2"], "oximeter-missing"],
  ["CO2 sensor", ["resp", "etco2"], "capnograph-missing"],
  ["Blood pressure cuff", ["map", "systolic"], ""],
  ["Thermometer", ["temperature"], "temperature-missing"],
  ["ECG", ["heart"], "heart-missing"],
];

/** Why a reading has no number, or is doubtful: "" where nothing is known of it. linked: whether the board is heard. */
export function reason({ quality, signal, age }, linked) {
  if (!linked) return noData(age);
  if (quality === "stale" && signal !== "never" && signal !== "sensor-lost") return noData(age);
  return SHORT[signal] ?? "";
}
