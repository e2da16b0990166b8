// The order and the board's read-back, line by line. Pure. A line is the same only when the whole number that the board
// works with is the one that the order comes to (nL/min for a rate, nL for a volume, s for a time); nothing is made
// equal by rounding it for the screen.

import { MODES } from "./modes.js";
import { NONE, ON_LOSS, fixed, isNumber, plain, span } from "./words.js";

const NL_MIN = { per: 1e6 / 60, name: "mL/h", raw: "nL/min", digits: 2 };
const NL = { per: 1e6, name: "mL", raw: "nL", digits: 3 };
const MINUTES = { per: 60, name: "min", raw: "s", digits: 1 };
const HOURS = { per: 3600, name: "h", raw: "s", digits: 1 };
const MMHG = { per: 1, name: "mmHg", raw: "", digits: 0 };

/** r: the read-back, in a person's units. asked: the order as it was entered, or null when it is not known any more.
    {lines: [{name, asked, read, note, same}], also, same}. */
export function rows(r, asked) {
  const a = asked ?? {};
  const mode = a.mode ?? "continuous";
  const lines = [];
  const known = "known to the daemon only";
  lines.push({ name: "Drug", asked: a.drug ?? NONE, read: r.drug, note: known, same: a.drug === r.drug });
  if (mode !== (r.mode ?? "continuous")) lines.push({ name: "Mode", asked: mode, read: r.mode, note: "", same: false });
  lines.push(
    ...(COURSE[mode] ?? (() => [unknown(mode)]))(a, r),
    { name: "Syringe", asked: a.syringe ?? NONE, read: r.syringe, note: bore(r), same: a.syringe === r.syringe },
    {
      name: "Lost link",
      asked: ON_LOSS[a.on_loss] ?? NONE,
      read: ON_LOSS[r.on_loss] ?? r.on_loss,
      note: policyNote(r),
      same: a.on_loss === r.on_loss,
    },
    ...settings(a, r, mode),
    ...guards(a, r),
  );
  return { lines, also: also(r, mode), same: lines.every((line) => line.same) };
}

const line = (name, asked, read, kind) => ({ name, asked: unit(asked, kind.name), ...whole(asked, read, kind) });
const unknown = (mode) => ({ name: "Mode", asked: String(mode), read: NONE, note: "", same: false });

const COURSE = {
  continuous: (a, r) => [
    line("Rate", a.rate_ml_h, r.rate_nl_min, NL_MIN),
    line("VTBI", a.vtbi_ml, r.vtbi_nl, NL),
    ...none(r),
  ],
  loading: (a, r) => {
    const [load, rest, ...more] = r.legs ?? [];
    return [
      line("Loading", a.load_ml, flat(load)?.volume_nl, NL),
      line("Given at", a.load_ml_h, flat(load)?.begin_nl_min, NL_MIN),
      line("Then at", a.rate_ml_h, flat(rest)?.begin_nl_min, NL_MIN),
      line("VTBI", a.vtbi_ml, rest?.volume_nl === 0 && !more.length && r.loop === null ? r.vtbi_nl : null, NL),
    ];
  },
  ramp: (a, r) => {
    const legs = [...(r.legs ?? [])];
    const up = legs[0]?.begin_nl_min === 0 ? legs.shift() : null;
    const down = legs.at(-1)?.end_nl_min === 0 ? legs.pop() : null;
    const hold = legs.length === 1 ? flat(legs[0]) : null;
    const meets = (!up || up.end_nl_min === hold?.begin_nl_min) && (!down || down.begin_nl_min === hold?.begin_nl_min);
    return [
      line("Ramp up", a.up_min, up?.seconds ?? 0, MINUTES),
      line("Rate", a.rate_ml_h, meets ? hold?.begin_nl_min : null, NL_MIN),
      line("Taper", a.down_min, down?.seconds ?? 0, MINUTES),
      line("VTBI", a.vtbi_ml, r.loop === null ? r.vtbi_nl : null, NL),
    ];
  },
  steps: (a, r) => {
    const asked = a.steps ?? [];
    const count = Math.max(asked.length, r.legs?.length ?? 0);
    return Array.from({ length: count }, (_, i) => {
      const leg = flat(r.legs?.[i]);
      const rate = line("", asked[i]?.rate_ml_h, leg?.begin_nl_min, NL_MIN);
      const ml = line("", asked[i]?.ml, leg?.volume_nl, NL);
      const both = (key) => `${rate[key]}, ${ml[key]}`;
      const same = rate.same && ml.same && r.loop === null;
      return { name: `Step ${i + 1}`, asked: both("asked"), read: both("read"), note: both("note"), same };
    });
  },
  intermittent: (a, r) => {
    const [dose, rest, ...more] = r.legs ?? [];
    const takes = flat(dose) ? Math.ceil((dose.volume_nl * 60) / dose.begin_nl_min) : null;
    const pause = Number(a.every_min) * 60 - takes;
    const between = rest?.begin_nl_min;
    // with a flow between, the board has its volume: that of this flow in the rest of the interval
    const left = Math.round(pause);
    const kept = between ? rest.volume_nl === Math.floor((between * left) / 60) : rest?.seconds === left;
    const every = kept && r.loop === 0 && !more.length ? Number(a.every_min) * 60 : null;
    return [
      line("Dose", a.dose_ml, flat(dose)?.volume_nl, NL),
      line("Given at", a.dose_ml_h, flat(dose)?.begin_nl_min, NL_MIN),
      line("Every", a.every_min, every, MINUTES),
      line("Between", a.rate_ml_h, rest?.begin_nl_min === rest?.end_nl_min ? between : null, NL_MIN),
      line("VTBI", a.vtbi_ml, r.vtbi_nl, NL),
    ];
  },
  pca: (a, r) => [
    line("Dose", a.dose_ml, r.dose_nl, NL),
    line("Given at", a.dose_ml_h, r.dose_rate_nl_min, NL_MIN),
    line("Lockout", a.lockout_min, r.lockout_s, MINUTES),
    line("Basal", a.rate_ml_h, r.rate_nl_min, NL_MIN),
    line("In 1 h", a.hour_ml, r.hour_nl, NL),
    line("In 4 h", a.four_hours_ml, r.four_hours_nl, NL),
    line("VTBI", a.vtbi_ml, r.vtbi_nl, NL),
    line("Ends after", a.for_h, r.duration_s, HOURS),
  ],
};

/** One flow has neither legs nor doses: should there be any, they are shown as what was not asked. */
function none(r) {
  const extra = (r.legs?.length ?? 0) > 0 || r.dose_nl > 0;
  return extra ? [{ name: "Beside", asked: "nothing", read: "legs or doses", note: "", same: false }] : [];
}

/** A leg of one flow; nothing else is one. */
function flat(leg) {
  return leg && leg.begin_nl_min === leg.end_nl_min && leg.seconds === 0 ? leg : null;
}

/** What was typed beside the course. What was not is the daemon's, and stands below the table. */
function settings(a, r, mode) {
  const lines = [];
  const add = (key, ...rest) => a[key] !== undefined && a[key] !== "" && lines.push(line(...rest));
  add("occlusion_mmhg", "Occlusion", a.occlusion_mmhg, r.occlusion_mmhg, MMHG);
  add("contents_ml", "Holds", a.contents_ml, r.contents_nl, NL);
  add("near_empty_min", "Near-empty", a.near_empty_min, r.near_empty_s, MINUTES);
  add("kvo_ml_h", "KVO", a.kvo_ml_h, r.kvo_nl_min, NL_MIN);
  if (Number(a.highest_ml_h) * NL_MIN.per >= r.limit_rate_nl_min - 1)
    add("highest_ml_h", "Up to", a.highest_ml_h, r.limit_rate_nl_min, NL_MIN);
  else add("highest_ml_h", "Up to", a.highest_ml_h, r.most_nl_min, NL_MIN); // the board's one limit is that of doses
  add("bolus_ml", "Bolus up to", a.bolus_ml, r.bolus_nl, NL);
  if (mode !== "pca") add("for_h", "Ends after", a.for_h, r.duration_s, HOURS);
  const end = { stop: "stops", kvo: "keeps the vein open" };
  if (a.on_end || (r.on_end ?? "stop") !== "stop") {
    const asked = a.on_end || "stop";
    const read = end[r.on_end] ?? r.on_end;
    lines.push({ name: "At the end", asked: end[asked], read, note: "", same: asked === r.on_end });
  }
  return lines;
}

/** The rows of the interlock: what was asked for in words, and what the board that looks at them holds. */
function guards(a, r) {
  const held = r.guards ?? [];
  const wanted = a.guards ? (a.guards.rows ?? held.map(({ name }) => name)) : [];
  const typed = a.guards?.limits ?? {};
  const missing = wanted.filter((name) => !held.some((g) => g.name === name));
  return [
    ...held.map((g, i) => {
      const limit = typed[g.name] === undefined || Number(typed[g.name]) === Number(g.limit);
      const same = wanted.includes(g.name) && limit && g.asked === g.sentence;
      return { name: `Guard ${i + 1}`, asked: g.asked, read: g.sentence, note: "", same, long: true };
    }),
    ...missing.map((name) => ({ name: "Guard", asked: name, read: NONE, note: "", same: false, long: true })),
  ];
}

/** A change to what runs, or the filling of a line: {lines, also, same} likewise. */
export function changeRows(r, asked) {
  const lines =
    r.change === "bolus"
      ? [line("Bolus", asked.ml, r.volume_nl, NL), line("Given at", asked.ml_h, r.rate_nl_min, NL_MIN)]
      : [line("New rate", asked.rate_ml_h, r.rate_nl_min, NL_MIN)];
  const takes = r.change === "bolus" ? "Takes" : "What is left takes";
  return { lines, also: isNumber(r.seconds) ? `${takes} ${span(r.seconds)}.` : "", same: lines.every((l) => l.same) };
}

export function fillingRows(r, asked) {
  const lines = [
    { name: "Syringe", asked: asked.syringe, read: r.syringe, note: bore(r), same: asked.syringe === r.syringe },
    line("Volume", asked.ml, r.volume_nl, NL),
    line("Rate", asked.rate_ml_h, r.rate_nl_min, NL_MIN),
  ];
  return { lines, also: isNumber(r.seconds) ? `Takes ${span(r.seconds)}.` : "", same: lines.every((l) => l.same) };
}

/** The board's whole number beside what was asked: nL/min are 0.00006 mL/h each, so 1.4 mL/h becomes 23333 of them,
    which is the nearest and thus the same. Anything else is shown with all its digits. digits: those of an order. */
function whole(asked, read, { per, name, raw, digits }) {
  const given = asked !== undefined && asked !== null && asked !== "" && Number.isInteger(read);
  const same = given && Math.abs(Number(asked) * per - read) < 0.5 - 1e-6;
  const value = isNumber(read) ? `${plain(read / per, same ? digits : 6)} ${name}` : NONE;
  const note = isNumber(read) && raw ? `${read.toLocaleString("en-GB").replaceAll(",", "\u202f")} ${raw}` : "";
  return { read: value, note, same };
}

function unit(value, name) {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return isNumber(number) ? `${plain(number, 5)} ${name}` : NONE;
}

function bore(r) {
  if (!isNumber(r.bore_mm)) return "";
  const turn = isNumber(r.nl_per_rev) ? `, ${fixed(r.nl_per_rev / 1e6, 4)} mL a turn` : "";
  const eye = r.identified === false ? "; confirm make and size by eye" : "";
  return `bore ${fixed(r.bore_mm, 2)} mm${r.measured ? ", measured" : ""}${turn}${eye}`;
}

function policyNote(r) {
  const after = isNumber(r.lease_ms) ? `after ${plain(r.lease_ms / 1000, 1)} s without the daemon` : "";
  return r.on_loss === "kvo" && isNumber(r.kvo_ml_h) ? `${after}, then ${plain(r.kvo_ml_h, 2)} mL/h` : after;
}

function also(r, mode) {
  const parts = [];
  if (mode !== "continuous") parts.push(MODES[mode]?.label ?? mode);
  if (isNumber(r.finish_s) && mode !== "pca") parts.push(`Takes ${span(r.finish_s)}`);
  if (isNumber(r.duration_s)) parts.push(`ends after ${span(r.duration_s)} at the latest`);
  if (isNumber(r.occlusion_mmhg)) parts.push(`occlusion alarm at ${r.occlusion_mmhg} mmHg`);
  if (isNumber(r.contents_ml)) parts.push(`syringe holds ${plain(r.contents_ml)} mL`);
  parts.push(r.guards?.length ? `guarded by ${r.guardian ? "the other board" : "this board"}` : "not guarded");
  if (r.near_empty_s > 0) parts.push(`warns ${span(r.near_empty_s)} before it is empty`);
  const made = parts.length ? `${parts.join("; ")}.` : "";
  return [made, r.unchecked].filter(Boolean).join(" ");
}
