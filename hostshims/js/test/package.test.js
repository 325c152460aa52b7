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
const absent = (name) => !existsSync(tool(name)) && `${name} IS NOT INSTALLED: run npm ci in hostshims/js/test`;

/** Bytes, gzipped, of core and shim: of a worker that verifies, follows, decides, knows
 * visitors and records exposures. */
const MAX_SHIPPED = 31_000;

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

test("core and shim are small", { skip: absent("esbuild") }, (t) => {
  const bundle = (entry) =>
    execFileSync(tool("esbuild"), [join(here, entry), "--bundle", "--minify", "--format=esm", "--platform=browser", "--target=es2022"], { stdio: "pipe" });
  const core = gzipSync(coreBytes, { level: 9 }).length;
  const everything = gzipSync(bundle("adapters/cloudflare.js"), { level: 9 }).length;
  t.diagnostic(`core ${core} B + shim with everything ${everything} B, gzipped = ${core + everything} B`);
  assert.ok(core + everything < MAX_SHIPPED, `${core + everything} bytes gzipped, the limit is ${MAX_SHIPPED}`);
});
