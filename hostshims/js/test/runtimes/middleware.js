// Serves a Next.js-style middleware in Vercel's edge runtime. The first argument is its file; the
// others are its environment, NAME=TEXT.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EdgeRuntime, runServer } from "edge-runtime";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const [entry, ...variables] = process.argv.slice(2);
const env = Object.fromEntries(variables.map((variable) => variable.split(/=(.*)/s)));

/** The compiled core, which the platform provides. */
const compiled = {
  name: "core",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /core\.wasm\?module$/ }, ({ path }) => ({ path, namespace: "core" }));
    onLoad({ filter: /.*/, namespace: "core" }, () => ({ contents: "export default globalThis.core;" }));
  },
};
const adapter = (name) => [`@sortition/edge/${name}`, here(`../../adapters/${name}.js`)];
const { outputFiles: [script] } = await build({
  stdin: {
    contents: `import { middleware } from ${JSON.stringify(entry)};
      addEventListener("fetch", (event) => event.respondWith(middleware(event.request, event)));`,
    resolveDir: process.cwd(),
  },
  write: false, bundle: true, format: "iife", target: "es2022", logLevel: "error", plugins: [compiled],
  define: { "process.env": JSON.stringify(env) },
  alias: Object.fromEntries([adapter("vercel"), adapter("fflate")]),
  nodePaths: [here("../node_modules")],
});
const core = new WebAssembly.Module(readFileSync(here("../../core.wasm")));
const runtime = new EdgeRuntime({ initialCode: script.text, extend: (context) => Object.assign(context, { core }) });
const server = await runServer({ runtime, host: "127.0.0.1", port: 0 });
console.log(server.url);
