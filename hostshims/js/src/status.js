import { REASONS, Refused } from "./refused.js";

/** Where the active bundle was read.
 * @typedef {"" | "source" | "baked" | "kept"} Origin */

/** The state of a host. Times are milliseconds since the Unix epoch, 0 for never. */
export class Status {
  /** The application whose experiments and flags are loaded; empty for all of them. */
  application = "";

  /** Whether a bundle is active. The next fields describe it. */
  ready = false;
  epoch = 0;
  revision = 0;
  /** @type {Origin} */
  origin = "";
  created = 0;
  expires = 0;
  activated = 0;
  stale = false;
  /** Whether its revision is for a canary only, to which the host belongs. */
  canary = false;
  /** Whether the bundle was made for another core than that of this package. Its golden
   * vectors pass. */
  coreBehind = false;

  rootVersion = 0;
  rootExpires = 0;

  /** Polls that the source answered, and reads that it did not answer. */
  polls = 0;
  failures = 0;
  lastAnswer = 0;

  /** The last error; empty after a complete poll without any error. */
  lastError = "";
  /** @type {import("./refused.js").Reason | ""} empty if the source did not answer */
  lastReason = "";
  lastErrorTime = 0;

  /** @type {Record<import("./refused.js").Reason, number>} refusals by reason */
  rejected = /** @type {any} */ (Object.fromEntries(REASONS.map((reason) => [reason, 0])));

  /**
   * Counts an error: a refusal, or that the source did not answer.
   * @param {string} what
   * @param {unknown} error
   * @param {number} now
   */
  failed(what, error, now) {
    const reason = error instanceof Refused ? error.reason : "";
    if (reason === "") this.failures++;
    else this.rejected[reason]++;
    this.lastError = `${what}: ${error instanceof Error ? error.message : error}`;
    this.lastReason = reason;
    this.lastErrorTime = now;
  }
}
