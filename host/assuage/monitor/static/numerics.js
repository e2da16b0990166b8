// The patient's numbers. One that cannot be trusted is `--`, one that is doubtful is dim, and beside it stands why.

import { reason } from "./signals.js";
import { NONE, ago, fixed, isNumber } from "./words.js";

const UNKNOWN = { value: null, quality: "stale", signal: "", age: null, sentence: "" };
const MORE = ["resp", "etco2", "fico2", "systolic", "diastolic", "map", "temperature", "heart"];

export class Numerics {
  constructor(find) {
    this.find = find;
    this.board = null;
    this.more = false; // whether this board has ever measured more than its oximeter does
  }

  show(picture) {
    this.layout(picture);
    const of = (key) => picture.readings[key] ?? UNKNOWN;
    const told = numbers(of, picture.measuring, picture.vitals.data?.quality);
    for (const [name, { text, q, quality }] of Object.entries(told)) {
      put(this.find(`#${name}`), text);
      const tile = this.find(`#${name}-tile`);
      if (!tile) continue;
      write(this.find(`#${name}-q`), q);
      tile.dataset.quality = quality;
    }
    this.wave(told, of("spo2"), picture.measuring);
  }

  /** With an oximeter alone the view is its own; the room for all signs comes with the first of them, and stays. */
  layout(picture) {
    const uid = picture.snapshot?.board?.uid ?? this.board;
    if (uid !== this.board) this.more = false;
    this.board = uid;
    this.more ||= MORE.some((key) => !["never", "none", undefined].includes(picture.readings[key]?.signal));
    this.find("#nums").dataset.signs = this.more ? "all" : "oximeter";
  }

  wave(told, spo2, linked) {
    const why = reason(spo2, linked);
    const pi = told.perfusion.text;
    write(this.find("#pleth-scale"), pi === NONE ? "25 mm/s" : `25 mm/s · PI ${pi} %`);
    write(this.find("#pleth-none"), `No pulse wave${why ? ` · ${why}` : ""}`);
  }
}

/** What the tiles say: {name: {text, q: the words beside it, quality}}. of: reading by its key; trust: in the pulse wave,
    %. Pure. */
export function numbers(of, linked, trust) {
  const tile = (r, digits, good = "") => ({
    text: fixed(r.value, digits),
    q: beside(r, linked, good),
    quality: r.quality,
  });
  const pi = of("perfusion");
  return {
    spo2: tile(of("spo2"), 0, signal(trust)),
    pulse: tile(of("pulse"), 0),
    perfusion: tile(pi, pi.value < 1 ? 2 : 1),
    quality: { text: of("spo2").quality === "stale" ? NONE : fixed(trust, 0) },
    resp: respiration(of("resp"), of("resp_pleth"), linked),
    ...pressure(of, linked),
    etco2: tile(of("etco2"), 0),
    fico2: tile(of("fico2"), 0),
    temperature: tile(of("temperature"), 1),
    heart: tile(of("heart"), 0),
  };
}

function beside(r, linked, good) {
  const why = reason(r, linked);
  if (r.value === null) return why || r.sentence || "no value";
  return joined(r.quality === "doubtful" && "doubtful", why || (r.quality === "good" && good));
}

/** From CO2; where that has no number, from the pulse wave, and marked so. But no pulse wave speaks against a CO2 sensor
    that finds no breath: a chest that works against a closed airway moves the pulse, too. */
function respiration(co2, pleth, linked) {
  const silent = co2.value === null && co2.signal !== "no-breath";
  const other = silent && (pleth.value !== null || (co2.signal === "never" && pleth.signal !== "never"));
  if (!other) return { text: fixed(co2.value, 0), q: beside(co2, linked, ""), quality: co2.quality };
  const good = co2.signal === "never" ? "" : `CO2 ${reason(co2, linked)}`;
  return {
    text: fixed(pleth.value, 0),
    q: linked ? joined("from pulse wave", beside(pleth, linked, good)) : reason(pleth, linked),
    quality: pleth.quality,
  };
}

/** Systolic over diastolic with the mean, and when it was taken: it stands until the next. */
function pressure(of, linked) {
  const [high, low, mean] = [of("systolic"), of("diastolic"), of("map")];
  const all = [mean, high, low];
  const none = all.every((r) => r.value === null);
  const first = all.find((r) => r.value === null) ?? all.find((r) => r.quality === "doubtful") ?? mean;
  const doubtful = all.some((r) => r.quality === "doubtful");
  const why = reason(first, linked);
  return {
    nibp: {
      text: none ? NONE : `${fixed(high.value, 0)}/${fixed(low.value, 0)}`,
      q: none ? why || first.sentence || "no value" : joined(doubtful && "doubtful", why, ago(mean.age)),
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
