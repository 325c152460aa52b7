/**
 * Verifies with the runtime's own WebCrypto. Where that lacks Ed25519 nothing verifies:
 * give the root a verifier of "@sortition/edge/noble" there.
 * @type {import("./envelope.js").Verify}
 */
export async function verifyEd25519(publicKey, signature, message) {
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature, message);
  } catch {
    return false; // bytes that are no point of the curve
  }
}
