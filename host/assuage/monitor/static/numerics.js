// The patient's numbers. One that cannot be trusted is `--`, one that is doubtful is dim, and beside it stands why.

import { beside as bounds } from "./limits.js";
import { inflated } from "./cuff.js";
import { reason } from "./signals.js";
import { NONE, ago, fixed, isNumber } from "./words.js";

const UNKNOWN = { value: null, quality: "stale", signal: "", age: null, sentence: "" };
const MORE = ["resp", "etco2", "fico2", "systolic", "diastolic", "map", "temperature", "heart"];

export class Numerics {
  constructor(find) {
    this.find = find;
    this.board = null;
    this.more = false; // whether this board has ever measured more than its oximeter does
    this.gas = false; // whether it has a capnograph
  }

  show(picture) {
    this.layout(picture);
    const of = (key) => picture.readings[key] ?? UNKNOWN;
    const limits = (picture.measuring && picture.snapshot.limits?.list) || [];
    const limit = (key) => bounds(limits.find((l) => l.parameter === key));
    const cuff = picture.cuff.live ? picture.cuff.data : null;
    const told = numbers(of, picture.measuring, picture.vitals.data?.quality, limit, cuff);
    const raised = alarms(picture.measuring ? picture.snapshot.alarms : null);
    for (const [name, { text, q, quality }] of Object.entries(told)) {
      put(this.find(`#${name}`), text);
      const tile = this.find(`#${name}-tile`);
      if (!tile) continue;
      write(this.find(`#${name}-q`), q);
      tile.dataset.quality = quality;
      tile.dataset.alarm = raised[name] ?? "none";
    }
    this.wave(told, of("spo2"), picture.measuring);
    this.gasWave(of("etco2"), picture.measuring);
  }

  /** With an oximeter alone the view is its own; the room for all signs comes with the first of them, and stays. */
  layout(picture) {
    const uid = picture.snapshot?.board?.uid ?? this.board;
    if (uid !== this.board) this.more = this.gas = false;
    this.board = uid;
    this.more ||= MORE.some((key) => !["never", "none", undefined].includes(picture.readings[key]?.signal));
    this.gas ||= !["never", "none", undefined].includes(picture.readings.etco2?.signal);
    this.find("#gas").hidden = !this.gas;
    this.find("#nums").dataset.signs = this.more ? "all" : "oximeter";
  }

  wave(told, spo2, linked) {
    const why = reason(spo2, linked);
    const pi = told.perfusion.text;
    write(this.find("#pleth-scale"), pi === NONE ? "25 mm/s" : `25 mm/s · PI ${pi} %`);
    write(this.find("#pleth-none"), `No pulse wave${why ? ` · ${why}` : ""}`);
  }

  gasWave(etco2, linked) {
    const why = reason(etco2, linked);
    write(this.find("#gas-scale"), "6.25 mm/s");
    write(this.find("#gas-none"), `No CO2 wave${why ? ` · ${why}` : ""}`);
  }
}

const TILE_OF = { systolic: "nibp", diastolic: "nibp", map: "nibp", fico2: "etco2" };

/** Which tiles show a value that is beyond its limit: {tile: priority}, of two the higher. Pure. */
export function alarms(told) {
  const found = {};
  for (const a of told?.list ?? []) {
    const [, key] = /^(.*)-(?:low|high)$/.exec(a.alarm) ?? [];
    const tile = TILE_OF[key] ?? key;
    if (tile && !a.gone && found[tile] !== "high") found[tile] = a.priority;
  }
  return found;
}

/** What the tiles say: {name: {text, q: the words beside it, quality}}. of: reading by its key; trust: in the pulse wave,
    %; limit: its alarm limits in words, by its key; cuff: the snapshot's, while it is live. Pure. */
export function numbers(of, linked, trust, limit = () => "", cuff = null) {
  const tile = (r, digits, good = "") => ({
    text: fixed(r.value, digits),
    q: beside(r, linked, good),
    quality: r.quality,
  });
  const pi = of("perfusion");
  return {
    spo2: tile(of("spo2"), 0, joined(signal(trust), limit("spo2"))),
    pulse: tile(of("pulse"), 0, limit("pulse")),
    perfusion: tile(pi, pi.value < 1 ? 2 : 1),
    quality: { text: of("spo2").quality === "stale" ? NONE : fixed(trust, 0) },
    resp: respiration(of("resp"), of("resp_pleth"), linked, limit("resp")),
    ...pressure(of, linked, limit, cuff),
    etco2: tile(of("etco2"), 0, limit("etco2")),
    fico2: tile(of("fico2"), 0),
    temperature: tile(of("temperature"), 1, limit("temperature")),
    heart: tile(of("heart"), 0, limit("heart")),
  };
}

function beside(r, linked, good) {
  const why = reason(r, linked);
  if (r.value === null) return why || r.sentence || "no value";
  return joined(r.quality === "doubtful" && "doubtful", why || (r.quality === "good" && good));
}

/** From CO2; where that has no number, from the pulse wave, and marked so. But no pulse wave speaks against a CO2 sensor
    that finds no breath: a chest that works against a closed airway moves the pulse, too. */
function respiration(co2, pleth, linked, limit) {
  const silent = co2.value === null && co2.signal !== "no-breath";
  const other = silent && (pleth.value !== null || (co2.signal === "never" && pleth.signal !== "never"));
  if (!other) return { text: fixed(co2.value, 0), q: beside(co2, linked, limit), quality: co2.quality };
  const good = co2.signal === "never" ? "" : `CO2 ${reason(co2, linked)}`;
  return {
    text: fixed(pleth.value, 0),
    q: linked ? joined("from pulse wave", beside(pleth, linked, good)) : reason(pleth, linked),
    quality: pleth.quality,
  };
}

/** Systolic over diastolic with the mean, and when it was taken: it stands until the next, whose cuff is told meanwhile.
    Its limits are the systolic's. */
function pressure(of, linked, limit, cuff) {
  const [high, low, mean] = [of("systolic"), of("diastolic"), of("map")];
  const all = [mean, high, low];
  const none = all.every((r) => r.value === null);
  const first = all.find((r) => r.value === null) ?? all.find((r) => r.quality === "doubtful") ?? mean;
  const doubtful = all.some((r) => r.quality === "doubtful");
  const why = reason(first, linked);
  const now = inflated(cuff);
  const before = none ? why || first.sentence || "no value" : joined(doubtful && "doubtful", why, ago(mean.age), !doubtful && !why && limit("systolic"));
  return {
    nibp: {
      text: none ? NONE : `${fixed(high.value, 0)}/${fixed(low.value, 0)}`,
      q: now && none ? now : joined(now, before),
      quality: none ? mean.quality : doubtful ? "doubtful" : "good",
    },
    map: { text: none ? "" : `(${fixed(mean.value, 0)})` },
  };
}

/** The quality in a word. */
export function signal(quality) {
  if (!isNumber(quality)) return "";
  return quality >= 70 ? "good signal" : quality >= 40 ? "fair signal" : "poor signal";
}

function joined(...parts) {
  return parts.filter(Boolean).join(" · ");
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function put(element, text) {
  write(element, text);
  element.dataset.live = text === NONE ? "no" : "yes";
}
