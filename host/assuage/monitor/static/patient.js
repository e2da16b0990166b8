// Who is in the bed: in the head of the page, and in a dialogue in which a patient is admitted, weighed anew and
// discharged. It lies over the waves and is not modal. What runs goes on by the weight that it was ordered for; should
// the chart have another one, the bar says so.

import { alertLine, h, say } from "./dom.js";
import { mark, option, tell } from "./fields.js";
import { checks, formulary } from "./formulary.js";
import { post } from "./orders.js";
import { quantity, read } from "./typed.js";
import { NO_NAME, WhoField } from "./who.js";

const SEX = [
  ["", "Not said"],
  ["female", "Female"],
  ["male", "Male"],
  ["other", "Other"],
];

export class PatientPanel {
  constructor(find) {
    this.busy = false;
    this.who = new WhoField();
    this.opener = h(
      "button",
      { type: "button", id: "patient-open", hidden: true, "aria-haspopup": "dialog", "aria-controls": "patient" },
      (this.name = h("b", {}, "No patient")),
      (this.about = h("span", {}, "Admit")),
    );
    find(".id").append(this.opener);
    this.panel = this.made();
    find("main").append(this.panel);
    this.opener.onclick = () => this.open();
    this.panel.onkeydown = (event) => {
      if (event.key === "Escape") this.close();
    };
  }

  made() {
    const close = h("button", { type: "button", className: "quiet" }, "Close");
    close.onclick = () => this.close();
    this.title = h("h2", { id: "patient-title", tabIndex: -1 }, "Patient");
    this.refusal = h("p", { className: "refusal", role: "alert", hidden: true });
    this.facts = h("dl", { className: "facts" });
    return h(
      "section",
      {
        className: "programme patient card",
        id: "patient",
        role: "dialog",
        "aria-modal": "false",
        "aria-labelledby": "patient-title",
        hidden: true,
      },
      h("div", { className: "top" }, this.title, this.who.element, close),
      this.refusal,
      (this.admission = this.admitForm()),
      (this.stay = h("div", { className: "stay" }, this.facts, this.weighForm(), this.leave())),
    );
  }

  admitForm() {
    const text = h("input", { name: "patient", maxLength: 64, autocomplete: "off" });
    this.weight = quantity({ name: "weight", label: "Weight", units: ["kg", "lb"], none: "kg or lb?" });
    this.age = quantity({ name: "age", label: "Age", units: ["years", "months", "days"] });
    this.height = quantity({ name: "height", label: "Height (if known)", units: ["cm", "m", "inch"] });
    this.area = h("select", { name: "area" }, option("", "Choose"));
    const sex = h("select", { name: "sex" }, ...SEX.map(([value, words]) => option(value, words)));
    const send = h("button", { type: "submit", className: "primary" }, "Admit");
    const doubted = why();
    const form = h(
      "form",
      { className: "fields", noValidate: true, autocomplete: "off" },
      h("label", {}, "Name or number", text, alertLine()),
      h("label", {}, "Care area", this.area, alertLine()),
      this.weight.label,
      this.age.label,
      h("label", {}, "Sex", sex, alertLine()),
      this.height.label,
      doubted,
      send,
    );
    form.onsubmit = (event) => {
      event.preventDefault();
      this.admit(form);
    };
    form.oninput = (event) => edited(event.target, doubted, ["weight", "age", "height"]);
    return form;
  }

  weighForm() {
    this.anew = quantity({ name: "weight", label: "Weigh anew", units: ["kg", "lb"], none: "kg or lb?" });
    const send = h("button", { type: "submit", className: "quiet" }, "Chart this weight");
    const doubted = why();
    const form = h(
      "form",
      { className: "fields", noValidate: true, autocomplete: "off" },
      this.anew.label,
      doubted,
      send,
    );
    const hint = "An infusion that runs goes on as it was ordered; what is ordered from now on goes by the new weight.";
    form.append(h("p", { className: "hint" }, hint));
    form.onsubmit = (event) => {
      event.preventDefault();
      this.weigh(form);
    };
    form.oninput = (event) => edited(event.target, doubted, ["weight"]);
    return form;
  }

  leave() {
    const ask = h("button", { type: "button", className: "quiet" }, "Discharge");
    const yes = h("button", { type: "button", className: "primary" }, "Yes, discharge");
    const no = h("button", { type: "button", className: "quiet" }, "No");
    this.question = h("p", { className: "question" });
    const doubt = h(
      "div",
      { className: "doubt", hidden: true },
      this.question,
      h("div", { className: "act" }, yes, no),
    );
    const turn = (asking) => {
      doubt.hidden = !asking;
      ask.hidden = asking;
      (asking ? no : ask).focus();
    };
    ask.onclick = () => turn(true);
    no.onclick = () => turn(false);
    yes.onclick = async () => {
      if (await this.send("/api/discharge", {})) {
        turn(false);
        this.close();
      }
    };
    this.undo = () => {
      doubt.hidden = true;
      ask.hidden = false;
    };
    return h("div", { className: "act leave" }, ask, doubt);
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  async open() {
    this.panel.hidden = false;
    this.undo();
    tell(this.refusal, "");
    this.show(this.picture);
    this.title.focus();
    const found = await formulary(this.picture.snapshot?.services?.library?.hash);
    if (found === null)
      return tell(this.refusal, "The drug library is not there, so nobody can be admitted; see the notices.");
    const kept = this.area.value;
    this.area.replaceChildren(
      option("", "Choose"),
      ...Object.entries(found.areas).map(([key, words]) => option(key, words)),
    );
    this.area.value = kept;
    this.areas = found.areas;
  }

  close() {
    const focused = this.panel.contains(document.activeElement);
    this.panel.hidden = true;
    if (focused) this.opener.focus();
  }

  async admit(form) {
    const body = { patient: form.elements.patient.value.trim(), area: form.elements.area.value };
    let first = null;
    const wrong = (input, error) => {
      mark(input, error);
      if (error) first ??= input;
    };
    wrong(form.elements.patient, body.patient ? "" : "Say who the patient is.");
    wrong(form.elements.area, body.area ? "" : "Choose the care area.");
    for (const [name, optional] of [
      ["weight", false],
      ["age", false],
      ["height", true],
    ]) {
      const { text, error } = read(this[name], optional);
      wrong(error === "Choose the unit." ? this[name].unit : this[name].input, error);
      if (text) body[name] = text;
    }
    if (form.elements.sex.value) body.sex = form.elements.sex.value;
    if (form.elements.reason.value) body.reason = form.elements.reason.value;
    if (first) return first.focus();
    if (await this.send("/api/admit", body, form)) {
      form.reset();
      form.elements.reason.parentElement.hidden = true;
      this.close();
    }
  }

  async weigh(form) {
    const { text, error } = read(this.anew);
    mark(error === "Choose the unit." ? this.anew.unit : this.anew.input, error);
    if (error) return this.anew.input.focus();
    const reason = form.elements.reason.value;
    if (await this.send("/api/weigh", { weight: text, ...(reason && { reason }) }, form)) {
      form.reset();
      form.elements.reason.parentElement.hidden = true;
      this.title.focus();
    }
  }

  /** Whether it was done; else what is wrong is said where it is, or above. */
  async send(path, body, form) {
    if (this.busy) return false;
    if (!this.who.there()) {
      tell(this.refusal, NO_NAME);
      return false;
    }
    this.busy = true;
    tell(this.refusal, "");
    const answer = await post(path, body);
    this.busy = false;
    if (answer.ok) return true;
    const input = form?.elements[answer.body.field];
    if (answer.status === 400 && input) {
      if (answer.body.field === "reason") input.parentElement.hidden = false;
      mark(input, answer.body.error);
      input.focus();
    } else tell(this.refusal, answer.body.error);
    return false;
  }

  show(picture) {
    this.picture = picture;
    const known = picture.page === "live";
    const told = known ? picture.snapshot.patient : null;
    this.opener.hidden = !(told || checks(picture) || (this.seen && !known));
    this.seen = !this.opener.hidden;
    say(this.name, !known ? "--" : told ? told.patient : "No patient");
    say(this.about, !known ? "" : told ? `${told.weight} · ${told.age}` : "Admit");
    this.opener.dataset.there = told ? "yes" : "no";
    if (!this.isOpen) return;
    this.admission.hidden = Boolean(told);
    this.stay.hidden = !told;
    if (told) this.tellOf(told);
  }

  tellOf(told) {
    say(this.question, `Discharge ${told.patient}?`);
    const rows = [
      ["Patient", told.patient],
      ["Weight", told.weight],
      ["Age", told.age],
      ["Height", told.height || "--"],
      ["Sex", told.sex || "--"],
      ["Care area", this.areas?.[told.area] ?? told.area],
    ];
    const text = JSON.stringify(rows) + told.sentence;
    if (text === this.told) return;
    this.told = text;
    this.facts.replaceChildren(...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
    if (told.sentence) this.facts.append(h("dd", { className: "wide" }, told.sentence));
  }
}

/** Why an unexpected weight holds; it shows once the daemon has asked. */
function why() {
  const input = h("input", { name: "reason", maxLength: 200, autocomplete: "off" });
  return h("label", { className: "wide", hidden: true }, "Why this weight holds", input, alertLine());
}

/** Another number asks anew: a reason for the old one holds no longer. */
function edited(target, doubted, numbers) {
  mark(target, "");
  if (!numbers.includes(target.name.replace(/-unit$/, ""))) return;
  const input = doubted.querySelector("input");
  doubted.hidden = true;
  input.value = "";
  mark(input, "");
}

/** What is to be known of the patient and stands in no alarm of the board's. Pure. */
export function patientNotices(picture) {
  const sentence = picture.page === "live" ? picture.snapshot.patient?.sentence : "";
  return sentence ? [{ level: "low", title: "Ordered for another weight", why: sentence }] : [];
}
