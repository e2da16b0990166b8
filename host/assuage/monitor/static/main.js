// Wires the page. Everything on it is shown from one picture, made anew several times a second whether or not a
// message came, so that an age can only grow. Should a part fail, its cards are hidden and the bar says so; the others
// go on. STOP is a file of its own, loaded by the document, and is only told what is seen here.

import { Bar } from "./bar.js";
import { Change } from "./change.js";
import { Charting } from "./charting.js";
import { Cuff } from "./cuff.js";
import { Filling } from "./filling.js";
import { layers } from "./layers.js";
import { Limits } from "./limits.js";
import { Live, nothing } from "./live.js";
import { Next } from "./next.js";
import { notices } from "./notices.js";
import { Numerics } from "./numerics.js";
import { OrderPanel } from "./order.js";
import { Parts } from "./parts.js";
import { Programme } from "./programme.js";
import { Pump } from "./pump.js";
import { Redose } from "./redose.js";
import { Release } from "./release.js";
import { Sensed } from "./sensed.js";
import { Sleep } from "./sleep.js";
import { PatientPanel, patientNotices } from "./patient.js";
import { Pumps, pictureOf, seen } from "./pumps.js";
import { picture } from "./stale.js";
import { CO2, Sweep } from "./sweep.js";
import { System } from "./system.js";
import { theme } from "./theme.js";
import { Trend } from "./trend.js";
import { who } from "./who.js";

const SHOW = 200; // ms between two showings when nothing comes
const STOP_COMES = 2000; // ms that STOP's own file may take

const clock = () => performance.now();
const found = new Map();
const find = (selector) => {
  if (!found.has(selector)) found.set(selector, document.querySelector(selector));
  return found.get(selector);
};
const all = (selector) => [...document.querySelectorAll(selector)];

const parts = new Parts();
const bar = new Bar(find);
const next = new Next(find);
const programme = new Programme(find, clock);
const change = new Change(find);
const filling = new Filling(find);
const limits = new Limits(find);
const release = new Release(find);
const patient = new PatientPanel(find);
const order = new OrderPanel(find, clock, programme);
const redose = new Redose(find, change);
layers(find("main"));
const charting = new Charting(find);
const system = new System(find);
const pumps = new Pumps(find);
pumps.chosen = () => show();
const dialogues = [programme, change, filling, release, order, redose];
const beside = { show: (p) => next.show(p, programme.busy || order.busy) };
const pump = new Pump(find);
const sensed = new Sensed(find);
const OF_A_PUMP = new Set([pump, sensed, beside, ...dialogues]);
const cards = [
  ["numbers", new Numerics(find), all(".num")],
  ["cuff", new Cuff(find), all("#cuff")],
  ["pump", pump, all("#pump")],
  ["pump's sensors", sensed, all("#line, #sensed")],
  ["links and clock", system, all(".id, .sys")],
  ["what can be done next", beside, all("#next")],
  ["programme", programme, all("#programme")],
  ["change", change, all("#running")],
  ["filling of the line", filling, all("#filling")],
  ["alarm limits", limits, all("#limits")],
  ["release of the interlock", release, all("#release")],
  ["patient", patient, all("#patient")],
  ["order from the library", order, all("#order")],
  ["change of the order", redose, all("#redose")],
  ["charting", charting, all("#due, #charting")],
];
const sweeps = [
  { name: "pulse wave", kind: 1, cards: all("#waves"), sweep: new Sweep(find("#pleth"), find("#waves")) },
  { name: "CO2 wave", kind: 2, cards: all("#gas"), sweep: new Sweep(find("#capnogram"), find("#gas"), CO2) },
];
const trend = new Trend(find("#trend"), find);
theme(find("#theme"), () => {
  for (const { sweep } of sweeps) sweep.recolour();
  trend.draw();
});

const live = new Live(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`, clock);
const sleep = new Sleep(() => Date.now(), clock);
const opened = clock();
let page = null; // id of the files this page was made from
let measuring = false;

function show() {
  const now = clock();
  if (sleep.happened()) live.forget(); // what was seen is older than it looks
  const p = parts.run("picture", [], () => picture(live.feed, now)) ?? picture(nothing(opened), now);
  measuring = p.measuring;
  const both = [p, parts.run("second pump", [], () => pictureOf(live.feed, now, p))].filter(Boolean);
  const chosen = both[pumps.at] ?? p;
  parts.run("pumps", all(".which"), () => pumps.show(both, dialogues.some((d) => d.isOpen)));
  for (const [name, part, of] of cards) parts.run(name, of, () => part.show(OF_A_PUMP.has(part) ? chosen : p));
  if (parts.failed.has("pump")) find("#stop").textContent = "STOP PUMP"; // whatever is in it now
  const listed = parts.run("notices", [], () => notices(both, [...patientNotices(p), ...stop(both, now)])) ?? [];
  parts.run("bar", all("#bar"), () => bar.show([...parts.notices(), ...listed], p));
  return p;
}

/** Tells STOP who is here and what is seen of the pumps; what it has to tell. */
function stop(both, now) {
  const own = globalThis.pumpStop;
  if (own) {
    own.by = who.get();
    own.sees(seen(both));
    return own.notices();
  }
  const why = "Use the pump's own key, and reload this page.";
  return now - opened < STOP_COMES ? [] : [{ level: "high", title: "STOP is not ready here", why }];
}

const record = () => {
  const p = show();
  parts.run("trend", all(".trend"), () => trend.add(p, Date.now()));
};

live.addEventListener("hello", ({ detail }) => {
  const busy = [programme, change, filling, limits, release, patient, order, redose, charting].some((d) => d.isOpen) || (globalThis.pumpStop?.asked ?? null) !== null;
  if (page !== null && detail.page !== page && !busy) location.reload(); // the daemon has newer files
  page ??= detail.page;
  system.hello(detail);
  programme.hello(detail);
  order.hello(detail);
  filling.hello(detail);
});
live.addEventListener("snapshot", show);
live.addEventListener("lost", show);
live.addEventListener("wave", ({ detail }) => {
  for (const { kind, sweep } of sweeps) if (kind === detail.kind) sweep.add(detail, clock());
});

setInterval(() => {
  live.watch();
  show();
}, SHOW);
setInterval(record, 1000);
document.addEventListener("visibilitychange", show); // before the first paint of a tab that comes back
addEventListener("pageshow", show);

let before = clock();
function frame() {
  const now = clock();
  const passed = Math.min(0.25, (now - before) / 1000);
  for (const { name, cards, sweep } of sweeps) parts.run(name, cards, () => sweep.frame(now, passed, measuring));
  before = now;
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);
record();
