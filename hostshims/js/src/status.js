import { REASONS, Refused } from "./refused.js";

/** Where the active bundle was read.
 * @typedef {"" | "source" | "baked" | "kept"} Origin */

/** Tells how it stands. Times are milliseconds since the Unix epoch, 0 for never. */
export class Status {
  /** Whose experiments and flags are had; empty for those of all applications. */
  application = "";

  /** A bundle is active. The next fields describe it. */
  ready = false;
  epoch = 0;
  revision = 0;
  /** @type {Origin} */
  origin = "";
  created = 0;
  expires = 0;
  activated = 0;
  stale = false;
  /** It is for the canary only, to which the host belongs. */
  canary = false;
  /** The bundle was made for another core than this package's; its vectors agree. */
  coreBehind = false;

  rootVersion = 0;
  rootExpires = 0;

  /** Looks at the source that were answered, and times that it did not answer. */
  polls = 0;
  failures = 0;
  lastAnswer = 0;

  /** What went wrong last; empty once a look at everything met with nothing wrong. */
  lastError = "";
  /** @type {import("./refused.js").Reason | ""} empty if the source did not answer */
  lastReason = "";
  lastErrorTime = 0;

  /** @type {Record<import("./refused.js").Reason, number>} refusals by reason */
  rejected = /** @type {any} */ (Object.fromEntries(REASONS.map((reason) => [reason, 0])));

  /**
   * Counts what went wrong: a refusal, or that the source did not answer.
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
