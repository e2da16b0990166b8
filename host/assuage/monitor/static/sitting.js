// Who charts in this sitting: a name that is typed once, and shown and changeable in every form. There is none to begin
// with, nor half an hour after the last entry.

const SITTING = 30 * 60 * 1000; // ms after which somebody else may stand there

let name = "";
let until = 0;

/** The name, "" where there is none. */
export function who() {
  return Date.now() < until ? name : "";
}

/** This name has made an entry now. */
export function sits(person) {
  name = person.trim();
  until = Date.now() + SITTING;
}
