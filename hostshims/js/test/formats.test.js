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

/** The routes of experiments, given the patterns of each. */
function routesOf(...experiments) {
  const patterns = experiments.flat();
  const sums = (numbers) => Uint32Array.from(numbers, ((sum) => (n) => (sum += n))(0));
  return new Routes({
    text: Buffer.from(patterns.join("")),
    textEnd: sums(patterns.map((pattern) => pattern.length)),
    ids: Uint32Array.from(patterns.keys()),
    ends: sums(experiments.map((own) => own.length)),
  });
}

for (const { pattern, paths } of read("bundle/route/testdata/routes.json").matches) {
  test(`route ${pattern}`, () => {
    const routes = routesOf([], [pattern], []);
    for (const [path, matches] of Object.entries(paths)) assert.deepEqual(routes.match(path), matches ? [1] : [], path);
  });
}

test("a cached page is identified by path, query and key", () => {
  const kept = (url, key) => String(variantURL(url, key));
  assert.equal(kept("https://shop.example/p?a=1", "button.on~hero.b"), "https://shop.example/p?a=1&sortition=button.on%7Ehero.b");
  assert.equal(kept("https://shop.example/p?sortition=forged", "-"), "https://shop.example/p?sortition=-");
});

test("routes of several experiments", () => {
  const routes = routesOf(["/*", "/a/*"], ["/a/:x"], ["/a/b"], [], ["/:y/b"], ["/b"]);
  assert.deepEqual(routes.match("/a/b"), [0, 1, 2, 4]);
  assert.deepEqual(routes.match("/b"), [0, 5]);
  assert.deepEqual(routesOf([], []).match("/b"), []);
});

test("routes agree with regular expressions", () => {
  let seed = 7;
  const random = (n) => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0, (seed >>> 16) % n);
  const segments = () => Array.from({ length: 1 + random(4) }, () => ["a", "b", "ab", "", ":x", ":y"][random(6)]);
  const pattern = () => `/${[...segments(), ...(random(4) === 0 ? ["*"] : [])].join("/")}`;
  const experiments = Array.from({ length: 400 }, () => Array.from({ length: random(3) }, pattern));
  const whole = (text) => new RegExp(`^${text.replace(/:\w/g, "[^/]+").replace(/\*$/, ".*")}$`);
  const wanted = experiments.map((own) => own.map(whole));
  const routes = routesOf(...experiments);
  for (let i = 0; i < 500; i++) {
    const path = `/${segments().join("/").replace(/:/g, "")}`;
    const want = wanted.flatMap((own, k) => (own.some((form) => form.test(path)) ? [k] : []));
    assert.deepEqual(routes.match(path), want, path);
  }
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
