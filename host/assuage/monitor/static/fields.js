// Inputs made from their description in modes.js, what is said beside them, and the rows of a course in steps.

const STEPS_MOST = 16;

/** A label with its input, and the place for what is wrong with it. */
export function labelled(field) {
  const label = document.createElement("label");
  const wrong = Object.assign(document.createElement("small"), { id: `${field.name}-wrong` });
  wrong.setAttribute("role", "alert");
  label.append(field.label);
  if (field.choices) {
    const select = Object.assign(document.createElement("select"), { name: field.name });
    select.append(...field.choices.map(([value, text]) => option(value, text)));
    select.value = ""; // what is usual, wherever it stands among the others
    label.append(select);
  } else {
    const unit = Object.assign(document.createElement("span"), { className: "unit" });
    const input = document.createElement("input");
    Object.assign(input, { name: field.name, inputMode: "decimal", maxLength: 9 });
    input.setAttribute("aria-describedby", wrong.id);
    unit.append(input, Object.assign(document.createElement("i"), { textContent: field.unit }));
    label.append(unit);
  }
  label.append(wrong);
  return label;
}

export function option(value, text) {
  return Object.assign(document.createElement("option"), { value, textContent: text });
}

/** Fills a box with these fields; what was typed under the same name stays. */
export function fill(box, fields) {
  const kept = Object.fromEntries([...box.querySelectorAll("[name]")].map((input) => [input.name, input.value]));
  box.replaceChildren(...fields.map(labelled));
  for (const input of box.querySelectorAll("[name]")) if (kept[input.name]) input.value = kept[input.name];
}

/** The rows of a course in steps; two to begin with. */
export class Steps {
  constructor(box) {
    this.rows = [];
    this.list = document.createElement("div");
    this.list.className = "steps";
    const add = Object.assign(document.createElement("button"), { type: "button", className: "quiet", id: "step-add" });
    add.textContent = "Add a step";
    add.onclick = () => this.add().querySelector("input").focus();
    box.replaceChildren(this.list, add);
    this.button = add;
    this.add();
    this.add();
  }

  add() {
    const number = this.rows.length + 1;
    const row = document.createElement("div");
    row.className = "fields inner";
    row.append(
      labelled({ name: `step-${number}-rate`, label: `Step ${number}: rate`, unit: "mL/h" }),
      labelled({ name: `step-${number}-ml`, label: "for", unit: "mL" }),
    );
    this.rows.push(row);
    this.list.append(row);
    this.button.hidden = this.rows.length >= STEPS_MOST;
    return row;
  }

  /** [[input of the rate, input of the volume]] of each row in which something stands; the first one always. */
  inputs() {
    return this.rows
      .map((row) => [...row.querySelectorAll("input")])
      .filter((pair, i) => i === 0 || pair.some((input) => input.value.trim() !== ""));
  }
}

/** Says beside an input, and to whoever cannot see it, what is wrong with it; "" takes that back. */
export function mark(input, error) {
  const place = input?.closest("label")?.querySelector("small[role=alert]");
  if (!place) return;
  if (error) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  place.textContent = error;
}

/** A sentence in a box that is there only with one. */
export function tell(box, sentence) {
  box.hidden = !sentence;
  box.textContent = sentence;
}
