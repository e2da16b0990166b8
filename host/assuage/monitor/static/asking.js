// What the daemon is asked for by GET.

/** {ok, body}; body.error is a sentence whenever not ok. */
export async function get(path, limit = 10000) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), limit);
  try {
    const response = await fetch(path, { signal: abort.signal, cache: "no-store" });
    const body = await response.json();
    return response.ok ? { ok: true, body } : failed(body.error ?? `The daemon answered with ${response.status}.`);
  } catch {
    return failed(abort.signal.aborted ? "The daemon did not answer in time." : "The daemon cannot be reached.");
  } finally {
    clearTimeout(timer);
  }
}

function failed(error) {
  return { ok: false, body: { error } };
}
