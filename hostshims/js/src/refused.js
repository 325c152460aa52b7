// The reasons for refusing what a source returns. They are the same as in the metrics of the
// Go host (package edge/reload).

/** @typedef {(typeof REASONS)[number]} Reason */

/** Every reason. */
export const REASONS = Object.freeze(
  /** @type {const} */ ([
    "too_large", // an envelope or a payload is over the limit
    "root", // a root does not follow the newest one
    "envelope", // not a canonical envelope of a manifest
    "signature", // not signed by enough trusted keys
    "manifest", // signed, but invalid
    "epoch", // the manifest's epoch is not the root's
    "environment", // the manifest is for another environment
    "application", // the manifest is for other applications
    "schema", // a newer version of this package is needed
    "older", // older than the accepted revision
    "equivocation", // another manifest of the accepted revision
    "payload_missing", // the payload is not in the source
    "payload", // the payload is not the signed one
    "activation", // the bundle cannot be activated in this runtime
    "state", // the last good bundle cannot be read or written
  ]),
);

/** Something is refused because of its bytes: another attempt would be refused too. */
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
 * Returns what f returns. If f throws a Refused, it throws that; any other error becomes a
 * Refused with this reason.
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
