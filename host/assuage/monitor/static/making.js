// Parts whose form comes from the daemon's data: drawings, and marks of where a number comes from. Elements: dom.js.

export { h as make, say as set } from "./dom.js";

import { h as make } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";

/** The same of a drawing, where everything is an attribute. */
export function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A mark behind what has a source, which is told when it is pressed. */
export function sourced({ source, verified }) {
  const told = make("small", { className: "told", hidden: true, textContent: said({ source, verified }) });
  const mark = make("button", {
    type: "button",
    className: "mark",
    textContent: verified ? "source" : "unverified",
    "aria-expanded": "false",
    "data-verified": verified ? "yes" : "no",
  });
  mark.onclick = () => {
    told.hidden = !told.hidden;
    mark.setAttribute("aria-expanded", String(!told.hidden));
  };
  return [mark, told];
}

/** Where a number or a rule comes from. Pure. */
export function said({ source, verified }) {
  return `${verified ? "Source" : "Unverified, to be set by the hospital. Source"}: ${source}.`;
}
