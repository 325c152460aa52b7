import { sha256 } from "./bytes.js";
import { payloadName } from "./manifest.js";
import { Refused } from "./refused.js";

/**
 * Fetches the payload that a manifest names, and verifies it: packed before it is inflated,
 * and raw. Refused for "payload" or "payload_missing"; any other error says that the source
 * did not answer.
 * @param {{ manifest: import("./manifest.js").Manifest, source: import("./source.js").Source }} from
 * @param {import("./inflate.js").Inflate} inflate
 * @param {AbortSignal} [signal]
 */
export async function fetchPayload({ manifest, source }, inflate, signal) {
  const { raw, gzip } = manifest.payload;
  const name = payloadName(gzip);
  const answer = await source.get(name, { limit: gzip.size, signal });
  if (answer === "not_found") throw new Refused("payload_missing", `there is no ${name}`);
  if (typeof answer !== "object") throw new Refused("payload", `${name} is not what was signed`);
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
  if (data.length !== size || (await sha256(data)) !== hash) throw new Refused("payload", `${what} is not what was signed`);
}
