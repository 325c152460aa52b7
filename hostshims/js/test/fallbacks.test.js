// Replacements for runtimes that lack a feature. They must accept and refuse the same inputs as
// the runtime's own functions.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { verifyEd25519 } from "../src/ed25519.js";
import { inflate } from "../src/inflate.js";
import { bytes, newKey } from "./publisher.js";

const modules = fileURLToPath(new URL("node_modules", import.meta.url));
const absent = !existsSync(`${modules}/esbuild`) && "ESBUILD IS NOT INSTALLED: run npm install --no-save in hostshims/js/test";

/** An adapter, with the package that it may have beside it. */
async function adapter(name) {
  const { build } = await import("esbuild");
  const entryPoints = [fileURLToPath(new URL(`../adapters/${name}.js`, import.meta.url))];
  const { outputFiles: [file] } = await build({ entryPoints, write: false, bundle: true, format: "esm", nodePaths: [modules], logLevel: "error" });
  return import(`data:text/javascript;base64,${Buffer.from(file.contents).toString("base64")}`);
}

const inflaters = { DecompressionStream: async () => inflate, fflate: async () => (await adapter("fflate")).inflate };

for (const [name, load] of Object.entries(inflaters)) {
  test(`inflates to exactly the signed size: ${name}`, { skip: name === "fflate" && absent }, async () => {
    const inflater = await load();
    const raw = bytes(Buffer.concat([randomBytes(300_000), Buffer.alloc(3_000_000)]));
    const packed = bytes(gzipSync(raw));
    assert.deepEqual(await inflater(packed, raw.length), raw);
    await assert.rejects(inflater(packed, raw.length - 1), /inflate.* to /);
    await assert.rejects(inflater(packed, raw.length + 1), /inflat/);
    await assert.rejects(inflater(packed.subarray(0, packed.length >> 1), raw.length));
    await assert.rejects(inflater(raw.subarray(0, 1_000), 1_000));
    await assert.rejects(inflater(new Uint8Array(0), 1));
  });
}

const verifiers = { WebCrypto: async () => verifyEd25519, noble: async () => (await adapter("noble")).verify };

for (const [name, load] of Object.entries(verifiers)) {
  test(`verifies Ed25519: ${name}`, { skip: name === "noble" && absent }, async () => {
    const verify = await load();
    const key = newKey();
    const message = bytes(Buffer.from("message"));
    const signature = bytes(key.sign(message));
    const publicKey = bytes(Buffer.from(key.public, "base64"));
    assert.equal(await verify(publicKey, signature, message), true);
    assert.equal(await verify(publicKey, signature, bytes(Buffer.from("massage"))), false);
    assert.equal(await verify(bytes(Buffer.from(newKey().public, "base64")), signature, message), false);
    for (let i = 0; i < 64; i++) {
      const wrong = signature.slice();
      wrong[i] ^= 1 << i % 8;
      assert.equal(await verify(publicKey, wrong, message), false, `byte ${i}`);
    }
    assert.equal(await verify(publicKey.subarray(1), signature, message), false);
    assert.equal(await verify(new Uint8Array(32).fill(0xff), signature, message), false);
  });
}
