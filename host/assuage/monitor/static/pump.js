// The pump card: what goes in, how fast, how much is in and left, and what happens when the link is lost.

import { interlockOf } from "./release.js";
import { NONE, ON_LOSS, STATE, cause, clock, fixed, isNumber, moving, noData, plain, span } from "./words.js";

export class Pump {
  constructor(find) {
    this.find = find;
    this.card = find("#pump");
  }

  show(picture) {
    const { live, age, data } = picture.pump;
    // What is pushed into a line that is not connected belongs to no programme.
    const p = live ? (data.state === "priming" ? { ...data, programme: 0, rate_ml_h: null } : data) : {};
    const set = (id, text) => {
      const e = this.find(id);
      if (e.textContent !== text) e.textContent = text;
    };
    this.card.dataset.live = live ? "yes" : "no";
    this.card.dataset.drug = drugKind(p.drug);
    this.card.dataset.programme = live && !p.programme ? "none" : "some";
    const pill = this.find("#pump-state");
    pill.dataset.state = live ? p.state : "unknown";
    set("#pump-word", live ? (STATE[p.state] ?? p.state) : "Unknown");
    const [name, strength] = label(data?.programme ? data.drug : "");
    set("#drug-name", name);
    set("#drug-strength", strength);
    set("#stop", picture.snapshot?.beside?.length ? "STOP BOTH" : stopWord(name, p));
    const tripped = live && interlockOf(picture)?.tripped; // which is told beside what is to be done about it
    set("#pump-sentence", tripped ? "" : live ? sentence(p) : data?.state === "unknown" ? data.sentence : lastKnown(data, age));
    const { dosed } = p; // what was prescribed is told as a dose, the pump's own beside it
    set("#pump-rate", dosed ? dosed.rate.value : plain(p.rate_ml_h, 2));
    set("#pump-unit", dosed ? dosed.rate.unit : "mL/h");
    set("#pump-set", isNumber(p.set_rate_ml_h) && p.programme ? setTo(p) : "");
    this.given(p, set);
    set("#pump-vtbi", p.programme ? unit(plain(p.vtbi_ml, 3), "mL") : NONE);
    set("#pump-loss", p.programme ? (ON_LOSS[p.on_loss] ?? NONE) : NONE);
    set("#by-steps", p.programme ? unit(fixed(p.delivered_ml, 3), "mL") : NONE);
    set("#by-encoder", p.programme ? unit(fixed(p.measured_ml, 3), "mL") : NONE);
    set("#pump-lease", moving(p.state) ? lease(p.lease_ms) : NONE);
    set("#pump-syringe", p.programme ? p.syringe || NONE : NONE);
    set("#pump-ends", moving(p.state) ? ends(picture.snapshot.time, p.left_s) : NONE);
    const guards = p.programme ? (p.terms?.guards ?? []) : [];
    for (const e of this.card.querySelectorAll(".guarded")) e.hidden = guards.length === 0;
    set("#pump-guards", guards.map((g) => `${g.label} ${g.limit} ${g.unit}`).join(", "));
    this.find("#pump-guards").title = guards.map((g) => g.sentence).join("\n");
    const agree = p.programme ? agrees(p.delivered_ml, p.measured_ml) : null;
    set("#encoder", agree === null ? NONE : agree ? "agrees" : "differs");
    this.find("#encoder").dataset.mark = agree === false ? "differs" : "";
  }

  given(p, set) {
    const share =
      p.programme && isNumber(p.delivered_ml) && p.vtbi_ml > 0 ? Math.min(1, p.delivered_ml / p.vtbi_ml) : null;
    const track = this.find("#given");
    track.firstElementChild.style.width = share === null ? "0" : `${(share * 100).toFixed(2)}%`;
    if (share === null) track.removeAttribute("aria-valuenow");
    else track.setAttribute("aria-valuenow", Math.round(share * 100));
    const drug = p.dosed ? ` · ${p.dosed.delivered.value} ${p.dosed.delivered.unit}` : "";
    set("#pump-delivered", p.programme ? `${unit(fixed(p.delivered_ml, 2), "mL")}${drug}` : NONE);
    const remaining = share === null ? NONE : unit(fixed(Math.max(0, p.vtbi_ml - p.delivered_ml), 2), "mL");
    set("#pump-left", share === null ? NONE : `${remaining}${isNumber(p.left_s) ? ` · ${span(p.left_s)}` : ""} left`);
  }
}

/** Whether the encoder tells the same volume as the steps: within 0.05 mL or 2 %, whichever is more. The board has
    its own, sharper rule for a fault; this only chooses a word beside the two numbers. null when one is missing. */
export function agrees(steps, encoder) {
  if (!isNumber(steps) || !isNumber(encoder)) return null;
  return Math.abs(steps - encoder) <= Math.max(0.05, 0.02 * Math.abs(steps));
}

/** The pump's own rate beside a dose; else what is set. A dose that is set otherwise than it flows is told, too. */
function setTo(p) {
  if (!p.dosed) return `set ${plain(p.set_rate_ml_h, 2)} mL/h`;
  const flows = p.rate_ml_h > 0;
  const { value, unit: name } = p.dosed.set;
  return flows ? `${plain(p.rate_ml_h, 2)} mL/h` : `set ${value} ${name}`;
}

/** A lease margin in words. */
export function lease(ms) {
  return isNumber(ms) ? `${(ms / 1000).toFixed(1)} s` : NONE;
}

/** When the volume is in at this rate: the time of day, with the day when it is not today. */
function ends(now, left) {
  if (!isNumber(left)) return NONE;
  const at = new Date(new Date(now).getTime() + left * 1000);
  const today = new Date(now).toDateString() === at.toDateString();
  return `${today ? "" : `${at.toLocaleDateString("en-GB", { weekday: "short" })} `}${clock(at)}`;
}

function unit(text, name) {
  return text === NONE ? NONE : `${text} ${name}`;
}

/** Colours are constant for a kind of drug; a label that names none has the plain ink. */
export function drugKind(label) {
  if (/ketamin/i.test(label ?? "")) return "ketamine";
  if (/morph|fentan|codone|piritramid|pethidin|methadon/i.test(label ?? "")) return "opioid";
  return "none";
}

/** A label in two parts, name and strength: "Ketamine racemic" and "10 mg/mL". */
export function label(drug) {
  const at = (drug ?? "").search(/\d/);
  return at > 0 ? [drug.slice(0, at).trim(), drug.slice(at)] : [drug || "Pump", ""];
}

/** STOP names the drug that it stops when the first word of the label is one and the pump has a programme. */
function stopWord(name, p) {
  const word = p.programme ? /^[\p{L}-]{3,12}$/u.exec(name.split(" ")[0])?.[0] : null;
  return `STOP ${(word && name !== "not known to this host" ? word : "pump").toUpperCase()}`;
}

/** The daemon's sentence, as far as the card does not say it otherwise: the pill has the state, and the box below a
    restart. */
function sentence(p) {
  if (p.state === "unconfirmed") return "";
  return [doses(p), cause(p) || (moving(p.state) ? "" : (p.sentence ?? ""))].filter(Boolean).join(" ");
}

/** What the patient has asked for and got; "" where no doses can be asked for, or nothing is given. */
export function doses(p) {
  if (p.terms?.mode !== "pca" || !["infusing", "bolus", "paused"].includes(p.state)) return "";
  const given = `${p.doses} ${p.doses === 1 ? "dose" : "doses"} of ${plain(p.terms.dose_ml)} mL`;
  const denied = p.denied > 0 ? `, ${p.denied} asked in vain` : "";
  const locked = p.lockout_s > 0 ? `next in ${span(p.lockout_s)}` : "next at once";
  const next = p.state === "bolus" ? "the last is being given" : locked;
  return `PCA: ${given}${denied}; ${next}.`;
}

/** What was last known, said as past. */
function lastKnown(p, age) {
  if (!p || !isNumber(age) || !p.state) return noData(age);
  const was = (STATE[p.state] ?? p.state).toLowerCase();
  const rate = moving(p.state) && p.rate_ml_h ? ` at ${plain(p.rate_ml_h, 2)} mL/h` : "";
  const given = p.programme && isNumber(p.delivered_ml) ? `, ${fixed(p.delivered_ml, 2)} mL delivered` : "";
  return `No data for ${span(age)}. Before that: ${p.drug ? `${p.drug}, ` : ""}${was}${rate}${given}.`;
}
