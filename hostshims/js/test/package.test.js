// What is shipped: that it is whole, typed, current and small.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { coreSHA256 } from "../src/core-sha256.js";
import { coreBytes, sha256 } from "./publisher.js";

const here = fileURLToPath(new URL("..", import.meta.url));
const tool = (name) => join(here, "test/node_modules/.bin", name);
const absent = (name) => !existsSync(tool(name)) && `${name} IS NOT INSTALLED: run npm install --no-save in hostshims/js/test`;

/**
 * What a worker carries: these names of an adapter, bundled and minified by esbuild with all
 * that they need, and core.wasm, each gzipped (level 9). README.md tells the same.
 */
const SHIPPED = {
  "to decide": ["Host", "httpSource"],
  "with visitors": ["Host", "httpSource", "Shim", "Identity", "Sealer", "Exposures", "sendTo", "requestAttributes"],
};

/** Bytes of a worker that decides: the goal, core and shim together. */
const MAX_DECIDING = 25_600;

/** Bytes of one that knows visitors, too. */
const MAX_VISITORS = 29_600;
const ADAPTERS = ["cloudflare", "vercel", "deno", "bun", "node", "lambda-edge", "browser"];

function temporary(t) {
  const directory = mkdtempSync(join(tmpdir(), "sortition-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

const filesBelow = (directory) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(directory.length));

test("the core's hash is that of the core", () => {
  assert.equal(coreSHA256, sha256(coreBytes), 'run "make core"');
});

test("the types are those of the source", { skip: absent("tsc") }, (t) => {
  const out = temporary(t);
  execFileSync(tool("tsc"), ["-p", here, "--outDir", out], { stdio: "pipe" });
  const types = join(here, "types");
  assert.deepEqual(filesBelow(out).sort(), filesBelow(types).sort(), 'run "npm run types"');
  for (const file of filesBelow(out)) {
    assert.equal(readFileSync(types + file, "utf8"), readFileSync(out + file, "utf8"), `${file}: run "npm run types"`);
  }
});

test("every file that the package exports is there", () => {
  const { exports, bin } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
  const files = [...Object.values(exports).flatMap((e) => (typeof e === "string" ? e : Object.values(e))), ...Object.values(bin)];
  for (const file of files) assert.ok(existsSync(join(here, file)), file);
});

/** @param {string} adapter @param {string[]} names */
function gzipped(adapter, names) {
  const input = `export { ${names} } from "./adapters/${adapter}.js";`;
  const args = ["--bundle", "--minify", "--format=esm", "--platform=neutral", "--target=es2022", "--external:node:*"];
  return gzipSync(execFileSync(tool("esbuild"), args, { cwd: here, input, stdio: "pipe" }), { level: 9 }).length;
}

for (const adapter of ADAPTERS) {
  test(`a worker is small: ${adapter}`, { skip: absent("esbuild") }, (t) => {
    const core = gzipSync(coreBytes, { level: 9 }).length;
    const [deciding, visitors] = Object.values(SHIPPED).map((names) => core + gzipped(adapter, names));
    t.diagnostic(`core ${core}, to decide ${deciding}, with visitors ${visitors} bytes`);
    assert.ok(deciding <= MAX_DECIDING, `${deciding} bytes to decide, the limit is ${MAX_DECIDING}`);
    assert.ok(visitors <= MAX_VISITORS, `${visitors} bytes with visitors, the limit is ${MAX_VISITORS}`);
  });
}
