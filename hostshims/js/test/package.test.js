// The package as it is shipped: complete, typed, current and small.

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
 * What a worker imports in order to decide. Its size is that of these imports, bundled and
 * minified by esbuild, and of core.wasm, each gzipped.
 */
const DECIDING = {
  cloudflare: ["Host", "r2Source"],
  vercel: ["Host", "httpSource"],
  deno: ["Host", "httpSource", "loadCore"],
  bun: ["Host", "httpSource", "loadCore"],
  node: ["Host", "httpSource", "loadCore"],
  "lambda-edge": ["Host", "httpSource", "loadCore"],
  browser: ["Host", "httpSource", "loadCore"],
};

/** What workers with visitors import in addition, with the platform's attributes. */
const VISITORS = ["Shim", "Identity", "Sealer", "Exposures", "sendTo"];
const ATTRIBUTES = {
  cloudflare: ["attributesOf"], vercel: ["attributesOf"], deno: ["attributesOf"],
  "lambda-edge": ["attributesOf", "viewerRequest", "viewerResponse"],
};

/** The limits in README.md, in bytes: to decide, and with visitors. */
function limitsOf(adapter) {
  const row = new RegExp(`^\\| \`/${adapter}\` \\|.*\\| ([\\d.]+) KB \\| ([\\d.]+) KB \\|$`, "m");
  return row.exec(readFileSync(join(here, "README.md"), "utf8")).slice(1).map((kilobytes) => kilobytes * 1_024);
}

function temporary(t) {
  const directory = mkdtempSync(join(tmpdir(), "sortition-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

const filesBelow = (directory) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(directory.length));

test("src/core-sha256.js has the hash of core.wasm", () => {
  assert.equal(coreSHA256, sha256(coreBytes).slice(0, 16), 'run "make core"');
});

test("the types are up to date", { skip: absent("tsc") }, (t) => {
  const out = temporary(t);
  execFileSync(tool("tsc"), ["-p", here, "--outDir", out], { stdio: "pipe" });
  const types = join(here, "types");
  assert.deepEqual(filesBelow(out).sort(), filesBelow(types).sort(), 'run "npm run types"');
  for (const file of filesBelow(out)) {
    assert.equal(readFileSync(types + file, "utf8"), readFileSync(out + file, "utf8"), `${file}: run "npm run types"`);
  }
});

test("every file that the package exports exists", () => {
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

for (const [adapter, names] of Object.entries(DECIDING)) {
  test(`a worker's size is within the limits of README.md: ${adapter}`, { skip: absent("esbuild") }, (t) => {
    const core = gzipSync(coreBytes, { level: 9 }).length;
    const sizes = [names, [...names, ...VISITORS, ...(ATTRIBUTES[adapter] ?? [])]].map((all) => core + gzipped(adapter, all));
    t.diagnostic(`core ${core}, to decide ${sizes[0]}, with visitors ${sizes[1]} bytes`);
    const limits = limitsOf(adapter);
    sizes.forEach((size, i) => assert.ok(size <= limits[i], `${size} bytes, the limit is ${limits[i]}`));
  });
}
