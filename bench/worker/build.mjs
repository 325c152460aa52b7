// Bundles the Worker around each contestant, for workerd and for Node, and measures the size of
// each contestant.
import { mkdirSync, readFileSync, readdirSync, writeFileSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { coreFile } from "../node/table.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const CORE = "@sortition/edge/core.wasm";
const PACKAGE = "sortition"; // the adapter of the runtime

export const contestants = {
  nothing: { entry: here("nothing.mjs") },
  edge: { entry: here("edge.mjs"), ships: `export { Host, r2Source } from "${here("../../hostshims/js/adapters/cloudflare.js")}"` },
  flagd: { entry: here("flagd.mjs"), ships: 'export { FlagdCore } from "@openfeature/flagd-core"' },
  growthbook: { entry: here("../node/growthbook.mjs"), ships: 'export { GrowthBookClient } from "@growthbook/growthbook"' },
};

/** nodePaths lets contestants outside this folder import its packages. */
const common = { bundle: true, format: "esm", target: "es2022", minify: true, logLevel: "error", nodePaths: [here("node_modules")] };

/** Packages for Node may require Node's modules. */
const inNode = {
  ...common, platform: "node",
  banner: { js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);' },
};

/** Returns a contestant's configuration, in its own form, as text. */
async function configOf(name, workload, bucket) {
  if (name === "nothing") return "";
  if (name === "edge") {
    const files = readdirSync(bucket, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(bucket.length + 1));
    const wanted = paths.filter((path) => path === "latest.json" || path.startsWith("b/"));
    const gzip = JSON.parse(atob(JSON.parse(readFileSync(join(bucket, "latest.json"))).payload)).payload.gzip.sha256;
    const objects = wanted.filter((path) => path === "latest.json" || path === `b/${gzip}`);
    return JSON.stringify({
      root: readFileSync(join(bucket, "root/1.json"), "utf8"),
      objects: Object.fromEntries(objects.map((path) => [path, readFileSync(join(bucket, path)).toString("base64")])),
    });
  }
  const outfile = join(bucket, `../${name}.mjs`);
  await build({ ...inNode, entryPoints: [contestants[name].entry], outfile });
  const { default: Contestant } = await import(pathToFileURL(outfile));
  const contestant = new Contestant();
  contestant.prepare(workload);
  return contestant.config;
}

/** Bundles a contestant with a workload of a stage into a folder: worker.js and node.mjs. */
export async function bundle(name, stage, folder) {
  mkdirSync(folder, { recursive: true });
  const workload = JSON.parse(readFileSync(join(stage, "workload.json"), "utf8"));
  const given = { config: await configOf(name, workload, join(stage, "bucket")), keys: workload.experiments.map(({ key }) => key), requests: workload.requests };
  const stageFile = join(folder, "stage.mjs");
  writeFileSync(stageFile, Object.entries(given).map(([key, value]) => `export const ${key} = ${JSON.stringify(value)};\n`).join(""));
  const compiled = join(folder, "core.mjs");
  writeFileSync(compiled, `import { readFileSync } from "node:fs";\nexport default await WebAssembly.compile(readFileSync(${JSON.stringify(coreFile)}));\n`);
  const alias = { contestant: contestants[name].entry, stage: stageFile };
  await build({ ...common, entryPoints: [here("worker.mjs")], outfile: join(folder, "worker.js"), alias: { ...alias, [PACKAGE]: here("../../hostshims/js/adapters/cloudflare.js") }, external: [CORE], platform: "browser" });
  await build({ ...inNode, entryPoints: [here("worker.mjs")], outfile: join(folder, "node.mjs"), alias: { ...alias, [CORE]: compiled, [PACKAGE]: here("../../hostshims/js/adapters/node.js") } });
  copyFileSync(coreFile, join(folder, "core.wasm"));
  writeFileSync(join(folder, "config.capnp"), `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    compatibilityDate = "2026-01-01",
    modules = [(name = "worker.js", esModule = embed "worker.js"), (name = "${CORE}", wasm = embed "core.wasm")],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`);
}

/** Returns the gzipped bytes that a worker carries for a contestant: its library and core. */
export async function shipped(name) {
  const { ships } = contestants[name];
  const stdin = { contents: ships, resolveDir: here(".") };
  const { outputFiles: [file] } = await build({ ...common, stdin, write: false, platform: "browser" });
  const core = name === "edge" ? gzipSync(readFileSync(coreFile), { level: 9 }).length : 0;
  return gzipSync(file.contents, { level: 9 }).length + core;
}
