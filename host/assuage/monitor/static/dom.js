// Elements in one line: h("label", { className: "wide" }, "Rate", input). Attributes with a dash or a known name are
// set as attributes, all else as properties; nothing becomes HTML from a text.

const ATTRIBUTES = /^(role|for|list|aria-.*|data-.*)$/;

export function h(tag, props = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (ATTRIBUTES.test(name)) e.setAttribute(name, value);
    else e[name] = value;
  }
  e.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return e;
}

/** Sets a text only where it is another one, so that nothing is spoken again. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export const alertLine = () => h("small", { role: "alert" });
