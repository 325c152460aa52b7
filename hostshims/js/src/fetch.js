import { sha256 } from "./bytes.js";
import { payloadName } from "./manifest.js";
import { Refused } from "./refused.js";

/**
 * Fetches the payload that a manifest names. It verifies the packed bytes before it inflates
 * them, and the raw bytes after. Refused for "too_large", "payload" or "payload_missing"; any
 * other error means that the source did not answer.
 * @param {{ manifest: import("./manifest.js").Manifest, source: import("./source.js").Source }} from
 * @param {{ inflate: import("./inflate.js").Inflate, maxPayload: number }} options
 * @param {AbortSignal} [signal]
 */
export async function fetchPayload({ manifest, source }, { inflate, maxPayload }, signal) {
  const { raw, gzip } = manifest.payload;
  if (raw.size > maxPayload) {
    throw new Refused("too_large", `the payload of revision ${manifest.revision} has ${raw.size} bytes; the limit is ${maxPayload}: see maxPayload`);
  }
  const name = payloadName(gzip);
  const answer = await source.get(name, { limit: gzip.size, signal });
  if (answer === "not_found") throw new Refused("payload_missing", `${name} does not exist`);
  if (typeof answer !== "object") throw new Refused("payload", `${name} is not the signed one`);
  await checkDigest(name, answer.data, gzip);
  const payload = await inflate(answer.data, raw.size).catch((error) => {
    throw new Refused("payload", name, error);
  });
  await checkDigest("the raw payload", payload, raw);
  return { packed: answer.data, payload };
}

/**
 * @param {string} what
 * @param {Uint8Array<ArrayBuffer>} data
 * @param {import("./manifest.js").Digest} digest
 */
async function checkDigest(what, data, { sha256: hash, size }) {
  if (data.length !== size || (await sha256(data)) !== hash) throw new Refused("payload", `${what} is not the signed one`);
}
