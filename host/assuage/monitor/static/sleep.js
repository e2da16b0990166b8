// Notices that the machine slept, or that its clock was set: wall time and the page's monotonic time, which stands
// during sleep on some platforms, have advanced by different amounts.

const MOST = 1000; // ms

export class Sleep {
  /** Both in ms. */
  constructor(wall, clock) {
    this.between = () => wall() - clock();
    this.last = this.between();
  }

  /** Whether that happened since this was asked last. */
  happened() {
    const now = this.between();
    const jumped = Math.abs(now - this.last) > MOST;
    this.last = now;
    return jumped;
  }
}
