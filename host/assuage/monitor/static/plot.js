// The drawing of a prediction: the band of the models and their median, past solid and future dashed; what if; doses by
// hand as marks; and beside it the concentrations at which something was seen. One drawing, from the daemon's numbers.

import { Labels } from "./labels.js";
import { draw } from "./making.js";
import { clock } from "./words.js";

const STEPS = [15, 30, 60, 120, 240, 480];
const TICK = 62; // px that a time on the axis takes
const NICE = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
const BESIDE = 12; // px before the end of the axis, from where a time would lie over what stands beside it
const LINE = 18; // px below the top of the drawing, where a line of words begins
const NAMED = 480; // px from which on there is room for names beside the bars
const COLUMN = 27; // px between two bars of what was seen

/** one: a substance as /api/prediction tells it; at: Unix ms of its minute 0; other: curves of what if, or null; shown:
    keys of models whose own lines are wanted; width, height: px. */
export function plot({ one, at, other, shown, width, height }) {
  const { minutes } = one.curves;
  const highest = highestOf([one.curves, other]);
  const top = nice(highest.usual * 1.08);
  const within = one.effects.map((each, i) => ({ ...each, number: i + 1 })).filter(({ low }) => low < top);
  const named = width >= NAMED;
  const column = named ? COLUMN : COLUMN / 2;
  const box = { left: 48, right: width - 18 - column * within.length, top: 24, bottom: height - 28 };
  const x = (minute) => box.left + ((minute - minutes[0]) / (minutes.at(-1) - minutes[0])) * (box.right - box.left);
  const y = (level) => box.bottom - (Math.min(level, top) / top) * (box.bottom - box.top);
  const svg = draw("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", class: "plot" });
  const title = draw("title");
  title.textContent = `Predicted ${one.name} in plasma, ng/mL, over time: the band of ${Object.keys(one.names).length} models`;
  svg.append(title, ...axes(minutes, top, x, y, at, box, within.length > 0), ...seen(within, y, box, column, named));
  const [past, future] = halves(one.curves);
  svg.append(...band(past, x, y, "band past"), ...band(future, x, y, "band future"));
  if (other) svg.append(...band(halves(other)[1], x, y, "band other"));
  const labels = new Labels({ ...box, bottom: box.bottom - 4 });
  if (highest.peak > top) {
    const words = `cut off: up to ${Math.round(highest.peak)} ng/mL`;
    svg.append(label(labels, words, box.left + 8, box.top + LINE));
  }
  svg.append(...doses(one.given, minutes, x, box, labels));
  for (const key of Object.keys(one.curves.ng_per_ml).filter((each) => shown.has(each))) {
    for (const [half, kind] of [[past, "past"], [future, "future"]])
      svg.append(draw("polyline", { class: `model ${kind}`, points: points(half.minutes, half.ng_per_ml[key], x, y) }));
    const ends = y(one.curves.ng_per_ml[key].at(-1)) - 5;
    svg.append(label(labels, labels.fit(one.names[key]), box.right - 4, ends, { class: "model", "text-anchor": "end" }));
  }
  svg.append(draw("polyline", { class: "median past", points: points(past.minutes, past.median, x, y) }));
  svg.append(draw("polyline", { class: "median future", points: points(future.minutes, future.median, x, y) }));
  if (other) {
    const later = halves(other)[1];
    svg.append(draw("polyline", { class: "median other", points: points(later.minutes, later.median, x, y) }));
  }
  svg.append(draw("line", { class: "present", x1: x(0), x2: x(0), y1: box.top - 6, y2: box.bottom }));
  svg.append(text("now", x(0), box.top - 10, { "text-anchor": "middle" }));
  return svg;
}

/** What nearly all of the curves is below, for the first instants of a bolus would make the rest flat; and the peak. Pure. */
export function highestOf(all) {
  const levels = all.filter(Boolean).flatMap((curves) => curves.high).sort((a, b) => a - b);
  return { usual: Math.max(1, levels[Math.floor(0.98 * (levels.length - 1))] ?? 0), peak: levels.at(-1) ?? 0 };
}

/** The next round number. Pure. */
export function nice(highest) {
  const power = 10 ** Math.floor(Math.log10(highest));
  return NICE.map((step) => step * power).find((step) => step >= highest) ?? 10 * power;
}

/** The curves up to now, and from now on; both have the present. */
function halves(curves) {
  const now = curves.minutes.findIndex((minute) => minute >= 0);
  const cut = (from, to) => {
    const part = (levels) => levels.slice(from, to);
    const each = Object.entries(curves.ng_per_ml).map(([key, levels]) => [key, part(levels)]);
    return {
      minutes: part(curves.minutes),
      low: part(curves.low),
      median: part(curves.median),
      high: part(curves.high),
      ng_per_ml: Object.fromEntries(each),
    };
  };
  return [cut(0, now + 1), cut(now, curves.minutes.length)];
}

function points(minutes, levels, x, y) {
  return minutes.map((minute, i) => `${x(minute).toFixed(1)},${y(levels[i]).toFixed(1)}`).join(" ");
}

function band({ minutes, low, high }, x, y, kind) {
  const back = points([...minutes].reverse(), [...low].reverse(), x, y);
  return [
    draw("polygon", { class: kind, points: `${points(minutes, high, x, y)} ${back}` }),
    draw("polyline", { class: `edge ${kind}`, points: points(minutes, high, x, y) }),
    draw("polyline", { class: `edge ${kind}`, points: points(minutes, low, x, y) }),
  ];
}

function axes(minutes, top, x, y, at, box, bars) {
  const made = [];
  for (let n = 0; n <= 4; n++) {
    const level = (top * n) / 4;
    made.push(draw("line", { class: "grid", x1: box.left, x2: box.right, y1: y(level), y2: y(level) }));
    made.push(text(String(Number(level.toPrecision(3))), box.left - 8, y(level) + 4, { "text-anchor": "end" }));
  }
  made.push(text("ng/mL", box.left - 44, box.top - 10));
  const span = minutes.at(-1) - minutes[0];
  const step = STEPS.find((each) => (span / each) * TICK <= box.right - box.left) ?? STEPS.at(-1);
  const first = new Date(at + minutes[0] * 60000);
  const since = first.getHours() * 60 + first.getMinutes() + first.getSeconds() / 60; // of that day, so that marks are at full hours
  for (let minute = minutes[0] + (Math.ceil(since / step) * step - since); minute <= minutes.at(-1); minute += step) {
    made.push(draw("line", { class: "grid", x1: x(minute), x2: x(minute), y1: box.bottom, y2: box.bottom + 5 }));
    if (bars && x(minute) > box.right - BESIDE) continue; // it would lie over the first bar's number
    made.push(text(clock(new Date(at + minute * 60000).toISOString()), x(minute), box.bottom + 20, { "text-anchor": "middle" }));
  }
  return made;
}

/** At which concentrations something was seen: bars beside the drawing, each numbered as in the list of sources, and named
    where there is room; an unverified one is hollow. */
function seen(effects, y, box, column, named) {
  return effects.flatMap((each, i) => {
    const left = box.right + 12 + column * i;
    const [upper, lower] = [y(each.high), y(each.low)];
    const verified = each.verified ? "yes" : "no";
    const bar = draw("rect", { class: "level", x: left, y: upper, width: 8, height: lower - upper, "data-verified": verified });
    const words = `${each.name}${each.verified ? "" : ", unverified"}`;
    const about = draw("title");
    about.textContent = words;
    bar.append(about);
    const number = text(String(each.number), left + 4, box.bottom + 14, { class: "level", "text-anchor": "middle" });
    if (!named) return [bar, number];
    const name = text(words, 0, 0, { class: "level", transform: `translate(${left + 21} ${box.bottom - 4}) rotate(-90)` });
    return [bar, number, name];
  });
}

/** A mark where a dose was given by hand, with what it was. */
function doses(given, minutes, x, box, labels) {
  return given
    .filter(({ minutes: when }) => when >= minutes[0])
    .sort((a, b) => a.minutes - b.minutes)
    .flatMap(({ minutes: when, dose, route }) => {
      const px = x(when);
      const mark = draw("path", { class: "dose", d: `M${px - 6} ${box.bottom + 1} L${px + 6} ${box.bottom + 1} L${px} ${box.bottom - 10} Z` });
      const about = draw("title");
      about.textContent = `${dose} ${route}, by hand`;
      mark.append(about);
      return [mark, label(labels, dose, px, box.bottom - 14, { class: "dose", "text-anchor": "middle" })];
    });
}

/** Words where they are free of the others. */
function label(labels, words, wanted, at, attributes = {}) {
  const { x, y } = labels.place(words, wanted, at, attributes["text-anchor"]);
  return text(words, x, y, attributes);
}

function text(words, x, y, attributes = {}) {
  const made = draw("text", { x, y, ...attributes });
  made.textContent = words;
  return made;
}
