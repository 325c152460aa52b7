// DSSE envelopes, https://github.com/secure-systems-lab/dsse, in the one form that
// package bundle of the Go module writes: canonical JSON, key ids that are the digest of
// the key, signatures in ascending order of key id.

import { fromBase64, toUTF8 } from "./bytes.js";
import { decodeCanonical, digest, list, object, string } from "./canonical.js";
import { check, checkAscending, checkCount, checkLength } from "./check.js";
import { MAX_ENVELOPE_SIZE, MAX_SIGNATURES } from "./limits.js";
import { Refused, orRefuse } from "./refused.js";

/** The payload types keep signatures of one kind of document from being one of another. */
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
 * Tells whether a signature is the key's signature of a message. It must not throw.
 * @callback Verify
 * @param {Uint8Array<ArrayBuffer>} publicKey 32 bytes, Ed25519
 * @param {Uint8Array<ArrayBuffer>} signature
 * @param {Uint8Array<ArrayBuffer>} message
 * @returns {Promise<boolean>}
 */

/**
 * Reads an envelope's form. What it holds is not verified. Refused for "envelope".
 * @param {Uint8Array<ArrayBuffer>} data
 * @param {string} type
 */
export function openEnvelope(data, type) {
  return orRefuse("envelope", () => {
    checkLength("size", data, MAX_ENVELOPE_SIZE);
    const { document } = decodeCanonical(data, form);
    const { payloadType, payload, signatures } = document;
    check(payloadType === type, `no ${type}`);
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
 * Checks that at least threshold of the keys signed. Signatures of other keys do not
 * count, but are no fault: a rotation has them. A wrong signature of one of the keys is a
 * fault however many right ones there are. Refused for "signature".
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
      throw new Refused("signature", `wrong signature of key ${id}`);
    }
    signed++;
  }
  if (signed < Math.max(threshold, 1)) {
    throw new Refused("signature", `signed by ${signed} of ${threshold} keys`);
  }
}

/**
 * The message that DSSE signs (PAE).
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
