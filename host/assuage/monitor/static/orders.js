// Orders to the daemon, over plain POST so that they work when the WebSocket does not. Whoever has given a name at
// this page is named with each.

import { pathOf } from "./which.js";
import { who } from "./who.js";

/** Posts, to the pump that is chosen where it is of one, and returns {ok, status, body}; status 0 when no answer came within `limit` ms. Only a JSON object is an
    answer of the daemon's: a login page of the network may answer 200, too. body.error is a sentence whenever not ok. */
export async function post(path, body, limit = 8000) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), limit);
  try {
    const response = await fetch(pathOf(path), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(who.get() ? { who: who.get(), ...body } : body),
      signal: abort.signal,
      cache: "no-store",
      keepalive: true, // an order that was given is sent even if the page is closed at once
    });
    const answer = parsed(await response.text());
    const ok = response.ok && answer !== null;
    const said = answer ?? {};
    if (!ok && !said.error)
      said.error = response.ok
        ? "What answered was not the daemon; a login page of the network may stand between."
        : `The daemon answered with ${response.status}.`;
    return { ok, status: response.status, body: said };
  } catch {
    const error = abort.signal.aborted ? "The daemon did not answer in time." : "The daemon cannot be reached.";
    return { ok: false, status: 0, body: { error } };
  } finally {
    clearTimeout(timer);
  }
}

function parsed(text) {
  try {
    const found = JSON.parse(text);
    return typeof found === "object" && !Array.isArray(found) ? found : null;
  } catch {
    return null;
  }
}
