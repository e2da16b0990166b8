// Wires the page. Everything on it is shown from one picture, made anew several times a second whether or not a
// message came, so that an age can only grow. Should a part of it fail, every number is blanked and the bar says so.

import { Live } from "./live.js";
import { Next } from "./next.js";
import { Bar, notices } from "./notices.js";
import { Numerics } from "./numerics.js";
import { Pleth } from "./pleth.js";
import { Programme } from "./programme.js";
import { Pump } from "./pump.js";
import { picture } from "./stale.js";
import { stop } from "./stop.js";
import { System } from "./system.js";
import { theme } from "./theme.js";
import { Trend } from "./trend.js";

const SHOW = 200; // ms between two showings when nothing comes

const clock = () => performance.now();
const found = new Map();
const find = (selector) => {
  if (!found.has(selector)) found.set(selector, document.querySelector(selector));
  return found.get(selector);
};

const bar = new Bar(find);
const system = new System(find);
const numerics = new Numerics(find);
const pump = new Pump(find);
const next = new Next(find);
const programme = new Programme(find, clock);
const pleth = new Pleth(find("#pleth"), find("#waves"));
const trend = new Trend(find("#trend"), find);
theme(find("#theme"), () => {
  pleth.recolour();
  trend.draw();
});

const live = new Live(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`, clock);
let page = null; // id of the files this page was made from
let linked = false;

function show() {
  const p = picture(live.feed, clock());
  linked = p.linked;
  try {
    for (const part of [numerics, pump, system, next, programme]) part.show(p);
    stop.sees(p.pump.live ? p.pump.data.state : null);
    bar.show(notices(p, stop.notices()), p);
  } catch (error) {
    console.error(error);
    linked = false;
    for (const output of document.querySelectorAll("[data-value]")) output.textContent = "--";
    bar.show(
      [{ level: "high", title: "This page has failed", why: "Reload it. Nothing here is live; STOP is still tried." }],
      p,
    );
  }
  return p;
}

live.addEventListener("hello", ({ detail }) => {
  const busy = programme.isOpen || stop.asked !== null;
  if (page !== null && detail.page !== page && !busy) location.reload(); // the daemon has newer files
  page ??= detail.page;
  system.hello(detail);
  programme.hello(detail);
});
live.addEventListener("snapshot", show);
live.addEventListener("lost", show);
live.addEventListener("wave", ({ detail }) => pleth.add(detail, clock()));

setInterval(() => {
  live.watch();
  show();
}, SHOW);
setInterval(() => trend.add(show(), clock()), 1000);
document.addEventListener("visibilitychange", show); // before the first paint of a tab that comes back
addEventListener("pageshow", show);

let before = clock();
function frame() {
  const now = clock();
  pleth.frame(now, Math.min(0.25, (now - before) / 1000), linked);
  before = now;
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);
trend.add(show(), clock());
