// A read-back in clinical words: what was asked, and what the board's own numbers mean of the drug, reckoned back by
// the daemon, which refuses one that is more than 1 nL off. Pure; shapes: assuage.bedside.prescribed, readback, target.

import { NONE, ON_LOSS, plain, span } from "./words.js";

const cap = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** A number in the words in which it was asked first, then the others: the dose and the pump's own. */
export function said({ board, means, per_weight: per, asked }) {
  const first = asked.includes("/kg") ? per : /\bmL/.test(asked) || !means ? board : means;
  return {
    read: first,
    note: [per, means, board && means ? `${board} at the pump` : ""]
      .filter((one) => one && one !== first && !one.startsWith(`${first} `))
      .join(" · "),
  };
}

const line = (name, asked, read, note = "") => ({ name, asked, read, note, same: asked === read });

export function numberLines(numbers) {
  return numbers.map((number) => {
    const { read, note } = said(number);
    return { name: cap(number.name), asked: number.asked || "(follows)", read, note, same: true };
  });
}

/** r: the read-back; asked: {prescription, pump} as the daemon has kept it, or the order of a target. {lines, also,
    same}, as a table shows them. */
export function clinicalRows(r, asked, names = {}) {
  const lines = r.target ? targetLines(r, asked) : prescriptionLines(r, asked, names);
  const pump = asked?.pump ?? asked ?? {};
  lines.push(
    line("Syringe", pump.syringe ?? NONE, r.syringe),
    line("Lost link", ON_LOSS[pump.on_loss ?? "stop"] ?? NONE, ON_LOSS[r.on_loss] ?? r.on_loss),
    ...(r.guards ?? []).map((g, i) => ({ ...line(`Guard ${i + 1}`, g.asked, g.sentence), long: true })),
  );
  const also = [
    r.finish_s ? `Takes ${span(r.finish_s)}` : "",
    `occlusion alarm at ${r.occlusion_mmhg} mmHg`,
    r.guards?.length ? "" : "not guarded",
    r.clinical ? `library ${r.clinical.library.slice(0, 12)}` : "",
  ].filter(Boolean);
  return { lines, also: `${also.join("; ")}.`, same: lines.every((one) => one.same) };
}

function prescriptionLines(r, asked, names) {
  const c = r.clinical;
  const p = asked?.prescription ?? {};
  return [
    line("Patient", `${c.patient}, ${p.weight ?? NONE}`, `${c.patient}, ${c.weight}`),
    line(
      "Drug",
      `${names[p.drug] ?? p.drug ?? NONE} ${p.concentration ?? ""}`.trim(),
      `${names[c.drug] ?? c.drug} ${c.concentration}`,
    ),
    ...numberLines(c.numbers),
  ];
}

function targetLines(r, asked) {
  const t = r.target;
  const a = asked ?? {};
  return [
    { ...line("Drug", r.drug, r.drug), same: Boolean(asked) },
    {
      ...line("Target", a.target ?? NONE, t.target, `${t.site === "effect" ? "effect site" : "plasma"}, by ${t.name}`),
    },
    {
      name: "Highest rate",
      asked: a.rate ?? NONE,
      read: t.rate,
      note: `while loading ${t.loading}; ${plain(r.most_ml_h, 2)} mL/h at the pump`,
      same: Boolean(a.rate),
    },
    line("Volume in all", a.volume ?? NONE, `${plain(r.vtbi_ml)} mL`),
    { name: "Ends after", asked: a.duration ?? NONE, read: span(r.duration_s), note: "", same: Boolean(a.duration) },
  ];
}

/** What is confirmed and waits for START. r: a read-back, or the pump with its terms. */
export function summary(r) {
  const c = r.clinical;
  const rows = c.numbers
    .filter((number) => number.means)
    .map((number) => {
      const { read, note } = said(number);
      return `${number.name} ${read}${note ? ` (${note})` : ""}`;
    });
  return `${c.patient}, ${c.weight}: ${c.substance} ${c.concentration}. ${cap(rows.join("; "))}.`.replace(
    /(\d) (?=[a-zA-Z])/g,
    "$1\u00a0",
  );
}
