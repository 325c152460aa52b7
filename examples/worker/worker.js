// A Worker in front of a site. It sends the site a signed header with the variants to render, and
// gives the cache a key for each combination of variants.

import core from "@sortition/edge/core.wasm";
import {
  DECISIONS_HEADER, Exposures, Host, Identity, Sealer, Shim, Sticky, VARIANT_KEY_HEADER, attributesOf, decisionsHeader,
  httpSource, hydrationScript, insertIntoHead, r2Source, sendTo, variantURL,
} from "@sortition/edge/cloudflare";

/** The shim and its sealer, for the lifetime of the worker. */
let made;

function make(env) {
  const source = env.BUCKET ? r2Source(env.BUCKET) : httpSource(env.BUNDLES);
  const sealer = new Sealer(env.SECRET);
  const shim = new Shim({
    host: new Host({ core, source, root: env.ROOT, environment: env.ENVIRONMENT }),
    attributes: attributesOf,
    identity: new Identity({ sealer, consent: (request) => request.headers.get("DNT") !== "1" }),
    sticky: new Sticky({ sealer }),
    exposures: env.COLLECTOR && new Exposures({ source: "worker", send: sendTo(env.COLLECTOR, env.API_KEY) }),
  });
  return { shim, sealer };
}

export default {
  async fetch(request, env, ctx) {
    made ??= make(env);
    const { shim, sealer } = made;
    const waitUntil = (work) => ctx.waitUntil(work);
    const { pathname, search } = new URL(request.url);
    if (pathname === "/sortition/exposures") return shim.beacon(request, { waitUntil });

    const visit = await shim.assign(request, { waitUntil });
    const key = await visit.variantKey();
    const given = visit.route().filter(({ variant }) => variant !== undefined);
    const toSite = new Request(new URL(pathname + search, env.SITE), request);
    toSite.headers.set(VARIANT_KEY_HEADER, key);
    toSite.headers.set(DECISIONS_HEADER, await decisionsHeader(sealer, given));
    const page = await fetch(toSite, { cf: { cacheKey: variantURL(request.url, key).href } });

    for (const { experiment } of given) visit.expose(experiment); // this site shows every variant that touches a page
    return visit.respond(insertIntoHead(page, hydrationScript(given)));
  },
};
