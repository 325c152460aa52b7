/**
 * Verifies with the runtime's WebCrypto. If that lacks Ed25519, no signature verifies: use
 * the verifier of "@sortition/edge/noble" instead.
 * @type {import("./envelope.js").Verify}
 */
export async function verifyEd25519(publicKey, signature, message) {
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature, message);
  } catch {
    return false; // the bytes are not a point of the curve
  }
}
