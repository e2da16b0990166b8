// The order and the board's read-back, line by line. Pure. A line is the same only when the read-back, as a number,
// is what was asked, to the board's own resolution (1 nL/min is 0.00006 mL/h); nothing is made equal by rounding it
// for the screen.

import { NONE, ON_LOSS, fixed, isNumber, plain, span } from "./words.js";

const RATE = 0.00004; // mL/h, more than half a nL/min
const VOLUME = 0.0000006; // mL, more than half a nL

/** r: the read-back, in a person's units. asked: the order as it was entered, or null when it is not known any more.
    {lines: [{name, asked, read, note, same}], also, same}. */
export function rows(r, asked) {
  const a = asked ?? {};
  const lines = [
    { name: "Drug", asked: a.drug ?? NONE, read: r.drug, note: "known to the daemon only", same: a.drug === r.drug },
    { name: "Rate", asked: unit(a.rate_ml_h, "mL/h"), ...rate(a.rate_ml_h, r.rate_ml_h) },
    {
      name: "VTBI",
      asked: unit(a.vtbi_ml, "mL"),
      read: unit(r.vtbi_ml, "mL"),
      note: "",
      same: near(a.vtbi_ml, r.vtbi_ml, VOLUME),
    },
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

function near(asked, read, within) {
  return (
    asked !== undefined && asked !== null && asked !== "" && isNumber(read) && Math.abs(Number(asked) - read) <= within
  );
}

/** The board keeps whole nL/min: 1.4 mL/h becomes 1.39998. That is the same; anything further off is shown with all
    its digits. */
function rate(asked, read) {
  const same = near(asked, read, RATE);
  return { read: `${plain(read, same ? 2 : 5)} mL/h`, note: "", same };
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
