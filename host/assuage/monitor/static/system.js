// Who and how: bed, board, link with round trip, lease, MQTT, clock. Each part says by itself when it is not known.

import { lease } from "./pump.js";
import { clock, isNumber, moving, span } from "./words.js";

export class System {
  constructor(find) {
    this.find = find;
    this.place = "";
  }

  /** hello: what the daemon says once: {site, patient}. */
  hello(hello) {
    this.place = [hello.site, hello.patient].filter(Boolean).join(" · ");
  }

  show(picture) {
    const { snapshot, page } = picture;
    const set = (id, text) => {
      const e = this.find(id);
      if (e.textContent !== text) e.textContent = text;
    };
    if (snapshot) {
      set("#bed", snapshot.bed);
      document.title = `${snapshot.bed} · Assuage`;
    }
    const b = snapshot?.board;
    set("#board", this.place || (b ? `Start ${b.boot}, ${b.reset}` : ""));
    set("#board-start", b ? `Board ${b.uid.slice(-4)} · ${b.firmware}` : "No board seen yet");
    const link = this.find("#link-state");
    link.dataset.state =
      page === "live" ? (picture.linked ? "live" : picture.link === "live" ? "lost" : picture.link) : "unknown";
    link.dataset.kind = picture.linked ? "ok" : page === "live" && picture.link !== "connecting" ? "down" : "wait";
    set("#link-words", linkWords(picture));
    link.title = frames(page === "live" ? snapshot.link : null);
    const p = picture.pump;
    set("#lease", `Lease ${p.live ? (moving(p.data.state) ? lease(p.data.lease_ms) : "none") : "--"}`);
    const mqtt = page === "live" ? snapshot.services?.mqtt : null;
    const tag = this.find("#mqtt");
    tag.dataset.kind = mqtt?.state === "up" ? "ok" : mqtt?.state === "down" ? "down" : "wait";
    set("#mqtt-words", `MQTT ${mqtt?.state ?? "--"}`);
    set("#clock", page === "live" ? clock(snapshot.time) : "--:--");
  }
}

/** What was lost on the line since the daemon's start; not known while nothing is heard of the daemon. */
export function frames(link) {
  if (!isNumber(link?.frames_lost) || !isNumber(link?.frames_refused)) return "";
  return `Since the daemon's start: ${link.frames_lost} frames lost, ${link.frames_refused} damaged or foreign.`;
}

function linkWords(picture) {
  if (picture.page === "waiting") return "Daemon …";
  if (picture.page === "lost") return `No daemon ${span(picture.silent)}`;
  if (picture.linked) {
    const rtt = picture.snapshot.link.rtt_ms;
    return isNumber(rtt) ? `Board link ${rtt < 10 ? rtt.toFixed(1) : rtt.toFixed(0)} ms` : "Board link";
  }
  if (picture.link === "connecting") return "Board link …";
  if (picture.link === "mismatch") return "Board mismatch";
  return `No board ${span(picture.link === "live" ? picture.boardSilent : picture.linkFor)}`;
}
