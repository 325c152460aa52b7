// Serves the harness in Vercel's edge runtime, which has no DecompressionStream, and prints its
// URL.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EdgeRuntime, runServer } from "edge-runtime";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { outputFiles: [script] } = await build({
  entryPoints: [here("edge-runtime-worker.js")], write: false, bundle: true, format: "iife", target: "es2022", logLevel: "error",
  nodePaths: [here("../node_modules")], // where the package finds what it may have beside it
});
const core = new WebAssembly.Module(readFileSync(here("../../core.wasm")));
const runtime = new EdgeRuntime({ initialCode: script.text, extend: (context) => Object.assign(context, { core }) });
const server = await runServer({ runtime, host: "127.0.0.1", port: 0 });
console.log(server.url);
