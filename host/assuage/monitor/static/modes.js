// What can be typed into an order, as data: each way of infusing with its fields, and the settings that all have. The
// keys are the daemon's. Pure.

import { number } from "./entry.js";

const rate = (name, label, more = {}) => ({ name, label, unit: "mL/h", check: (t) => number(t, 2), ...more });
const volume = (name, label, more = {}) => ({ name, label, unit: "mL", check: (t) => number(t, 3), ...more });
const minutes = (name, label, more = {}) => ({ name, label, unit: "min", check: (t) => number(t, 1), ...more });
const hours = (name, label, more = {}) => ({ name, label, unit: "h", check: (t) => number(t, 1), ...more });

/** Nothing typed, or 0, is an answer too: `empty` is what is sent then, undefined for nothing at all. */
const orNone = (field, empty) => ({
  ...field,
  optional: true,
  check: (t) => (t.trim() === "" || (t.trim() === "0" && empty === "0") ? { value: empty, error: "" } : field.check(t)),
});

const VTBI = volume("vtbi_ml", "Volume to be infused");
const DOSE = [volume("dose_ml", "Dose"), rate("dose_ml_h", "Given at")];

export const MODES = {
  continuous: { label: "Continuous", fields: [rate("rate_ml_h", "Rate"), VTBI] },
  loading: {
    label: "Loading dose, then continuous",
    fields: [volume("load_ml", "Loading dose"), rate("load_ml_h", "Given at"), rate("rate_ml_h", "Then at"), VTBI],
  },
  ramp: {
    label: "Ramp up, hold, taper",
    fields: [
      orNone(minutes("up_min", "Ramp up from nothing in"), "0"),
      orNone(minutes("down_min", "Taper to nothing in"), "0"),
      rate("rate_ml_h", "Rate between"),
      VTBI,
    ],
  },
  steps: { label: "Steps", fields: [] },
  intermittent: {
    label: "Intermittent doses",
    fields: [
      ...DOSE,
      minutes("every_min", "Every"),
      orNone(rate("rate_ml_h", "Between doses, 0 for nothing"), "0"),
      VTBI,
    ],
  },
  pca: {
    label: "PCA, doses on demand",
    fields: [
      ...DOSE,
      minutes("lockout_min", "Lockout from dose to dose"),
      orNone(rate("rate_ml_h", "Basal rate, 0 for none"), "0"),
      volume("hour_ml", "At most in one hour"),
      volume("four_hours_ml", "At most in four hours"),
      VTBI,
      hours("for_h", "Ends after"),
    ],
  },
};

const LEVELS = [50, 100, 150, 200, 300, 400, 500, 600, 750, 900];

/** Settings of every order. Nothing typed leaves them as the daemon has them, which its read-back tells. */
export const MORE = [
  {
    name: "occlusion_mmhg",
    label: "Occlusion alarm at",
    choices: LEVELS.map((mmhg) => [mmhg === 300 ? "" : String(mmhg), `${mmhg} mmHg${mmhg === 300 ? " (usual)" : ""}`]),
  },
  { name: "on_end", label: "After the whole volume", choices: [["", "Stop"], ["kvo", "Keep the vein open"]] },
  orNone(volume("contents_ml", "The syringe holds (if not full)")),
  {
    ...orNone(minutes("near_empty_min", "Near-empty warning before")),
    check: (t) => (["", "0"].includes(t.trim()) ? { value: t.trim() || undefined, error: "" } : number(t, 1)),
  },
  orNone(rate("kvo_ml_h", "Keep-vein-open rate")),
  orNone(rate("highest_ml_h", "May be changed up to")),
  orNone(volume("bolus_ml", "Largest bolus while it runs")),
  orNone(hours("for_h", "Ends after at the latest")),
];

/** What the daemon calls a field, and the input that it speaks of; others have the same name. */
const INPUT = {
  rate: "rate_ml_h", VTBI: "vtbi_ml", "loading dose": "load_ml", "loading rate": "load_ml_h", "ramp up": "up_min",
  taper: "down_min", dose: "dose_ml", "dose rate": "dose_ml_h", interval: "every_min", "rate between": "rate_ml_h",
  "basal rate": "rate_ml_h", lockout: "lockout_min", "one-hour limit": "hour_ml", "four-hour limit": "four_hours_ml",
  kvo: "kvo_ml_h", "keep-vein-open rate": "kvo_ml_h", "highest rate": "highest_ml_h", "largest bolus": "bolus_ml",
  "near-empty warning": "near_empty_min", contents: "contents_ml",
};

export const inputOf = (field) => INPUT[field] ?? field;

/** The settings that this mode has not among its own fields. */
export const moreOf = (mode) => MORE.filter(({ name }) => !MODES[mode].fields.some((field) => field.name === name));
