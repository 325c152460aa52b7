// Formats that all shims share, tested with the vectors of the Go packages that define them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Sealer, Sticky, decisionsHeader, readDecisionsHeader, variantKey, variantURL } from "../index.js";
import { Routes } from "../src/route.js";
import { Kept } from "../src/sticky.js";
import { ROOT } from "./publisher.js";

const read = (path) => JSON.parse(readFileSync(new URL(path, ROOT), "utf8"));

const { secret, sealed, sticky, decisions, refused } = read("edge/cookie/testdata/cookies.json");
const sealer = new Sealer(secret);

const request = (cookie) => new Request("https://shop.example/", { headers: { Cookie: cookie } });

test("variant keys", async () => {
  for (const { variants, key } of read("edge/variantkey/testdata/variantkeys.json")) {
    const given = Object.entries(variants).map(([experiment, variant]) => ({ experiment, variant: variant || undefined }));
    assert.equal(await variantKey(given), key);
    assert.equal(await variantKey(given.reverse()), key);
  }
});

for (const { pattern, paths } of read("bundle/route/testdata/routes.json").matches) {
  test(`route ${pattern}`, () => {
    const routes = new Routes();
    routes.add(pattern, 7);
    for (const [path, matches] of Object.entries(paths)) assert.deepEqual(routes.match(path), matches ? [7] : [], path);
  });
}

test("a cached page is identified by path, query and key", () => {
  const kept = (url, key) => String(variantURL(url, key));
  assert.equal(kept("https://shop.example/p?a=1", "button.on~hero.b"), "https://shop.example/p?a=1&sortition=button.on%7Ehero.b");
  assert.equal(kept("https://shop.example/p?sortition=forged", "-"), "https://shop.example/p?sortition=-");
});

test("routes of several experiments", () => {
  const routes = new Routes();
  ["/*", "/a/:x", "/a/b", "/:y/b", "/b"].forEach((pattern, i) => routes.add(pattern, i));
  routes.add("/a/*", 0);
  assert.deepEqual(routes.match("/a/b"), [0, 1, 2, 3]);
});

test("sealed text", async () => {
  for (const { secret, purpose, text, sealed: want } of sealed) {
    const sealer = new Sealer(secret);
    assert.equal(await sealer.seal(purpose, text), want);
    assert.equal(await sealer.open(purpose, want), text);
  }
  for (const value of refused.values) assert.equal(await sealer.open(refused.purpose, value), undefined, value);
});

test("sticky variants", async () => {
  const keeper = new Sticky({ sealer });
  for (const { entries, kept, value } of sticky) {
    const changed = Object.assign(new Kept(entries), { changed: true });
    const cookie = (await keeper.write(changed, request(""))).split(";")[0];
    assert.equal(cookie, `sortition_sticky=${value}`);
    assert.deepEqual((await keeper.read(request(cookie))).entries, entries.slice(-kept));
  }
  assert.equal(keeper.tampered, 0);
});

test("a sealed cookie with other contents", async () => {
  const keeper = new Sticky({ sealer });
  const values = ["%", ...['[["a",1]]', '[["a","b","c"]]', "{}", "null"].map((text) => Buffer.from(text).toString("base64url"))];
  for (const value of values) {
    const cookie = `sortition_sticky=${await sealer.seal("sortition sticky v1", value)}`;
    assert.deepEqual((await keeper.read(request(cookie))).entries, [], value);
  }
  assert.equal(keeper.tampered, values.length);
});

test("the decisions header", async () => {
  const MINUTE = 60_000;
  for (const { decisions: said, value } of decisions) {
    const { time, revision, variants } = said;
    const given = Object.entries(variants).map(([experiment, variant]) => ({ experiment, variant, revision }));
    assert.equal(await decisionsHeader(sealer, given, time), value);
    assert.deepEqual(await readDecisionsHeader(sealer, value, time + 5 * MINUTE), said);
    for (const away of [5 * MINUTE + 1, -5 * MINUTE - 1]) {
      assert.equal(await readDecisionsHeader(sealer, value, time + away), undefined);
    }
  }
});
