// The parts of an order's dialogue: its head with steps and name, what scrolls in it, and its foot.

import { alertLine, h } from "./dom.js";
import { mark } from "./fields.js";

/** p: the dialogue, whose parts they become. Its element. */
export function build(p) {
  const button = (text, does, kind = "quiet") => {
    const made = h("button", { type: "button", className: kind }, text);
    made.onclick = does;
    return made;
  };
  p.title = h("h2", { id: "order-title", tabIndex: -1 }, "Order");
  p.marks = h("ol", {}, ...["Enter", "Compare", "Start"].map((text) => h("li", {}, text)));
  p.refusal = h("p", { className: "refusal", role: "alert", hidden: true });
  p.nobody = h(
    "p",
    { className: "hint", hidden: true },
    "Nobody is admitted to this bed. Admit the patient at the head of the page; doses go by weight and age.",
  );
  p.state = h("p", { className: "state-of-order", role: "status" });
  p.submit = h("button", { type: "submit", className: "primary", id: "order-send" }, "Send to the board");
  p.submit.setAttribute("form", "order-form");
  p.form.element.id = "order-form";
  p.toBench = button("Bench order, not checked against a library", () => p.openBench());
  p.toBench.id = "bench-open";
  p.foot = h("div", { className: "foot" }, p.state, p.submit);
  p.table = comparison();
  p.alerts = h("div", { className: "alerts", hidden: true });
  p.second = h("input", { name: "second", maxLength: 40, autocomplete: "off" });
  p.secondLabel = h("label", { className: "second", hidden: true }, "Second person's name", p.second, alertLine());
  p.second.oninput = () => {
    mark(p.second, "");
    p.enable();
  };
  p.yes = button("They agree: confirm", () => p.confirm(), "primary");
  p.yes.id = "order-confirm";
  p.compareBox = h(
    "div",
    { className: "compare", hidden: true },
    h(
      "p",
      { className: "hint" },
      "The board has read back what it will do. Compare each line with what you asked for.",
    ),
    p.table,
    h("p", { className: "also" }),
    h("p", { className: "differs", role: "alert", hidden: true }),
    p.alerts,
  );
  p.foot2 = h(
    "div",
    { className: "foot", hidden: true },
    (p.two = h("p", { className: "two-people", role: "status", hidden: true })),
    p.secondLabel,
    p.yes,
    button("Change it", () => p.to("enter")),
  );
  p.what = h("p", { className: "big" });
  p.begun = button("START", () => p.start(), "primary start");
  p.begun.id = "order-start";
  p.readyBox = h(
    "div",
    { className: "ready", hidden: true },
    p.what,
    h("p", { className: "hint" }, "Confirmed. The pump stands still until START is pressed."),
    h("div", { className: "act end" }, p.begun),
  );
  return h(
    "section",
    {
      className: "programme order card",
      id: "order",
      role: "dialog",
      "aria-modal": "false",
      "aria-labelledby": "order-title",
      hidden: true,
    },
    h(
      "div",
      { className: "top" },
      p.title,
      p.marks,
      p.who.element,
      button("Close", () => p.close()),
    ),
    p.refusal,
    p.nobody,
    (p.body = h(
      "div",
      { className: "body" },
      p.form.element,
      p.compareBox,
      p.readyBox,
      h("div", { className: "bench" }, p.toBench),
    )),
    p.foot,
    p.foot2,
  );
}

function comparison() {
  const head = ["", "You asked", "The board will do"].map((text) =>
    h("th", { scope: "col" }, text ? text : h("span", { className: "sr" }, "Field")),
  );
  return h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}));
}
