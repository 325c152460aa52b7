import assert from "node:assert/strict";
import { test } from "node:test";
import { Sealer, decisionsHeader, hydrationScript, insertIntoHead, originURL, readDecisionsHeader, scriptJSON } from "../index.js";

const decisions = [{ experiment: "x</script>", variant: "a", config: { text: "<!-- & \u2028" }, revision: 7 }];

test("JSON in a script cannot end it", () => {
  const text = scriptJSON(decisions);
  assert.doesNotMatch(text, /[<>&\u2028]/);
  assert.deepEqual(JSON.parse(text), decisions);
  assert.equal(
    hydrationScript(decisions, { nonce: "r4nd0m+/==" }),
    `<script type="application/json" id="sortition" nonce="r4nd0m+/==">${scriptJSON({ "x</script>": { variant: "a", config: decisions[0].config } })}</script>`,
  );
  assert.throws(() => hydrationScript(decisions, { nonce: '"><b' }), /nonce/);
});

async function inserted(page, { size = 3, headers = { "Content-Type": "text/html; charset=utf-8", "Content-Length": "5", ETag: '"x"' } } = {}) {
  const bytes = new TextEncoder().encode(page);
  const chunks = new ReadableStream({
    start(controller) {
      for (let i = 0; i < bytes.length; i += size) controller.enqueue(bytes.subarray(i, i + size));
      controller.close();
    },
  });
  const response = insertIntoHead(new Response(chunks, { headers }), "[ü]");
  return { text: await response.text(), headers: response.headers };
}

test("HTML is inserted while a page streams", async () => {
  for (const [page, want] of [
    ["<!doctype html><html><head><title>é</title>", "<!doctype html><html><head>[ü]<title>é</title>"],
    ['<HEAD lang="en">x', '<HEAD lang="en">[ü]x'],
    ["<!-- <head> --><header></header><head>x", "<!-- <head> --><header></header><head>[ü]x"],
    ["no head", "no head"],
    ["", ""],
    [`${"x".repeat(70_000)}<head>`, `${"x".repeat(70_000)}<head>`],
  ]) {
    for (const size of [1, 7, 1 << 20]) {
      if (size === 1 && page.length > 1_000) continue; // a byte at a time takes long
      const { text, headers } = await inserted(page, { size: page.length > 1_000 ? 8_000 : size });
      assert.ok(text === want, page.slice(0, 100));
      assert.deepEqual([headers.get("Content-Length"), headers.get("ETag")], [null, null]);
    }
  }
});

test("a response that is not HTML, or is compressed, is not changed", async () => {
  for (const headers of [{ "Content-Type": "application/json" }, {}, { "Content-Type": "text/html", "Content-Encoding": "gzip" }]) {
    assert.equal((await inserted("<head>", { headers })).text, "<head>");
  }
});

test("a variant can have its own path at the origin", () => {
  const url = "https://shop.example/checkout?step=1";
  const paths = { a: "/checkout-a" };
  assert.equal(originURL(url, decisions[0], paths).href, "https://shop.example/checkout-a?step=1");
  assert.equal(originURL(url, { ...decisions[0], variant: "toString" }, paths).href, url);
  assert.equal(originURL(url, undefined, paths).href, url);
});

test("an origin accepts only a signed header that is not too old", async () => {
  const sealer = new Sealer("0123456789abcdef0123456789abcdef");
  const now = 1_772_366_400_000;
  const header = await decisionsHeader(sealer, decisions, now);
  assert.match(header, /^[\w-]+\.[\w-]{22}$/);
  assert.deepEqual(await readDecisionsHeader(sealer, header, now), { time: now, revision: 7, variants: { "x</script>": "a" } });
  assert.equal(await readDecisionsHeader(sealer, header, now + 600_000), undefined, "too old");
  assert.equal(await readDecisionsHeader(sealer, `${header}x`, now), undefined);
  assert.equal(await readDecisionsHeader(new Sealer("f".repeat(32)), header, now), undefined);
  assert.equal(await readDecisionsHeader(sealer, null, now), undefined);
});
