// SpO2, pulse, perfusion index and signal quality. A number that cannot be trusted is `--`, with the reason beside it.

import { NONE, fixed, isNumber, noData } from "./words.js";

const PPG = {
  settling: "settling",
  "probe-off": "probe off",
  saturated: "sensor saturated",
  "low-perfusion": "low perfusion",
  motion: "motion",
  "sensor-lost": "sensor lost",
};

export class Numerics {
  constructor(find) {
    this.values = {
      spo2: find("#spo2"),
      pulse: find("#pulse"),
      perfusion: find("#perfusion"),
      quality: find("#quality"),
    };
    this.why = { spo2: find("#spo2-q"), pulse: find("#pulse-q") };
    this.scale = find("#pleth-scale");
    this.none = find("#pleth-none");
  }

  show(picture) {
    const { live, age, data } = picture.vitals;
    const v = live ? data : {};
    put(this.values.spo2, fixed(v.spo2, 0));
    put(this.values.pulse, fixed(v.pulse, 0));
    put(this.values.perfusion, fixed(v.perfusion, isNumber(v.perfusion) && v.perfusion < 1 ? 2 : 1));
    put(this.values.quality, fixed(v.quality, 0));
    const state = live ? (PPG[v.ppg] ?? "") : noData(age);
    this.why.spo2.textContent = state || (isNumber(v.spo2) ? signal(v.quality) : v.sentence || "no value");
    this.why.pulse.textContent = state || (isNumber(v.pulse) ? "" : v.sentence || "no value");
    this.scale.textContent = isNumber(v.perfusion) ? `25 mm/s · PI ${this.values.perfusion.textContent} %` : "25 mm/s";
    this.none.textContent = live ? `No pulse wave${state ? ` · ${state}` : ""}` : `No pulse wave · ${noData(age)}`;
  }
}

/** The quality in a word. */
export function signal(quality) {
  if (!isNumber(quality)) return "";
  return quality >= 70 ? "good signal" : quality >= 40 ? "fair signal" : "poor signal";
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.dataset.live = text === NONE ? "no" : "yes";
}
