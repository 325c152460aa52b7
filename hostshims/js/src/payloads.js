// A manifest's description of a payload: the digests of the raw bytes and of each packed form
// that can be fetched.

import { digest, integer, list, object } from "./canonical.js";
import { check, checkCount, checkLength } from "./check.js";
import { MAX_DELTAS, MAX_PAYLOAD_PACKED, MAX_PAYLOAD_RAW } from "./limits.js";

const sized = object({ sha256: digest, size: integer });

export const payloadForm = object({ raw: sized, gzip: sized, zstd: sized, deltas: list(object({ from: digest, packed: sized })) });

/** @param {ReturnType<typeof payloadForm>} payload */
export function checkPayload({ raw, gzip, zstd, deltas }) {
  checkCount("raw", raw.size, MAX_PAYLOAD_RAW);
  checkCount("gzip", gzip.size, MAX_PAYLOAD_PACKED);
  checkCount("zstd", zstd.size, MAX_PAYLOAD_PACKED);
  checkLength("deltas", deltas, MAX_DELTAS);
  const from = new Set([raw.sha256]);
  for (const delta of deltas) {
    check(!from.has(delta.from), `deltas: ${delta.from} is repeated`);
    from.add(delta.from);
    checkCount("deltas", delta.packed.size, MAX_PAYLOAD_PACKED);
  }
}
