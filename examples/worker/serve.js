// Runs the Worker in workerd on this machine, in front of a small site. Its R2 bucket has the
// contents of a directory:
//
//   npm install
//   npm start -- <directory of the bucket> <root file> <environment>

import { createServer } from "node:http";
import { readFile, readdir } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DECISIONS_HEADER, Sealer, readDecisionsHeader } from "@sortition/edge";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

const [directory, rootFile, environment] = process.argv.slice(2);
if (environment === undefined) {
  console.error("usage: npm start -- <directory of the bucket> <root file> <environment>");
  process.exit(2);
}

const secret = randomBytes(32).toString("hex");
const sealer = new Sealer(secret);

/** The site renders the variants in the Worker's signed header. It ignores any other header. */
const site = createServer(async (request, response) => {
  const told = await readDecisionsHeader(sealer, request.headers[DECISIONS_HEADER.toLowerCase()]);
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end(`<!doctype html><html><head><title>Shop</title></head><body><pre>${JSON.stringify(told?.variants ?? {})}</pre></body></html>\n`);
});
await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));

const CORE = "@sortition/edge/core.wasm";
const { outputFiles: [worker] } = await build({
  entryPoints: [fileURLToPath(new URL("worker.js", import.meta.url))],
  bundle: true, write: false, format: "esm", target: "es2022", external: [CORE], logLevel: "error",
});
const miniflare = new Miniflare({
  host: "127.0.0.1", port: Number(process.env.PORT ?? 8787),
  compatibilityDate: "2026-01-01",
  modules: [
    { type: "ESModule", path: "worker.js", contents: worker.text },
    { type: "CompiledWasm", path: CORE, contents: await readFile(fileURLToPath(import.meta.resolve(CORE))) },
  ],
  r2Buckets: ["BUCKET"],
  bindings: {
    ENVIRONMENT: environment, ROOT: await readFile(rootFile, "utf8"), SECRET: secret,
    SITE: `http://127.0.0.1:${site.address().port}`,
  },
});

const bucket = await miniflare.getR2Bucket("BUCKET");
for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath ?? entry.path, entry.name);
  await bucket.put(path.slice(join(directory, "/").length), await readFile(path));
}
console.log(String(await miniflare.ready));
