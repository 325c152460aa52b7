import { toBase64 } from "./bytes.js";
import { Host } from "./host.js";

/**
 * Returns the objects of the newest bundle of a source, for bakedSource. The bundle was
 * verified and activated. It throws if there is none.
 * @param {import("./host.js").HostOptions} options
 */
export async function bake(options) {
  /** @type {Record<string, string>} */
  const objects = {};
  const keep = {
    get: async () => /** @type {const} */ ("not_found"),
    put: async (/** @type {string} */ name, /** @type {Uint8Array<ArrayBuffer>} */ data) => void (objects[name] = toBase64(data)),
    remove: async (/** @type {string} */ name) => void delete objects[name],
  };
  const host = new Host({ ...options, keep });
  await host.refresh();
  const { ready, lastError } = host.status();
  if (!ready) throw new Error(`no usable bundle: ${lastError || "nothing has been published"}`);
  return objects;
}
