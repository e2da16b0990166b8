// Where the labels of a drawing stand, so that none is cut off or lies over another: each near its place, moved up or down
// until it is free. Pure.

const LETTER = 7.2; // px, the mean width of one
const MORE = 8; // px, for short words of wide letters
const LINE = 15; // px
const STEP = 3; // px by which one is moved

export class Labels {
  /** box: {left, right, top, bottom} in px, in which all of them stand. */
  constructor(box) {
    Object.assign(this, { box, taken: [] });
  }

  /** The words, without what stands in brackets where all of them are too wide. */
  fit(words) {
    return widthOf(words) <= this.box.right - this.box.left ? words : words.split(" (")[0];
  }

  /** {x, y} of the baseline of these words, wanted at x, y with that text-anchor. */
  place(words, x, y, anchor = "start") {
    const width = widthOf(words);
    const before = { start: 0, middle: width / 2, end: width }[anchor];
    const { left: least, right: most, top, bottom } = this.box;
    const left = Math.max(least, Math.min(x - before, most - width));
    const room = Math.ceil((bottom - top) / STEP);
    const ways = Array.from({ length: 2 * room + 1 }, (_, i) => (i % 2 ? -(i + 1) / 2 : i / 2) * STEP);
    const spots = ways.map((way) => y + way).filter((at) => at - LINE >= top && at <= bottom);
    const free = spots.find((at) => !this.taken.some((one) => meet(one, { left, right: left + width, y: at })));
    const found = free ?? y;
    this.taken.push({ left, right: left + width, y: found });
    return { x: left + before, y: found };
  }
}

const widthOf = (words) => words.length * LETTER + MORE;

function meet(a, b) {
  return Math.min(a.right, b.right) > Math.max(a.left, b.left) && Math.abs(a.y - b.y) < LINE;
}
