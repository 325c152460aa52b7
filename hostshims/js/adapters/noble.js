// Verifies signatures in runtimes whose WebCrypto lacks Ed25519. It needs the package
// @noble/ed25519.

import { verifyAsync } from "@noble/ed25519";

/** @type {import("../src/envelope.js").Verify} */
export async function verify(publicKey, signature, message) {
  try {
    return await verifyAsync(signature, message, publicKey, { zip215: false });
  } catch {
    return false; // the bytes are not a point of the curve
  }
}
