// Which of a bed's pumps is chosen, and where its orders go.

const OF_A_PUMP = /^\/api\/(pump|prescribe|check|convert|target|interlock)(\/|$)/;

/** at: 0, or 1 for the second one. */
export const which = { at: 0 };

/** The path of an order as it is for the pump that is chosen. */
export function pathOf(path) {
  return which.at && OF_A_PUMP.test(path) ? path.replace("/api/", "/api/second/") : path;
}
