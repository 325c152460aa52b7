// Why something that a source returned is refused. The words are those of the Go host's
// metrics, package edge/reload.

/** @typedef {(typeof REASONS)[number]} Reason */

/** Every reason. */
export const REASONS = Object.freeze(
  /** @type {const} */ ([
    "too_large", // an envelope over the limit
    "root", // a root that does not follow the newest
    "envelope", // no canonical envelope of a manifest
    "signature", // not signed by enough trusted keys
    "manifest", // signed, but invalid
    "epoch", // of another epoch than the root's
    "environment", // of another environment
    "application", // it has others than the host's
    "schema", // needs a newer package
    "older", // than the revision at hand
    "equivocation", // another content of the revision at hand
    "payload_missing", // not in the source
    "payload", // not the one that was signed
    "activation", // could not be put into use here
    "state", // the last good bundle could not be read or written
  ]),
);

/** Something was refused, and would be again: the bytes are at fault. */
export class Refused extends Error {
  name = "Refused";

  /**
   * @param {Reason} reason
   * @param {string} message
   * @param {unknown} [cause]
   */
  constructor(reason, message, cause) {
    super(cause instanceof Error ? `${message}: ${cause.message}` : message, { cause });
    this.reason = reason;
  }
}

/**
 * Gives what f returns. Whatever f throws is refused for a reason; what has a reason
 * already keeps it.
 * @template T
 * @param {Reason} reason
 * @param {() => T} f
 */
export function orRefuse(reason, f) {
  try {
    return f();
  } catch (error) {
    throw error instanceof Refused ? error : new Refused(reason, reason, error);
  }
}
