// Elements made in code, for parts whose form comes from the daemon's data.

/** An element. Names with a dash, and role, become attributes; all others are set as properties. */
export function make(tag, props = {}, ...children) {
  return filled(document.createElement(tag), props, children);
}

const SVG = "http://www.w3.org/2000/svg";

/** The same of a drawing, where everything is an attribute. */
export function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function filled(element, props, children) {
  for (const [name, value] of Object.entries(props))
    if (name === "role" || name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Sets a text only where it differs, so that a screen reader is not told again. */
export function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
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
