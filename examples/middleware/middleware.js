// A Next.js-style middleware. Visitors with the variant green get the page of another path.

import core from "@sortition/edge/core.wasm?module";
import { Host, Identity, Sealer, Shim, attributesOf, httpSource, originURL } from "@sortition/edge/vercel";
import { inflate } from "@sortition/edge/fflate"; // this runtime has no DecompressionStream

const { BUNDLES, ENVIRONMENT, ROOT, SECRET } = process.env;
const shim = new Shim({
  host: new Host({ core, inflate, root: ROOT, environment: ENVIRONMENT, source: httpSource(BUNDLES) }),
  identity: new Identity({ sealer: new Sealer(SECRET), consent: () => true }),
  attributes: attributesOf,
});

export async function middleware(request, event) {
  const visit = await shim.assign(request, { waitUntil: (work) => event.waitUntil(work) });
  const target = originURL(request.url, visit.decision("button"), { green: "/new/cart" });
  return visit.respond(new Response(null, { headers: { "x-middleware-rewrite": target.href } }));
}
