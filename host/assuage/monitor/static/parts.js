// Parts of the page fail one by one: what a failed part would show is hidden until it works again, and the others go on.

export class Parts {
  constructor() {
    this.failed = new Map(); // name: error
  }

  /** Does `work` for the part of this name, which fills these cards. What it returns, or undefined when it failed. */
  run(name, cards, work) {
    try {
      const made = work();
      if (this.failed.delete(name)) for (const card of cards) card.removeAttribute("data-failed");
      return made;
    } catch (error) {
      if (!this.failed.has(name)) console.error(name, error);
      this.failed.set(name, error);
      for (const card of cards) {
        card.setAttribute("data-failed", "yes");
        for (const output of card.querySelectorAll("[data-value]")) output.textContent = "--";
      }
      return undefined;
    }
  }

  /** For the bar. */
  notices() {
    if (this.failed.size === 0) return [];
    const names = [...this.failed.keys()].join(", ");
    return [
      {
        level: "high",
        title: "This page has failed",
        why: `Reload it. Not shown: ${names}. Look at patient and pump; STOP is still tried.`,
      },
    ];
  }
}
