// Of several dialogues over the waves the one that was opened last lies on top; on a phone they follow one another.

export function layers(box) {
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      if (!target.matches(".programme") || target.hidden) continue;
      for (const one of box.querySelectorAll(".programme")) one.dataset.behind = one === target ? "no" : "yes";
    }
  }).observe(box, { subtree: true, attributes: true, attributeFilter: ["hidden"] });
}
