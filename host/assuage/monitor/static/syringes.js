// What is to be known of a syringe before it is chosen. Pure.

import { isNumber, plain } from "./words.js";

/** s: {name, bore_mm, measured, source, outer_mm, alike: [name]} or undefined. */
export function about(s) {
  if (!s) return "";
  const bore = isNumber(s.bore_mm) ? `Bore ${plain(s.bore_mm, 3)} mm, ` : "";
  return `${bore}${s.measured ? `measured here: ${s.source}` : "from a table"}. ${identity(s)}`.trim();
}

function identity(s) {
  if (!isNumber(s.outer_mm)) return "Confirm make and size by eye: the pump cannot.";
  if (s.alike?.length) return `Confirm by eye: to the pump it looks like ${s.alike.join(", ")}.`;
  return "";
}
