// A site in Deno, which renders each visitor's variants. On Netlify, make the handler the default
// export of an edge function, pass its context to attributesOf, and pass context.waitUntil to
// assign.
//
//   BUNDLES=https://cdn.example.com/bundles ENVIRONMENT=production ROOT="$(cat root.json)" \
//   SECRET="$(openssl rand -hex 32)" deno run --allow-net --allow-read --allow-env main.js

import { Host, Identity, Sealer, Shim, attributesOf, httpSource, hydrationScript, loadCore } from "@sortition/edge/deno";

const { BUNDLES, ENVIRONMENT, ROOT, SECRET, PORT = "8000" } = Deno.env.toObject();
const shim = new Shim({
  host: new Host({ core: await loadCore(), root: ROOT, environment: ENVIRONMENT, source: httpSource(BUNDLES) }),
  identity: new Identity({ sealer: new Sealer(SECRET), consent: (request) => request.headers.get("DNT") !== "1" }),
  attributes: attributesOf,
});

async function handler(request) {
  const visit = await shim.assign(request);
  const page = `<!doctype html><head>${hydrationScript(visit.route())}</head><button>${visit.variant("button")}</button>`;
  return visit.respond(new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } }));
}

Deno.serve({ hostname: "127.0.0.1", port: Number(PORT), onListen: ({ port }) => console.log(`http://127.0.0.1:${port}/`) }, handler);
