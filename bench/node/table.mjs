// What the tables of the benchmarks in Node and workerd have in common.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { fileURLToPath } from "node:url";

export const coreFile = fileURLToPath(new URL("../../wasm/core.wasm", import.meta.url));

/** @param {number} ns */
export function time(ns) {
  const [unit, size] = Math.abs(ns) >= 1e6 ? ["ms", 1e6] : Math.abs(ns) >= 1e3 ? ["µs", 1e3] : ["ns", 1];
  return `${Number((ns / size).toPrecision(3))} ${unit}`;
}

/** Says what was measured, and where. The manifest is that of the packages. */
export function machine(command, manifest = new URL("package.json", import.meta.url)) {
  const { dependencies } = JSON.parse(readFileSync(manifest, "utf8"));
  const core = createHash("sha256").update(readFileSync(coreFile)).digest("hex").slice(0, 16);
  const revision = execFileSync("git", ["describe", "--always", "--dirty"]).toString().trim();
  const versions = Object.entries(dependencies).map(([name, version]) => `${name} ${version}`);
  return [
    `Sortition ${revision}, core.wasm ${core}`,
    `${cpus()[0].model}, ${cpus().length} cores, linux ${release()}, ${new Date().toISOString().slice(0, 10)}`,
    `command: ${command}`,
    `versions: node ${process.version}, ${versions.join(", ")}`,
  ];
}
