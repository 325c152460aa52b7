// Serves the harness in workerd, and says where.

import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import workerdPackage from "workerd";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "sortition-workerd-"));

await build({
  entryPoints: [here("workerd-worker.js")], outfile: join(directory, "worker.js"),
  bundle: true, format: "esm", target: "es2022", external: ["@sortition/edge/core.wasm"], logLevel: "error",
});
copyFileSync(here("../../core.wasm"), join(directory, "core.wasm"));
writeFileSync(
  join(directory, "config.capnp"),
  `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    compatibilityDate = "2026-01-01",
    modules = [
      (name = "worker.js", esModule = embed "worker.js"),
      (name = "@sortition/edge/core.wasm", wasm = embed "core.wasm"),
    ],
  ))],
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
