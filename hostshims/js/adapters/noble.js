// Verifies where the runtime's WebCrypto has no Ed25519. Needs the package @noble/ed25519.

import { verifyAsync } from "@noble/ed25519";

/** @type {import("../src/envelope.js").Verify} */
export async function verify(publicKey, signature, message) {
  try {
    return await verifyAsync(signature, message, publicKey, { zip215: false });
  } catch {
    return false; // bytes that are no point of the curve
  }
}
