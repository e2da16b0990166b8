// The WebSocket to the daemon: keeps the newest snapshot with the time it came, hands on the waves, and reconnects
// for ever.

import { Delay } from "./stale.js";

const RETRY = { first: 250, most: 2000 };
const SILENT = 3000; // an open socket without a snapshot for this long is given up: the other end hangs
const CONNECTING = 3000;

export class Live extends EventTarget {
  /** clock: () => ms, monotonic. Events: "snapshot", "hello" (detail: message) and "wave" (detail: see `waveOf`). */
  constructor(url, clock) {
    super();
    this.url = url;
    this.clock = clock;
    this.retry = RETRY.first;
    this.forget();
  }

  /** Drops all that was received, and the socket with what may still be in it; begins as a page does that was opened
      just now. */
  forget() {
    if (this.socket) this.drop(this.socket);
    clearTimeout(this.timer);
    this.feed = nothing(this.clock());
    this.connect();
  }

  drop(socket) {
    socket.onmessage = socket.onclose = null;
    socket.close();
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
    this.dispatchEvent(new Event("lost"));
    this.timer = setTimeout(() => this.connect(), this.retry);
    this.retry = Math.min(RETRY.most, this.retry * 1.6);
  }

  /** Called a few times a second: a socket that neither opens, closes nor brings a snapshot is dropped and made anew. */
  watch() {
    const { socket } = this;
    if (!socket) return;
    const now = this.clock();
    const quiet = now - Math.max(this.since, this.feed.at);
    if (quiet > (socket.readyState === WebSocket.CONNECTING ? CONNECTING : SILENT)) {
      this.drop(socket);
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
    const late = delay.of(message.sent * 1000, now);
    if (message.type === "snapshot") {
      // Nothing but a picture of the bed is news of it.
      this.feed = { ...this.feed, at: now, delay: late, snapshot: message };
      this.retry = RETRY.first;
    }
    this.dispatchEvent(new CustomEvent(message.type, { detail: message }));
  }
}

/** The feed of a page that was opened at `now` and has received nothing. Times in ms of the page's clock. */
export function nothing(now) {
  return { opened: now, at: 0, delay: 0, snapshot: null };
}

/** A batch of a wave: u8 kind, u8 hz, u16 count, u32 index of the first sample, f64 host time, count x i16. Kind 1:
    pulse wave (1e-5), 2: CO2 (0.1 mmHg). */
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
