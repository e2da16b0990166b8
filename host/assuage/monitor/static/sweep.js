// A wave as a sweep: the trace stands, a cursor runs over it and wipes a bar ahead of itself, the pulse wave at 25 mm/s,
// CO2 at 6.25. Only the strip around the cursor is painted in a frame. When the wave stops coming, the trace is wiped: a
// standing wave is never left behind.

import { Gain, Rungs } from "./gain.js";
import { LIMIT } from "./stale.js";

const MM = 96 / 25.4; // CSS px: CSS has 96 to the inch
const KEPT = 8192; // samples; at 100 Hz more than any screen's width
const WIPE = 26; // px, the erase bar
const DOT = 4; // px, radius of the marker

/** speed: of the cursor, mm/s. behind: s that it stays behind the newest sample, so that uneven arrival does not show.
    limit: ms without samples after which the trace is wiped. foot, height: of the scale, in those of the strip. */
const PLETH = { speed: 25, behind: 0.3, limit: LIMIT.wave, ink: "--spo2", Scale: Gain, foot: 0.8, height: 0.55 };
export const CO2 = { speed: 6.25, behind: 0.7, limit: LIMIT.co2, ink: "--co2", Scale: Rungs, foot: 0.92, height: 0.7 };

export class Sweep {
  constructor(canvas, section, kind = PLETH) {
    this.kind = kind;
    this.speed = kind.speed * MM; // CSS px per second
    this.canvas = canvas;
    this.section = section;
    this.context = canvas.getContext("2d");
    this.values = new Float32Array(KEPT).fill(NaN);
    this.gain = new kind.Scale();
    this.recolour();
    this.forget();
    new ResizeObserver((entries) => this.resize(entries[0])).observe(canvas);
  }

  forget() {
    this.values.fill(NaN);
    this.end = null; // index after the newest sample
    this.at = 0; // cursor, in samples
    this.came = -Infinity;
    this.gain.forget();
    this.blank = true;
    this.paintAll();
  }

  recolour() {
    const css = getComputedStyle(document.documentElement);
    this.ink = css.getPropertyValue(this.kind.ink).trim();
    this.line = css.getPropertyValue("--line").trim();
    if (this.width) this.paintAll();
  }

  resize(entry) {
    const exact = entry.devicePixelContentBoxSize?.[0];
    const ratio = devicePixelRatio || 1;
    this.canvas.width = exact ? exact.inlineSize : Math.round(entry.contentRect.width * ratio);
    this.canvas.height = exact ? exact.blockSize : Math.round(entry.contentRect.height * ratio);
    this.width = entry.contentRect.width;
    this.height = entry.contentRect.height;
    this.context.setTransform(this.canvas.width / this.width, 0, 0, this.canvas.height / this.height, 0, 0);
    this.paintAll();
  }

  /** Takes a batch. A gap in the index stays a gap in the trace; an index that jumps or goes back is a board that
      started anew. */
  add(wave, now) {
    const end = wave.index + wave.samples.length;
    const jump = this.end === null ? Infinity : wave.index - this.end;
    if (wave.hz !== this.hz || jump > KEPT / 2 || jump < -2 * this.hz) {
      this.values.fill(NaN);
      this.gain.forget();
      this.hz = wave.hz;
      this.end = wave.index;
      this.at = wave.index - this.kind.behind * wave.hz;
      this.blank = true;
    } else if (end <= this.end) return; // known already
    for (let i = this.end; i < wave.index; i++) this.values[i % KEPT] = NaN;
    wave.samples.forEach((v, i) => {
      this.values[(wave.index + i) % KEPT] = v;
    });
    this.end = end;
    this.came = now;
  }

  /** One frame. live: whether the link it comes over is; seconds: since the frame before. */
  frame(now, seconds, live) {
    const flowing = live && this.end !== null && now - this.came <= this.kind.limit;
    this.section.dataset.live = flowing ? "yes" : "no";
    if (!flowing) {
      if (this.end !== null) this.forget();
      return;
    }
    const before = this.at;
    const behind = (this.end - this.at) / this.hz;
    if (behind > this.kind.behind + 1.2)
      this.at = this.end - this.kind.behind * this.hz; // a backlog after a stall: catch up at once
    else this.at += seconds * this.hz * (1 + Math.max(-0.08, Math.min(0.08, (behind - this.kind.behind) * 0.4)));
    this.at = Math.min(this.at, this.end - 1);
    const rescaled = this.gain.follow(this.values, KEPT, Math.floor(this.at), this.hz, seconds);
    if (rescaled || this.blank) this.paintAll();
    else if (this.at > before) this.paintStep(before);
  }

  x(i) {
    return ((i / this.hz) * this.speed) % this.width;
  }

  y(v) {
    return Math.max(2, Math.min(this.height - 2, this.height * (this.kind.foot - this.kind.height * this.gain.place(v))));
  }

  paintStep(before) {
    const pixels = ((this.at - before) / this.hz) * this.speed;
    if (pixels > this.width / 2) return this.paintAll();
    // The strip starts on a device pixel: a clip through the middle of one would paint the line's edge there twice.
    const ratio = this.canvas.width / this.width;
    const from = Math.floor((this.x(before) - DOT - 2) * ratio) / ratio;
    const pieces = this.strip(from, from + pixels + DOT + 4 + WIPE);
    this.trace(before - ((DOT + 12) / this.speed) * this.hz, this.at, pieces);
    this.dot();
  }

  paintAll() {
    if (!this.width) return;
    const pieces = this.strip(0, this.width);
    if (this.end === null) return;
    this.blank = false;
    this.trace(this.at - ((this.width - WIPE) / this.speed) * this.hz, this.at, pieces);
    this.dot();
  }

  /** Wipes from..to (px, may run over an edge) back to the grid; returns the pieces that this is on the screen. */
  strip(from, to) {
    const { context: c, width, height } = this;
    const pieces =
      to > width
        ? [
            [from, width],
            [0, to - width],
          ]
        : from < 0
          ? [
              [0, to],
              [width + from, width],
            ]
          : [[from, to]];
    for (const [a, b] of pieces) {
      c.clearRect(a, 0, b - a, height);
      c.strokeStyle = this.line;
      c.lineWidth = 1;
      c.globalAlpha = 0.5;
      c.beginPath();
      for (let i = 1; i < 4; i++) {
        const y = Math.round((height * i) / 4) + 0.5;
        c.moveTo(a, y);
        c.lineTo(b, y);
      }
      c.stroke();
      c.globalAlpha = 1;
    }
    return pieces;
  }

  /** The line from sample `first` to `last`, within the pieces that were wiped; what lies beside them is on the
      screen already. */
  trace(first, last, pieces) {
    const { context: c } = this;
    c.save();
    c.beginPath();
    for (const [a, b] of pieces) c.rect(a, 0, b - a, this.height);
    c.clip();
    c.strokeStyle = this.ink;
    c.lineWidth = 2.2;
    c.lineJoin = "round";
    c.beginPath();
    let pen = false;
    let x0 = 0;
    for (let i = Math.max(0, Math.floor(first)); i <= last; i++) {
      const v = this.values[i % KEPT];
      const x = this.x(i);
      if (Number.isNaN(v) || i < this.end - KEPT) {
        pen = false;
        continue;
      }
      if (pen && x >= x0) c.lineTo(x, this.y(v));
      else c.moveTo(x, this.y(v));
      pen = true;
      x0 = x;
    }
    if (pen) c.lineTo(Math.max(x0, this.x(last)), this.y(this.valueAt(last)));
    c.stroke();
    c.restore();
  }

  valueAt(at) {
    const i = Math.floor(at);
    const a = this.values[i % KEPT];
    const b = this.values[(i + 1) % KEPT];
    return Number.isNaN(b) || i + 1 >= this.end ? a : a + (b - a) * (at - i);
  }

  dot() {
    const v = this.valueAt(this.at);
    if (!(v === v)) return;
    const { context: c } = this;
    c.fillStyle = this.ink;
    c.beginPath();
    c.arc(this.x(this.at), this.y(v), DOT, 0, 7);
    c.fill();
  }
}
