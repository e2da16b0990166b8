// What a clinician can order, as data: each mode with its fields, and what of a form goes to the daemon. The keys are
// those of assuage.pharmacy.prescription, of a target those of assuage.bedside.target. Pure.

const rate = (key, label, of = "rate", more = {}) => ({ key, label, of, ...more });
const dose = (key, label, of = "dose", more = {}) => ({ key, label, of, ...more });
const time = (key, label, more = {}) => ({ key, label, units: ["min", "h"], ...more });
const volume = (key, label, more = {}) => ({ key, label, units: ["mL"], ...more });
const OPTIONAL = { optional: true };
const LONG = { units: ["h", "min"] };

/** of: which of the library's units and limits are the field's. units: where they are always the same. */
export const MODES = {
  continuous: {
    label: "Continuous",
    fields: [rate("rate", "Rate"), time("length", "For a time, or a volume", { units: ["h", "min", "mL"] })],
  },
  loading: {
    label: "Loading dose, then continuous",
    fields: [
      dose("dose", "Loading dose"),
      time("over", "Given over"),
      rate("rate", "Then at"),
      time("duration", "For", LONG),
    ],
  },
  bolus: { label: "Bolus", fields: [dose("dose", "Dose"), time("over", "Given over")] },
  pca: {
    label: "PCA",
    fields: [
      dose("dose", "Demand dose", "demand"),
      time("over", "Given over"),
      time("lockout", "Lockout"),
      rate("rate", "Basal rate", "basal", OPTIONAL),
      dose("hour", "At most in one hour", "demand"),
      dose("four_hours", "At most in four hours", "demand"),
      volume("volume", "Volume in all"),
      time("duration", "Ends after", LONG),
    ],
  },
  ramp: {
    label: "Ramp up, hold, taper",
    fields: [
      rate("rate", "Rate between"),
      time("up", "Ramp up in", OPTIONAL),
      time("down", "Taper in", OPTIONAL),
      time("duration", "In all", LONG),
    ],
  },
  steps: { label: "Steps", fields: [] },
  target: {
    label: "Target (TCI)",
    fields: [
      { key: "target", label: "Target", units: ["ng/mL", "mcg/mL"] },
      rate("rate", "Highest rate"),
      rate("loading", "Highest while loading", "rate", OPTIONAL),
      volume("volume", "Volume in all"),
      time("duration", "Ends after", LONG),
    ],
  },
};

/** What may be changed while it runs; not of a bolus or a target. */
export const LATER = [
  rate("highest", "May be changed up to", "rate", OPTIONAL),
  dose("extra", "Largest bolus while it runs", "dose", OPTIONAL),
];
export const laterOf = (mode) => (["continuous", "pca"].includes(mode) ? LATER : []);

/** Which field a finding's or a wrong input's name speaks of; others have the same name. */
const FIELD = {
  "demand dose": "dose",
  "time of the dose": "over",
  "basal rate": "rate",
  "highest rate": "highest",
  "largest bolus": "extra",
  "one-hour limit": "hour",
  "four-hour limit": "four_hours",
  "ramp up": "up",
  taper: "down",
  "concentration on the label": "label_concentration",
  label: "label_concentration",
  substance: "label_drug",
  volume: "length",
  VTBI: "length",
  "keep-vein-open rate": "kvo_ml_h",
  "near-empty warning": "near_empty_min",
  contents: "contents_ml",
  "total in one hour": "together",
  "total in four hours": "together",
  "total in a day": "together",
  weight: "patient",
  age: "patient",
  "charted weight": "patient",
  unchecked: "together",
  "other ketamine": "together",
  "not in the library": "together",
};

export function fieldOf(code, mode) {
  const name = code.split(":")[0];
  const step = /^rate of step (\d+)$/.exec(name);
  if (step) return `step-${step[1]}`;
  if (name === "duration" && mode === "continuous") return "length";
  return name === "volume" && mode !== "continuous" ? "volume" : (FIELD[name] ?? name);
}

/** The prescription of what has been typed; what is missing is left out. typed: {key: text}, steps: [{rate, duration}]. */
export function prescription(typed) {
  const { length, steps, loading, target, model, site, ...rest } = typed;
  const made = Object.fromEntries(Object.entries(rest).filter(([, value]) => value));
  if (length) made[length.endsWith("mL") ? "volume" : "duration"] = length;
  if (typed.mode === "steps") made.steps = steps ?? [];
  if (typed.mode === "target") {
    made.mode = "continuous"; // by which limits it is checked
    made.highest = loading || typed.rate || "";
    delete made.duration; // of such an order the volume says how much
  }
  return made;
}

/** The same as an order of a target. patient: as the snapshot has it. overrides: [{finding, reason}]. */
export function targeted(typed, patient, pump, overrides) {
  const { mode, steps, ...rest } = typed;
  const made = Object.fromEntries(Object.entries({ ...rest, ...pump }).filter(([, value]) => value));
  for (const name of ["weight", "age", "height"]) if (patient?.[name]) made[name] = patient[name];
  return { ...made, overrides };
}
