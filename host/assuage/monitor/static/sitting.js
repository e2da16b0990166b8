// Who sits at this page: typed once, kept until the tab is closed, shown and changeable in every form that needs it.

const KEY = "assuage-who";

/** The name, "" before one was typed. */
export function who() {
  return sessionStorage.getItem(KEY) ?? "";
}

/** A name that an entry was made by. */
export function sits(name) {
  sessionStorage.setItem(KEY, name.trim());
}
