// The attacks that hosts in all languages must resist.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { attack } from "./attack.js";
import { ROOT, core } from "./publisher.js";

const file = new URL("bundle/attack/testdata/attacks.json", ROOT);
const { worlds } = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { worlds: [] };

for (const world of worlds) {
  for (const c of world.cases) {
    test(`${world.name}: ${c.name}`, async () => assert.equal(await attack(world, c, { core }), "", c.why));
  }
}
