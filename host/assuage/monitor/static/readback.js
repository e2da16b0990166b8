// The order and the board's read-back, line by line. Pure. A line is the same only when the whole number that the board
// works with is the one that the order comes to (nL/min for a rate, nL for a volume); nothing is made equal by rounding
// it for the screen.

import { NONE, ON_LOSS, fixed, isNumber, plain, span } from "./words.js";

const NL_MIN = { per: 1e6 / 60, name: "mL/h", raw: "nL/min" };
const NL = { per: 1e6, name: "mL", raw: "nL" };

/** r: the read-back, in a person's units. asked: the order as it was entered, or null when it is not known any more.
    {lines: [{name, asked, read, note, same}], also, same}. */
export function rows(r, asked) {
  const a = asked ?? {};
  const lines = [
    { name: "Drug", asked: a.drug ?? NONE, read: r.drug, note: "known to the daemon only", same: a.drug === r.drug },
    { name: "Rate", asked: unit(a.rate_ml_h, "mL/h"), ...whole(a.rate_ml_h, r.rate_nl_min, NL_MIN, 2) },
    { name: "VTBI", asked: unit(a.vtbi_ml, "mL"), ...whole(a.vtbi_ml, r.vtbi_nl, NL, 3) },
    { name: "Syringe", asked: a.syringe ?? NONE, read: r.syringe, note: bore(r), same: a.syringe === r.syringe },
    {
      name: "Lost link",
      asked: ON_LOSS[a.on_loss] ?? NONE,
      read: ON_LOSS[r.on_loss] ?? r.on_loss,
      note: policyNote(r),
      same: a.on_loss === r.on_loss,
    },
  ];
  return { lines, also: also(r), same: lines.every((line) => line.same) };
}

/** The board's whole number beside what was asked: nL/min are 0.00006 mL/h each, so 1.4 mL/h becomes 23333 of them,
    which is the nearest and thus the same. Anything else is shown with all its digits. digits: those of an order. */
function whole(asked, read, { per, name, raw }, digits) {
  const given = asked !== undefined && asked !== null && asked !== "" && Number.isInteger(read);
  const same = given && Math.abs(Number(asked) * per - read) < 0.5 - 1e-6;
  const value = isNumber(read) ? `${plain(read / per, same ? digits : 6)} ${name}` : NONE;
  return { read: value, note: isNumber(read) ? `${read.toLocaleString("en-GB").replaceAll(",", "\u202f")} ${raw}` : "", same };
}

function unit(value, name) {
  const number = typeof value === "string" ? Number(value) : value;
  return isNumber(number) ? `${plain(number, 5)} ${name}` : NONE;
}

function bore(r) {
  return isNumber(r.bore_mm)
    ? `bore ${fixed(r.bore_mm, 2)} mm${isNumber(r.nl_per_rev) ? `, ${fixed(r.nl_per_rev / 1e6, 4)} mL a turn` : ""}`
    : "";
}

function policyNote(r) {
  const after = isNumber(r.lease_ms) ? `after ${plain(r.lease_ms / 1000, 1)} s without the daemon` : "";
  return r.on_loss === "kvo" && isNumber(r.kvo_ml_h) ? `${after}, then ${plain(r.kvo_ml_h, 2)} mL/h` : after;
}

function also(r) {
  const parts = [];
  if (isNumber(r.finish_s)) parts.push(`Takes ${span(r.finish_s)}`);
  if (isNumber(r.duration_s)) parts.push(`ends after ${span(r.duration_s)} at the latest`);
  return parts.length ? `${parts.join("; ")}.` : "";
}
