import assert from "node:assert/strict";
import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { directoryStore, httpSource } from "../adapters/node.js";

/** The URL of a server that answers with a function. */
async function serve(t, answer) {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}/bundles`;
}

test("reads over HTTP, with ETags and within limits", async (t) => {
  const seen = [];
  const url = await serve(t, (request, response) => {
    seen.push(request.url);
    if (request.headers["if-none-match"] === '"1"') return response.writeHead(304).end();
    const status = { "/bundles/missing": 404, "/bundles/private": 403, "/bundles/broken": 500 }[request.url] ?? 200;
    response.writeHead(status, { ETag: '"1"' }).end("12345");
  });
  for (const base of [url, `${url}/`]) {
    const source = httpSource(base);
    const { data, etag } = await source.get("latest.json", { limit: 5 });
    assert.deepEqual([Buffer.from(data).toString(), etag], ["12345", '"1"']);
    assert.equal(await source.get("latest.json", { limit: 5, etag: '"1"' }), "not_modified");
    assert.equal(await source.get("latest.json", { limit: 4 }), "too_large");
    assert.equal(await source.get("missing", { limit: 5 }), "not_found");
    assert.equal(await source.get("private", { limit: 5 }), "not_found");
    await assert.rejects(source.get("broken", { limit: 5 }), /500/);
  }
  assert.ok(seen.every((path) => path.startsWith("/bundles/")));
});

test("an endless body is read up to the limit", async (t) => {
  const url = await serve(t, (_, response) => {
    const more = () => response.destroyed || (response.write(Buffer.alloc(64 << 10)), setImmediate(more));
    more();
  });
  assert.equal(await httpSource(url).get("latest.json", { limit: 1 << 20 }), "too_large");
});

test("reading a stalled body stops with the signal", async (t) => {
  const url = await serve(t, (_, response) => response.write("1"));
  await assert.rejects(httpSource(url).get("latest.json", { limit: 5, signal: AbortSignal.timeout(50) }));
});

test("a server that ignores If-None-Match", async (t) => {
  const url = await serve(t, (_, response) => response.writeHead(200, { ETag: '"1"' }).end("12345"));
  assert.equal(await httpSource(url).get("latest.json", { limit: 5, etag: '"1"' }), "not_modified");
});

test("other URLs than those of buckets are refused", () => {
  for (const url of ["ftp://x/", "https://x/?a", "https://x/#a"]) assert.throws(() => httpSource(url), /form/);
  assert.throws(() => httpSource("x"));
});

test("a directory stores objects", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sortition-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const store = directoryStore(directory);
  assert.equal(await store.get("m/1/1.json", { limit: 5 }), "not_found");
  await store.put("m/1/1.json", new TextEncoder().encode("12345"));
  assert.equal(Buffer.from((await store.get("m/1/1.json", { limit: 5 })).data).toString(), "12345");
  assert.equal(await store.get("m/1/1.json", { limit: 4 }), "too_large");
  await store.remove("m/1/1.json");
  await store.remove("m/1/1.json");
  assert.equal(await store.get("m/1/1.json", { limit: 5 }), "not_found");
});
