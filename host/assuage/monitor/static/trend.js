// What this page itself has seen of the last minutes: SpO2, pulse and the infusion's rate on one time axis. Nothing
// is filled in: a time without live data is a gap, and before the page was opened there is nothing.

import { isNumber, plain } from "./words.js";

const KEEP = 3600; // s
const GAP = 2500; // ms between two points above which they are not joined
const SPO2 = [60, 100];
const PULSE = [30, 190];

export class Trend {
  constructor(canvas, find) {
    this.canvas = canvas;
    this.points = []; // {t, spo2, pulse, rate}, t in ms of Unix time: the machine may sleep, and other clocks with it
    this.minutes = 10;
    this.buttons = [...document.querySelectorAll("[data-minutes]")];
    for (const b of this.buttons) b.onclick = () => this.choose(Number(b.dataset.minutes));
    this.most = find("#trend-infusion");
    this.seen = find("#trend-seen");
    this.seen.textContent = `seen by this page since ${hhmm(new Date())}`;
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  choose(minutes) {
    this.minutes = minutes;
    for (const b of this.buttons) b.setAttribute("aria-pressed", String(Number(b.dataset.minutes) === minutes));
    this.draw();
  }

  /** Once a second. now: Unix time, ms. A clock that is set back takes away what it has not reached again. */
  add(picture, now) {
    const v = picture.vitals.live ? picture.vitals.data : {};
    const rate = picture.pump.live ? picture.pump.data.rate_ml_h : null;
    this.points.push({ t: now, spo2: v.spo2, pulse: v.pulse, rate });
    this.points = this.points.filter(({ t }) => t <= now && now - t <= KEEP * 1000);
    this.now = now;
    this.draw();
  }

  draw() {
    const { canvas } = this;
    const ratio = devicePixelRatio || 1;
    const w = canvas.clientWidth;
    const h = canvas.clientHeight;
    if (!w || this.now === undefined) return;
    if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
      canvas.width = Math.round(w * ratio);
      canvas.height = Math.round(h * ratio);
    }
    const c = canvas.getContext("2d");
    c.setTransform(canvas.width / w, 0, 0, canvas.height / h, 0, 0);
    c.clearRect(0, 0, w, h);
    const css = getComputedStyle(document.documentElement);
    const colour = (name) => css.getPropertyValue(name).trim();
    const box = { left: 50, right: w - 46, top: w < 640 ? 76 : 50, bottom: h - 28 };
    const x = (t) => box.right - ((this.now - t) / (this.minutes * 60000)) * (box.right - box.left);
    const y = (v, [lo, hi]) => box.bottom - ((Math.max(lo, Math.min(hi, v)) - lo) / (hi - lo)) * (box.bottom - box.top);
    c.font = '12px "Inter Variable", sans-serif';
    this.axes(c, box, x, y, colour, w, h);
    const shown = this.points.filter((p) => x(p.t) >= box.left);
    this.infusion(c, shown, box, x, colour("--keta"));
    line(c, shown, x, (p) => (isNumber(p.pulse) ? y(p.pulse, PULSE) : null), colour("--pulse"));
    line(c, shown, x, (p) => (isNumber(p.spo2) ? y(p.spo2, SPO2) : null), colour("--spo2"));
  }

  axes(c, box, x, y, colour, w, h) {
    const step = this.minutes === 10 ? (w < 640 ? 120000 : 60000) : w < 640 ? 1200000 : 600000;
    c.strokeStyle = colour("--line");
    c.fillStyle = colour("--faint");
    c.textAlign = "center";
    const first = Math.ceil((this.now - this.minutes * 60000) / step) * step;
    for (let at = first; at <= this.now; at += step) {
      const px = Math.round(x(at)) + 0.5;
      c.globalAlpha = 0.6;
      c.beginPath();
      c.moveTo(px, box.top);
      c.lineTo(px, box.bottom);
      c.stroke();
      c.globalAlpha = 1;
      c.fillText(hhmm(new Date(at)), px, h - 10);
    }
    const marks = h > 180 ? [60, 80, 100] : [60, 100];
    c.textAlign = "right";
    c.fillStyle = colour("--spo2");
    for (const v of marks) c.fillText(v, box.left - 8, y(v, SPO2) + 4);
    c.textAlign = "left";
    c.fillStyle = colour("--pulse");
    for (const v of h > 180 ? [30, 110, 190] : [30, 190]) c.fillText(v, box.right + 8, y(v, PULSE) + 4);
  }

  /** A band along the bottom while the pump runs, its height by rate against the highest rate in view. */
  infusion(c, points, box, x, ink) {
    const most = Math.max(0, ...points.map((p) => p.rate || 0));
    this.most.textContent = most > 0 && box.right > 640 ? `Infusion, at most ${plain(most, 2)} mL/h` : "Infusion";
    if (most === 0) return;
    c.fillStyle = ink;
    c.globalAlpha = 0.3;
    c.beginPath(); // one path, so that neighbours do not shine through each other
    for (let i = 1; i < points.length; i++) {
      const a = points[i - 1];
      const b = points[i];
      if (!(b.rate > 0) || b.t - a.t > GAP) continue;
      const height = 6 + 20 * (b.rate / most);
      c.rect(x(a.t), box.bottom - height, x(b.t) - x(a.t) + 0.3, height);
    }
    c.fill();
    c.globalAlpha = 1;
  }
}

function line(c, points, x, y, ink) {
  c.strokeStyle = ink;
  c.lineWidth = 1.8;
  c.lineJoin = "round";
  c.beginPath();
  let last = null;
  for (const p of points) {
    const at = y(p);
    if (at !== null && last !== null && p.t - last <= GAP) c.lineTo(x(p.t), at);
    else if (at !== null) c.moveTo(x(p.t), at);
    last = at === null ? null : p.t;
  }
  c.stroke();
}

function hhmm(date) {
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}
