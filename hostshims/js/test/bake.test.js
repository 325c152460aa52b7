import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { Host, bakedSource } from "../index.js";
import { directoryStore, loadCore } from "../adapters/node.js";
import { ENVIRONMENT, Publisher } from "./publisher.js";

const run = promisify(execFile);
const command = fileURLToPath(new URL("../bin/bake.js", import.meta.url));

test("a host starts from a baked bundle without a source", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sortition-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const bucket = directoryStore(directory);
  const p = new Publisher();
  p.publish(7);
  for (const [name, data] of p.objects) await bucket.put(name, data);
  const root = join(directory, "root.json");
  writeFileSync(root, p.root);

  const { stdout } = await run(process.execPath, [command, directory, root, ENVIRONMENT]);
  const module = join(directory, "baked.mjs");
  writeFileSync(module, stdout);
  const { default: objects } = await import(pathToFileURL(module).href);
  const silent = { get: () => new Promise(() => {}) };
  const host = new Host({ core: await loadCore(), root: p.root, environment: ENVIRONMENT, source: silent, baked: bakedSource(objects) });
  await host.start();
  assert.deepEqual([host.status().origin, host.status().revision], ["baked", 7]);

  await assert.rejects(run(process.execPath, [command, directory, root, "staging"]), /no usable bundle/);
  await assert.rejects(run(process.execPath, [command, directory]), { code: 2 });
});
