// Serves platform-worker.js in workerd, with miniflare's versions of Cloudflare's services, and
// prints its URL: platform.js <directory of the bucket> <root file> <environment>.

import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { Miniflare } = createRequire(here("../../../../examples/worker/"))("miniflare");

const [directory, rootFile, environment] = process.argv.slice(2);
const CORE = "@sortition/edge/core.wasm";
const { outputFiles: [worker] } = await build({
  entryPoints: [here("platform-worker.js")], bundle: true, write: false, format: "esm", target: "es2022", logLevel: "error",
  alias: { "@sortition/edge/cloudflare": here("../../adapters/cloudflare.js") }, external: [CORE],
});
const miniflare = new Miniflare({
  host: "127.0.0.1", port: 0, compatibilityDate: "2026-01-01",
  modules: [
    { type: "ESModule", path: "worker.js", contents: worker.text },
    { type: "CompiledWasm", path: CORE, contents: await readFile(here("../../core.wasm")) },
  ],
  kvNamespaces: ["KV"],
  queueProducers: { QUEUE: "exposures" },
  queueConsumers: { exposures: { maxBatchSize: 10, maxBatchTimeout: 1 } },
  bindings: { ENVIRONMENT: environment, ROOT: await readFile(rootFile, "utf8") },
});
const kv = await miniflare.getKVNamespace("KV");
for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath ?? entry.path, entry.name);
  await kv.put(`bundles/${path.slice(join(directory, "/").length)}`, await readFile(path));
}
console.log(String(await miniflare.ready));
