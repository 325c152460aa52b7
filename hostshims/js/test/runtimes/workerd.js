// Serves a Worker in workerd, and prints its URL. The Worker is the harness, or the file of the
// first argument with the other arguments as bindings, NAME=TEXT.

import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import workerdPackage from "workerd";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "sortition-workerd-"));

const [entry = here("workerd-worker.js"), ...bindings] = process.argv.slice(2);
const CORE = "@sortition/edge/core.wasm";
await build({
  entryPoints: [entry], outfile: join(directory, "worker.js"), bundle: true, format: "esm", target: "es2022", logLevel: "error",
  alias: { "@sortition/edge/cloudflare": here("../../adapters/cloudflare.js") }, external: [CORE],
});
copyFileSync(here("../../core.wasm"), join(directory, "core.wasm"));
const text = bindings.map((binding) => {
  const [name, value] = binding.split(/=(.*)/s);
  return `(name = "${name}", text = ${JSON.stringify(value)})`;
});
writeFileSync(
  join(directory, "config.capnp"),
  `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      compatibilityDate = "2026-01-01",
      globalOutbound = "network",
      bindings = [${text}],
      modules = [
        (name = "worker.js", esModule = embed "worker.js"),
        (name = "${CORE}", wasm = embed "core.wasm"),
      ],
    )),
    (name = "network", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`,
);
const workerd = spawn(workerdPackage.default, ["serve", join(directory, "config.capnp"), "--control-fd=3"], {
  stdio: ["ignore", "inherit", "inherit", "pipe"],
});
workerd.on("exit", (code) => process.exit(code ?? 1));
workerd.stdio[3].on("data", (events) => {
  for (const line of String(events).trim().split("\n")) {
    const { event, port } = JSON.parse(line);
    if (event !== "listen") continue;
    rmSync(directory, { recursive: true }); // workerd has read it
    console.log(`http://127.0.0.1:${port}/`);
  }
});
