// Inputs of a number with its unit, as quantities are typed: "70" and "kg" become "70 kg". Pure but for the elements.

import { alertLine, h } from "./dom.js";
import { number } from "./entry.js";
import { option } from "./fields.js";

export const DIGITS = 4; // after the point, as the daemon takes them

/** A label with a number and a choice of units. units: [] or [text]; none: what stands where no unit is chosen, null
    where the first one is. {label, input, unit, wrong}. */
export function quantity({ name, label, units, none = null }) {
  const input = h("input", { name, inputMode: "decimal", maxLength: 9, autocomplete: "off" });
  const unit = h("select", { name: `${name}-unit`, "aria-label": `${label}: unit` });
  offer(unit, units, none);
  const wrong = alertLine();
  const box = h("span", { className: "quantity" }, input, unit);
  return { label: h("label", {}, label, box, wrong), input, unit, wrong };
}

/** Units to choose from; the one that was chosen stays where it is still there. */
export function offer(select, units, none = null) {
  const kept = select.value;
  const made = units.map((unit) => option(unit, unit));
  if (none !== null) made.unshift(option("", none));
  if (kept && units.includes(kept) && same(select, units, none)) return;
  select.replaceChildren(...made);
  select.value = units.includes(kept) ? kept : none === null ? (units[0] ?? "") : "";
}

function same(select, units, none) {
  const now = [...select.options].map((one) => one.value).filter(Boolean);
  return now.join("|") === units.join("|") && (none !== null) === [...select.options].some((one) => one.value === "");
}

/** {text: "0.2 mg/kg/h", "" where nothing that can be used stands there; error: what is wrong with it as it is}. */
export function read(field, optional = false) {
  const typed = field.input.value.trim();
  if (typed === "") return { text: "", error: optional ? "" : "Enter a number." };
  const { value, error } = number(typed, DIGITS);
  if (error) return { text: "", error };
  if (!field.unit.value) return { text: "", error: "Choose the unit." };
  return { text: `${value} ${field.unit.value}`, error: "" };
}
