// A Worker that uses Cloudflare's services: bundles from KV, the data center's cache for pages and
// for the last good bundle, and a queue for exposures. /received returns what its consumer got,
// and /kept whether the cache has a bundle.

import core from "@sortition/edge/core.wasm";
import { Exposures, Host, Shim, cacheStore, kvStore, sendToQueue, variantURL } from "@sortition/edge/cloudflare";

const RECEIVED = "received/";

let shim;
let made = 0;

function shimOf(env) {
  const host = new Host({
    core, root: env.ROOT, environment: env.ENVIRONMENT, source: kvStore(env.KV, { prefix: "bundles/" }), keep: cacheStore(),
  });
  return new Shim({ host, exposures: new Exposures({ source: "worker", send: sendToQueue(env.QUEUE) }) });
}

/** The page of a path. The cache has one copy for each variant key. */
async function pageOf(request, key, ctx) {
  const kept = new Request(variantURL(request.url, key));
  const copy = await caches.default.match(kept);
  if (copy !== undefined) return copy;
  const page = new Response(`page ${++made}`, { headers: { "Cache-Control": "public, max-age=60" } });
  ctx.waitUntil(caches.default.put(kept, page.clone()));
  return page;
}

async function received({ KV }) {
  const { keys } = await KV.list({ prefix: RECEIVED });
  const batches = await Promise.all(keys.map(({ name }) => KV.get(name, "json")));
  return Response.json(batches.flatMap(({ boot, exposures }) => exposures.map((exposure) => ({ boot, ...exposure }))));
}

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/received") return received(env);
    if (pathname === "/kept") return Response.json(typeof (await cacheStore().get("latest.json", { limit: 64 << 10 })) === "object");
    shim ??= shimOf(env);
    const waitUntil = (work) => ctx.waitUntil(work);
    const visit = await shim.assign(request, { waitUntil, units: { user: request.headers.get("X-User") } });
    const key = await visit.variantKey();
    const page = await pageOf(request, key, ctx);
    for (const { experiment } of visit.route()) visit.expose(experiment);
    const answer = await visit.respond(page);
    answer.headers.set("X-Key", key);
    return answer;
  },

  async queue({ messages }, { KV }) {
    for (const { id, body } of messages) await KV.put(RECEIVED + id, JSON.stringify(body));
  },
};
