// What can be chosen in an order, asked of the daemon once, and again when its library is another one.

let asked = null;
let of = null;

/** The formulary (shape: assuage.pharmacy.formulary), or null when the daemon has none. hash: the library's, as a
    snapshot has it. */
export async function formulary(hash) {
  if (asked === null || of !== hash) {
    of = hash;
    asked = fetch("/api/formulary", { cache: "no-store" })
      .then((answer) => (answer.ok ? answer.json() : null))
      .catch(() => null);
  }
  const found = await asked;
  if (found === null) asked = null;
  return found;
}

/** Whether the daemon checks by a library at all. */
export function checks(picture) {
  return picture.page === "live" && picture.snapshot.services?.library?.state === "up";
}
