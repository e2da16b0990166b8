// The scales of the waves. That of the pulse wave: it grows at once when the wave would leave the window, and shrinks only after the wave
// has been small for three seconds, by steps of a ladder, so that it settles and a change of amplitude can still be
// seen.

const STEP = 1.3;
const LEAST = 60; // smallest full scale, in 1e-5 of the DC level: noise is not blown up to look like a pulse
const SLOW = 3; // s
const WINDOW = 2.5; // s, holds at least one beat at 24 per minute

export class Gain {
  constructor() {
    this.forget();
  }

  forget() {
    this.low = 0;
    this.high = LEAST;
    this.small = 0;
    this.fresh = true;
  }

  /** Where a value lies between bottom (0) and top (1) of the scale. */
  place(value) {
    return (value - this.low) / (this.high - this.low);
  }

  /** Looks at the last seconds of `values` (a ring of `kept`) up to `end`; true when the scale has changed. */
  follow(values, kept, end, hz, seconds) {
    let lo = Infinity;
    let hi = -Infinity;
    for (let i = Math.max(0, Math.ceil(end - WINDOW * hz)); i <= end; i++) {
      const v = values[i % kept];
      if (v < lo) lo = v;
      if (v > hi) hi = v;
    }
    if (hi < lo) return false;
    const range = Math.max(LEAST, hi - lo);
    const rung = STEP ** Math.ceil(Math.log(range * 1.02) / Math.log(STEP));
    const now = this.high - this.low;
    const outside = hi > this.high + 0.12 * now || lo < this.low - 0.12 * now;
    this.small =
      rung < now * 0.9 || Math.abs((hi + lo) / 2 - (this.high + this.low) / 2) > 0.2 * now ? this.small + seconds : 0;
    if (!outside && this.small < SLOW && !this.fresh) return false;
    if (this.fresh && hi - lo < LEAST / 2) return false;
    this.fresh = false;
    this.small = 0;
    const middle = (hi + lo) / 2;
    this.low = middle - rung / 2;
    this.high = middle + rung / 2;
    return true;
  }
}

const RUNGS = [500, 1000, 1500]; // 0.1 mmHg
const LOOKS = 12; // s, holds a breath at 5 per minute

/** The scale of the gas: from 0 to the first rung that holds the last breaths, so that a height can be compared. */
export class Rungs {
  constructor() {
    this.forget();
  }

  forget() {
    this.high = RUNGS[0];
  }

  place(value) {
    return Math.max(0, value) / this.high;
  }

  follow(values, kept, end, hz) {
    let most = 0;
    for (let i = Math.max(0, Math.ceil(end - LOOKS * hz)); i <= end; i++) {
      if (values[i % kept] > most) most = values[i % kept];
    }
    const high = RUNGS.find((rung) => most <= rung) ?? RUNGS.at(-1);
    const other = high !== this.high;
    this.high = high;
    return other;
  }
}
