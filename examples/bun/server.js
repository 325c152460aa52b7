// A site in Bun, which renders each visitor's variants. It keeps the last good bundle in a
// directory, and starts from it.
//
//   bun install
//   BUNDLES=https://cdn.example.com/bundles ENVIRONMENT=production ROOT="$(cat root.json)" \
//   SECRET="$(openssl rand -hex 32)" STATE=state bun server.js

import { Host, Identity, Sealer, Shim, directoryStore, httpSource, hydrationScript, loadCore } from "@sortition/edge/bun";

const { BUNDLES, ENVIRONMENT, ROOT, SECRET, STATE, PORT = "8000" } = process.env;
const shim = new Shim({
  host: new Host({
    core: await loadCore(), root: ROOT, environment: ENVIRONMENT, source: httpSource(BUNDLES), keep: directoryStore(STATE),
  }),
  identity: new Identity({ sealer: new Sealer(SECRET), consent: (request) => request.headers.get("DNT") !== "1" }),
});

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(PORT),
  async fetch(request) {
    const visit = await shim.assign(request);
    const page = `<!doctype html><head>${hydrationScript(visit.route())}</head><button>${visit.variant("button")}</button>`;
    return visit.respond(new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } }));
  },
});
console.log(server.url.href);
