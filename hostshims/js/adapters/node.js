// Node: 20 or later.

import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzip } from "node:zlib";
import { Host as AnyHost } from "../index.js";
import { MAX_PAYLOAD_RAW } from "../src/limits.js";

export * from "../index.js";

/**
 * Inflates gzip on another thread.
 * @type {import("../src/inflate.js").Inflate}
 */
const inflate = (packed, size) =>
  new Promise((resolve, reject) => {
    // With room for one byte more, zlib sees the end of the stream in one go.
    gunzip(packed, { chunkSize: Math.max(size + 1, MIN_CHUNK), maxOutputLength: size }, (error, raw) => {
      if (error !== null || raw.length < size) return reject(new RangeError(`does not inflate to ${size} bytes`, { cause: error }));
      resolve(new Uint8Array(/** @type {ArrayBuffer} */ (raw.buffer), raw.byteOffset, size));
    });
  });

/** The smallest chunkSize that zlib accepts. */
const MIN_CHUNK = 64;

/** A host in a server: it inflates with zlib, and accepts payloads of every size. */
export class Host extends AnyHost {
  /** @param {import("../src/host.js").HostOptions} options */
  constructor(options) {
    super({ inflate, maxPayload: MAX_PAYLOAD_RAW, ...options });
  }
}

/** Compiles this package's core. */
export async function loadCore() {
  return WebAssembly.compile(await readFile(new URL("../core.wasm", import.meta.url)));
}

/**
 * Reads bundles from a directory, or keeps the last good bundle there.
 * @param {string | URL} directory
 * @returns {import("../src/source.js").Store}
 */
export function directoryStore(directory) {
  const root = directory instanceof URL ? fileURLToPath(directory) : directory;
  return {
    async get(name, { limit }) {
      const file = await open(join(root, name)).catch(ifMissing);
      if (file === undefined) return "not_found";
      try {
        const { size } = await file.stat();
        return size > limit ? "too_large" : { data: new Uint8Array(await file.readFile()) };
      } finally {
        await file.close();
      }
    },
    async put(name, data) {
      const path = join(root, name);
      const whole = `${path}.${process.pid}.tmp`;
      await mkdir(dirname(path), { recursive: true });
      await writeFile(whole, data, { flush: true });
      await rename(whole, path); // readers never see part of an object
    },
    async remove(name) {
      await rm(join(root, name), { force: true });
    },
  };
}

/** @param {NodeJS.ErrnoException} error @returns {undefined} */
function ifMissing(error) {
  if (error.code !== "ENOENT") throw error;
}

/**
 * Converts a request of node:http to a web request, for Shim.assign.
 * @param {import("node:http").IncomingMessage} incoming
 * @param {{ protocol?: "http" | "https" }} [options] protocol is the one that visitors use,
 *   by default "https"
 */
export function webRequest(incoming, { protocol = "https" } = {}) {
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) headers.append(incoming.rawHeaders[i], incoming.rawHeaders[i + 1]);
  const { method = "GET", url = "/" } = incoming;
  const body = method === "GET" || method === "HEAD" ? undefined : incoming;
  const target = new URL(url.startsWith("/") ? `${protocol}://${headers.get("Host")}${url}` : url);
  return new Request(target, /** @type {RequestInit} */ ({ method, headers, body, duplex: "half" }));
}
