// Comfort only: everything is on the page without it. A filter of rows, and folded parts that open when a link leads in.
"use strict";

const field = document.createElement("input");
field.type = "search";
field.placeholder = "Filter tables: a requirement, a fault, a test";
field.setAttribute("aria-label", field.placeholder);
field.addEventListener("input", () => {
  const wanted = field.value.trim().toLowerCase();
  document.body.classList.toggle("filtering", wanted !== "");
  for (const row of document.querySelectorAll("tbody tr")) {
    if (row.closest("table").classList.contains("matrix")) continue; // its cells span rows
    row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted);
  }
  for (const folded of document.querySelectorAll("main details")) {
    if (wanted !== "") folded.open = folded.querySelector("tbody tr:not([hidden])") !== null;
  }
});
document.querySelector("nav").append(field);

function open() {
  let at = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
}
addEventListener("hashchange", open);
open();
