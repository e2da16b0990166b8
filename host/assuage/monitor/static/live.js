// The WebSocket to the daemon: keeps the newest snapshot with the time it came, hands on the pulse wave, and
// reconnects for ever.

import { Delay } from "./stale.js";

const RETRY = { first: 250, most: 2000 };
const SILENT = 3000; // an open socket without a message for this long is given up: the other end hangs
const CONNECTING = 3000;

export class Live extends EventTarget {
  /** clock: () => ms, monotonic. Events: "snapshot", "hello" (detail: message) and "wave" (detail: see `waveOf`). */
  constructor(url, clock) {
    super();
    this.url = url;
    this.clock = clock;
    this.feed = { opened: clock(), heard: null, at: 0, delay: 0, snapshot: null };
    this.retry = RETRY.first;
    this.socket = null;
    this.since = clock();
    this.connect();
  }

  connect() {
    const socket = new WebSocket(this.url);
    const delay = new Delay();
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => this.take(event.data, delay);
    socket.onclose = () => this.again(socket);
    this.socket = socket;
    this.since = this.clock();
  }

  again(socket) {
    if (socket !== this.socket) return;
    this.socket = null;
    this.lost = true;
    this.dispatchEvent(new Event("lost"));
    setTimeout(() => this.connect(), this.retry);
    this.retry = Math.min(RETRY.most, this.retry * 1.6);
  }

  /** Called a few times a second: a socket that neither opens, closes nor speaks is dropped and made anew. */
  watch() {
    const { socket } = this;
    if (!socket) return;
    const now = this.clock();
    const quiet = now - Math.max(this.since, this.feed.heard ?? 0);
    if (quiet > (socket.readyState === WebSocket.CONNECTING ? CONNECTING : SILENT)) {
      socket.onmessage = socket.onclose = null;
      socket.close();
      this.again(socket);
    }
  }

  take(data, delay) {
    const now = this.clock();
    if (typeof data !== "string") {
      this.dispatchEvent(new CustomEvent("wave", { detail: waveOf(data) }));
      return;
    }
    const message = JSON.parse(data);
    this.feed.delay = delay.of(message.sent * 1000, now);
    this.feed.heard = now;
    this.retry = RETRY.first;
    if (message.type === "snapshot") {
      this.feed.snapshot = message;
      this.feed.at = now;
    }
    this.dispatchEvent(new CustomEvent(message.type, { detail: message }));
  }
}

/** A batch of the pulse wave: u8 kind = 1, u8 hz, u16 count, u32 index of the first sample, f64 host time, count x
    i16 (1e-5). */
export function waveOf(buffer) {
  const view = new DataView(buffer);
  const count = view.getUint16(2, true);
  const samples = new Int16Array(count);
  for (let i = 0; i < count; i++) samples[i] = view.getInt16(16 + 2 * i, true);
  return {
    kind: view.getUint8(0),
    hz: view.getUint8(1),
    index: view.getUint32(4, true),
    time: view.getFloat64(8, true),
    samples,
  };
}
