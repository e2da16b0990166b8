// What the pump's own sensors see: the line's pressure against its alarm, the syringe, the battery, air. What is too
// old to be the present, or was never measured, is `--` or says why; nothing is kept on the screen from before.

import { NONE, fixed, isNumber, moving, noData, plain, span } from "./words.js";

const FITTED = {
  fitted: "fitted",
  "barrel-open": "barrel open",
  "plunger-open": "plunger open",
  "flange-open": "flange open",
};
const BARREL = { matches: "diameter matches", mismatch: "another size", implausible: "not measurable" };
const PRESSURE = { standing: "not watched while it stands", learning: "learning the friction", none: "not measured" };
const DRIVER = { "setting-up": "motor setting up", silent: "motor silent", faulty: "motor faulty", lost: "motor lost" };
const SHOUTS = ["barrel-open", "plunger-open", "flange-open", "mismatch", "air", "low", "very-low", "empty"];

export class Sensed {
  constructor(find) {
    this.find = find;
  }

  show(picture) {
    const { live, age, data } = picture.drive;
    const told = words(live ? data : null, picture.pump.live ? picture.pump.data : null, age);
    for (const [id, text] of Object.entries(told.texts)) {
      const e = this.find(`#${id}`);
      if (e.textContent !== text) e.textContent = text;
    }
    for (const id of ["sensed-syringe", "sensed-contents", "sensed-battery", "sensed-air", "sensed-barrel"])
      this.find(`#${id}`).dataset.mark = told.marks.includes(id) ? "differs" : "";
    const track = this.find("#pressure-track");
    track.firstElementChild.style.width = told.share === null ? "0" : `${(told.share * 100).toFixed(1)}%`;
    if (told.share === null) track.removeAttribute("aria-valuenow");
    else track.setAttribute("aria-valuenow", Math.round(told.share * 100));
  }
}

/** d: the snapshot's `drive` while it is live, else null; p: its `pump` likewise; age: of what is no longer live, s.
    {texts: {id: text}, marks: [id], share: of the pressure in its alarm's, or null}. Pure. */
export function words(d, p, age = null) {
  if (!d) return { texts: nothing(noData(age)), marks: [], share: null };
  const pressed = isNumber(d.pressure_mmhg);
  const share = pressed && d.occlusion_mmhg > 0 ? Math.max(0, Math.min(1, d.pressure_mmhg / d.occlusion_mmhg)) : null;
  const texts = {
    pressure: pressed ? `${fixed(d.pressure_mmhg, 0)} mmHg` : NONE,
    "pressure-alarm": alarm(d, pressed),
    "sensed-syringe": FITTED[d.fitted] ?? "not sensed",
    "sensed-barrel": barrel(d, p),
    "sensed-contents": isNumber(d.contents_ml) ? `${fixed(d.contents_ml, 1)} mL` : NONE,
    "sensed-empty": empty(d),
    "sensed-battery": d.battery === "none" ? "none" : charge(d),
    "sensed-minutes": battery(d),
    "sensed-air": { clear: "none seen", air: "air" }[d.air] ?? "not sensed",
    "sensed-driver": DRIVER[d.driver] ?? "",
    "sensed-why": p && !moving(p.state) ? [d.sentence, tests(d)].filter(Boolean).join(" ") : "",
  };
  const marks = [];
  if (SHOUTS.includes(d.fitted)) marks.push("sensed-syringe");
  if (SHOUTS.includes(d.barrel)) marks.push("sensed-barrel");
  if (SHOUTS.includes(d.battery)) marks.push("sensed-battery");
  if (d.air === "air") marks.push("sensed-air");
  if (d.near_empty || d.contents_ml === 0) marks.push("sensed-contents");
  return { texts, marks, share };
}

function nothing(why) {
  const ids = ["syringe", "barrel", "contents", "empty", "battery", "minutes", "air", "driver", "why"];
  const texts = Object.fromEntries(ids.map((id) => [`sensed-${id}`, ""]));
  for (const id of ["syringe", "contents", "battery", "air"]) texts[`sensed-${id}`] = NONE;
  return { ...texts, pressure: NONE, "pressure-alarm": why };
}

/** The prediction holds for a line that stays closed: it is the board's, from how the pressure rises now. */
function alarm(d, pressed) {
  if (!pressed && d.force_is !== "good") return "not measured";
  if (!pressed) return PRESSURE[d.watch] ?? "not measured";
  const at = d.occlusion_mmhg ? `alarm at ${d.occlusion_mmhg}` : "";
  return isNumber(d.alarm_in_s) ? `${at}, in ${span(d.alarm_in_s)} if it rises on` : at;
}

/** Where the clamp cannot tell, a human must. */
function barrel(d, p) {
  if (!p?.programme) return isNumber(d.outer_mm) ? `${plain(d.outer_mm, 1)} mm outside` : "";
  return BARREL[d.barrel] ?? "confirm by eye";
}

function empty(d) {
  if (d.contents_ml === 0) return "end of travel";
  if (isNumber(d.empty_in_s)) return `for ${span(d.empty_in_s)}`;
  return d.near_empty ? "nearly empty" : "";
}

function charge(d) {
  return isNumber(d.charge_percent) ? `${fixed(d.charge_percent, 0)} %` : NONE;
}

function battery(d) {
  if (d.battery === "none") return "";
  if (isNumber(d.battery_min)) return `${span(d.battery_min * 60)} left`;
  return d.battery === "unknown" ? "not known" : "time left not known";
}

function tests(d) {
  if (d.failed?.length) return `Self-test failed: ${d.failed.join(", ")}.`;
  return d.untested?.length ? `Self-test still runs: ${d.untested.join(", ")}.` : "";
}
