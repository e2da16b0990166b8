// A bed with two pumps: a switch above the pump's card says how each is, and of which of them card and dialogues are.
// STOP and the bar are of both. What is ordered goes to the pump that is chosen; while a dialogue is open none other can
// be chosen.

import { h, say } from "./dom.js";
import { label } from "./pump.js";
import { picture } from "./stale.js";
import { which } from "./which.js";
import { STATE, plain } from "./words.js";

const NAMES = ["First pump", "Second pump"];
const MOVING = ["infusing", "bolus", "kvo", "taking-up", "backing-off", "priming"];

/** The same feed with the second pump's own things in the place of the first one's, whose board is the one that
    measures the patient for it; null where there is one pump. */
export function second(feed) {
  const { snapshot } = feed;
  const other = snapshot?.beside?.[0];
  return other ? { ...feed, snapshot: { ...snapshot, ...other, signs: { link: snapshot.link } } } : null;
}

/** The picture of a second pump; of the patient it has what the first board tells. p: the bed's. */
export function pictureOf(feed, now, p) {
  const own = second(feed);
  if (!own) return null;
  const { measuring, vitals, readings, cuff } = p;
  return { ...picture(own, now), measuring, vitals, readings, cuff, second: true };
}

export class Pumps {
  constructor(find) {
    this.box = h("div", { className: "which", role: "group", "aria-label": "Pumps of this bed", hidden: true });
    this.keys = NAMES.map((name, i) => {
      const key = h("button", { type: "button", className: "quiet", "aria-pressed": String(i === which.at) });
      key.append(h("b", {}, name), h("span"), h("i"));
      key.onclick = () => this.choose(i);
      return key;
    });
    this.box.append(...this.keys);
    find(".pumps").prepend(this.box);
  }

  /** 0 or 1. */
  get at() {
    return which.at;
  }

  choose(i) {
    which.at = i;
    for (const [n, key] of this.keys.entries()) key.setAttribute("aria-pressed", String(n === i));
    this.chosen?.();
  }

  /** pictures: of each pump. busy: a dialogue is open that is of one of them. */
  show(pictures, busy) {
    this.box.hidden = pictures.length < 2;
    if (this.box.hidden && which.at) this.choose(0);
    for (const [i, p] of pictures.entries()) {
      const key = this.keys[i];
      const { live, data } = p.pump;
      const [drug] = label(live && data.programme ? data.drug : "");
      const runs = live && data.programme;
      say(key.children[1], runs ? drug : "No infusion");
      say(key.children[2], [live ? (STATE[data.state] ?? data.state) : "Unknown", runs ? flow(data) : ""].filter(Boolean).join(" · "));
      key.dataset.state = live ? data.state : "unknown";
      key.disabled = busy && i !== which.at;
      key.title = key.disabled ? "Close the dialogue first." : "";
    }
  }
}

function flow({ dosed, rate_ml_h: rate }) {
  return dosed ? `${dosed.rate.value} ${dosed.rate.unit}` : `${plain(rate, 2)} mL/h`;
}

/** What STOP sees: the pump that moves, where one does; as old as the older of what is known. */
export function seen(pictures) {
  const all = pictures.map((p) => (p.pump.live ? { state: p.pump.data.state, programme: p.pump.data.programme, age: p.pump.age } : null));
  if (all.length === 1) return all[0];
  const moving = all.find((one) => one && MOVING.includes(one.state));
  if (moving) return moving;
  return all.includes(null) ? null : { ...all[0], age: Math.max(...all.map((one) => one.age)) };
}
