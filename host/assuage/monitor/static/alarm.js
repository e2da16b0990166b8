// The two things a person can do with the board's alarms here: acknowledge the one that leads the bar, by its number,
// and pause the sound of all. The board decides; what it did comes back in the next picture.

import { post } from "./orders.js";

export class AlarmKeys {
  constructor(find) {
    this.seen = find("#alarm-acknowledge");
    this.silence = find("#alarm-silence");
    this.first = null;
    this.sounding = [];
    this.seen.onclick = () => {
      const { occurrence, board = "pump", second } = this.first ?? {};
      this.ask(this.seen, `/api/${second ? "second/" : ""}alarm/acknowledge`, { occurrence, board });
    };
    this.silence.onclick = () => {
      for (const base of this.sounding) this.ask(this.silence, `${base}alarm/silence`, {});
    };
  }

  /** list: notices in the bar's order. Acknowledging names what leads the bar; nothing else can be meant. */
  show(list, picture) {
    const told = picture.linked || picture.measuring ? picture.snapshot.alarms : null;
    const others = picture.page === "live" ? (picture.snapshot.beside ?? []).map((one) => one.alarms) : [];
    const loud = (one) => (one?.list ?? []).some((a) => !a.acknowledged);
    this.sounding = [...(loud(told) ? ["/api/"] : []), ...(others.some(loud) ? ["/api/second/"] : [])];
    const sounds = this.sounding.length > 0;
    this.first = list[0]?.alarm && !list[0].alarm.acknowledged ? list[0].alarm : null;
    this.seen.hidden = !this.first;
    const left = Math.max(told?.pause_s ?? 0, ...others.map((one) => one?.pause_s ?? 0));
    this.silence.hidden = !sounds;
    this.silence.dataset.paused = left > 0 ? "yes" : "no";
    const text = left > 0 ? `Sound paused ${left} s` : "Pause sound";
    if (this.silence.textContent !== text) this.silence.textContent = text;
  }

  /** A refusal comes back in the picture and is shown in the bar. */
  async ask(button, path, body) {
    button.disabled = true;
    await post(path, body);
    button.disabled = false;
  }
}
