// DSSE envelopes, https://github.com/secure-systems-lab/dsse, in the form that package
// bundle of the Go module writes: canonical JSON, the digest of a key as its id, signatures
// in ascending order of key id.

import { fromBase64, toUTF8 } from "./bytes.js";
import { decodeCanonical, digest, list, object, string } from "./canonical.js";
import { check, checkAscending, checkCount, checkLength } from "./check.js";
import { MAX_ENVELOPE_SIZE, MAX_SIGNATURES } from "./limits.js";
import { Refused, orRefuse } from "./refused.js";

/** Payload types. A signature of one type of document is not valid for another. */
export const MANIFEST_TYPE = "application/vnd.sortition.manifest+json";
export const ROOT_TYPE = "application/vnd.sortition.root+json";

const base64 = (/** @type {unknown} */ value) => {
  fromBase64(string(value));
  return /** @type {string} */ (value);
};

const form = object({
  payloadType: string,
  payload: base64,
  signatures: list(object({ keyid: digest, sig: base64 })),
});

/**
 * Reports whether a signature is the key's signature of a message. It must not throw.
 * @callback Verify
 * @param {Uint8Array<ArrayBuffer>} publicKey 32 bytes, Ed25519
 * @param {Uint8Array<ArrayBuffer>} signature
 * @param {Uint8Array<ArrayBuffer>} message
 * @returns {Promise<boolean>}
 */

/**
 * Parses an envelope, without verifying its signatures. Refused for "envelope".
 * @param {Uint8Array<ArrayBuffer>} data
 * @param {string} type
 */
export function openEnvelope(data, type) {
  return orRefuse("envelope", () => {
    checkLength("size", data, MAX_ENVELOPE_SIZE);
    const { document } = decodeCanonical(data, form);
    const { payloadType, payload, signatures } = document;
    check(payloadType === type, `payloadType: must be ${type}`);
    checkCount("signatures", signatures.length, MAX_SIGNATURES);
    checkAscending("signatures", signatures.map(({ keyid }) => keyid));
    return {
      type,
      payload: fromBase64(payload),
      signatures: signatures.map(({ keyid, sig }) => ({ id: keyid, signature: fromBase64(sig) })),
    };
  });
}

/**
 * Checks that at least threshold of the keys signed. Signatures of other keys do not count,
 * but are allowed: they occur while keys are rotated. A wrong signature of one of the keys
 * is an error, however many valid ones there are. Refused for "signature".
 * @param {ReturnType<typeof openEnvelope>} envelope
 * @param {Map<string, Uint8Array<ArrayBuffer>>} keys by id
 * @param {number} threshold
 * @param {Verify} verify
 */
export async function verifyEnvelope({ type, payload, signatures }, keys, threshold, verify) {
  const message = preAuthEncoding(type, payload);
  let signed = 0;
  for (const { id, signature } of signatures) {
    const key = keys.get(id);
    if (key === undefined) continue;
    if (signature.length !== 64 || !(await verify(key, signature, message))) {
      throw new Refused("signature", `the signature of key ${id} is wrong`);
    }
    signed++;
  }
  if (signed < Math.max(threshold, 1)) {
    throw new Refused("signature", `${signed} trusted keys signed, want ${threshold}`);
  }
}

/**
 * The message that DSSE signs: the pre-authentication encoding (PAE).
 * @param {string} type
 * @param {Uint8Array<ArrayBuffer>} payload
 */
function preAuthEncoding(type, payload) {
  const head = toUTF8(`DSSEv1 ${type.length} ${type} ${payload.length} `);
  const message = new Uint8Array(head.length + payload.length);
  message.set(head);
  message.set(payload, head.length);
  return message;
}
