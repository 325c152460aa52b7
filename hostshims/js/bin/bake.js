#!/usr/bin/env node
// Writes the newest bundle of a source as a JavaScript module, to deploy with a worker:
//
//   sortition-bake https://cdn.example.com/bundles root.json production > baked.js
//   sortition-bake https://cdn.example.com/bundles root.json production web > baked.js

import { readFile } from "node:fs/promises";
import { bake } from "../src/bake.js";
import { directoryStore, httpSource, loadCore } from "../adapters/node.js";

const [from, rootFile, environment, application] = process.argv.slice(2);
if (environment === undefined) {
  console.error("usage: sortition-bake <URL or directory of the bucket> <root file> <environment> [application] > baked.js");
  process.exit(2);
}
const source = /^https?:/.test(from) ? httpSource(from) : directoryStore(from);
try {
  const objects = await bake({ source, root: await readFile(rootFile, "utf8"), environment, application, core: await loadCore() });
  process.stdout.write(`export default ${JSON.stringify(objects, null, 1)};\n`);
} catch (error) {
  console.error(`sortition-bake: ${error.message}`);
  process.exit(1);
}
