// The rows of a comparison as a table's; and what is said when they are not the same.

const DIFFERS = "The board did not read back what was asked. Do not use this: change it and send it again.";

/** lines: as readback.js makes them. Fills table, also and differs. */
export function compareInto(box, { lines, also, same }) {
  box.querySelector("tbody").replaceChildren(...lines.map(row));
  box.querySelector(".also").textContent = also;
  const differs = box.querySelector(".differs");
  differs.hidden = same;
  differs.textContent = same ? "" : DIFFERS;
}

function row({ name, asked, read, note, same, long = false }) {
  const tr = document.createElement("tr");
  tr.dataset.same = same ? "yes" : "no";
  if (long) tr.dataset.long = "yes";
  const th = document.createElement("th");
  th.scope = "row";
  th.textContent = name;
  const a = document.createElement("td");
  a.textContent = asked;
  const b = document.createElement("td");
  b.textContent = read;
  const more = same ? note : `differs${note ? ` · ${note}` : ""}`;
  if (more) b.append(Object.assign(document.createElement("em"), { textContent: more }));
  tr.append(th, a, b);
  return tr;
}
