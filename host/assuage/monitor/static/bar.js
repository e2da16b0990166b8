// The bar: what is wrong, in words, with a shape, stars and a fill for its level, and spoken when it is new.

import { AlarmKeys } from "./alarm.js";
import { Arrivals } from "./notices.js";
import { NONE } from "./words.js";

const STARS = { high: "***", medium: "**", low: "*", quiet: "" };

export class Bar {
  constructor(find) {
    this.arrivals = new Arrivals();
    this.alarm = new AlarmKeys(find);
    this.speakers = { now: find("#speak-now"), soon: find("#speak") };
    this.quiet = null;
    this.bar = find("#bar");
    this.parts = {
      stars: find("#bar-stars"),
      title: find("#bar-title"),
      why: find("#bar-why"),
      more: find("#bar-more"),
      list: find("#bar-list"),
    };
    const { more } = this.parts;
    more.onclick = () => this.open(more.getAttribute("aria-expanded") !== "true");
    this.bar.onkeydown = (event) => {
      if (event.key === "Escape") this.open(false);
    };
  }

  open(yes) {
    this.parts.more.setAttribute("aria-expanded", String(yes));
    this.parts.list.hidden = !yes;
  }

  show(notices, picture) {
    const { list, fresh } = this.arrivals.take(notices);
    this.speak(fresh, list.length === 0 ? quiet(picture).title : null);
    this.alarm.show(list, picture);
    const { stars, title, why, more, list: ul } = this.parts;
    const first = list[0] ?? quiet(picture);
    this.bar.dataset.level = first.level;
    set(stars, STARS[first.level]);
    set(title, first.title);
    set(why, first.why);
    more.hidden = list.length < 2;
    if (more.hidden) this.open(false);
    set(more, `+${list.length - 1} more`);
    if (ul.hidden) return;
    ul.replaceChildren(
      ...list.map((n) => {
        const li = document.createElement("li");
        const b = document.createElement("b");
        b.textContent = STARS[n.level];
        const span = document.createElement("span");
        span.textContent = n.why;
        li.append(b, n.title, span);
        return li;
      }),
    );
  }

  /** Each new notice once; a high one interrupts. Its words go on changing (ages) and are not spoken again. */
  speak(fresh, quietly) {
    const said = (list) => list.filter((n) => !n.spoken).map((n) => `${n.title}. ${n.why}`);
    put(this.speakers.now, said(fresh.filter((n) => n.level === "high")));
    put(this.speakers.soon, said(fresh.filter((n) => n.level !== "high")));
    if (quietly !== null && quietly !== this.quiet) put(this.speakers.soon, [quietly]);
    this.quiet = quietly;
  }
}

function put(region, sentences) {
  if (sentences.length === 0) return;
  region.replaceChildren(
    ...sentences.map((text) => Object.assign(document.createElement("p"), { textContent: text })),
  );
}

function quiet(picture) {
  if (picture.page === "waiting") return { level: "quiet", title: "Connecting to the daemon", why: "" };
  const why = picture.snapshot?.limits ? "" : "The board has told no alarm limits.";
  return { level: "quiet", title: "No notices", why };
}

function set(element, text) {
  const said = text ?? NONE;
  if (element.textContent !== said) element.textContent = said;
}
