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

/** What a worker imports, and how many bytes that may be, minified and gzipped. */
const SHIPPED = [
  ["Host, httpSource", 11_500], // verifies, follows and decides
  ["Host, httpSource, Shim, Identity, Sealer, Exposures, sendTo, attributesOf", 15_000], // knows visitors, too
  ["*", 16_800],
];

/** Bytes of core.wasm, gzipped. */
const MAX_CORE = 17_000;

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

for (const [names, limit] of SHIPPED) {
  test(`the shim is small: ${names}`, { skip: absent("esbuild") }, (t) => {
    const input = `export ${names === "*" ? names : `{ ${names} }`} from "./adapters/cloudflare.js";`;
    const args = ["--bundle", "--minify", "--format=esm", "--platform=browser", "--target=es2022"];
    const shim = gzipSync(execFileSync(tool("esbuild"), args, { cwd: here, input }), { level: 9 }).length;
    const core = gzipSync(coreBytes, { level: 9 }).length;
    t.diagnostic(`core ${core} + shim ${shim} = ${core + shim} bytes gzipped`);
    assert.ok(shim <= limit, `${shim} bytes gzipped, the limit is ${limit}`);
    assert.ok(core <= MAX_CORE, `the core has ${core} bytes gzipped, the limit is ${MAX_CORE}`);
  });
}
