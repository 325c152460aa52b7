// Handlers for CloudFront's viewer requests and viewer responses. Visitors with the variant green
// get the page of another path.

import {
  Host, Identity, Sealer, Shim, attributesOf, httpSource, loadCore, originURL, viewerRequest, viewerResponse,
} from "@sortition/edge/lambda-edge";
import { BUNDLES, ENVIRONMENT, ROOT, SECRET } from "./settings.js"; // Lambda@Edge has no environment variables

const shim = new Shim({
  host: new Host({ core: await loadCore(), root: ROOT, environment: ENVIRONMENT, source: httpSource(BUNDLES) }),
  identity: new Identity({ sealer: new Sealer(SECRET), consent: () => true }),
  attributes: attributesOf,
});

export const onViewerRequest = viewerRequest(shim, async (visit, request) => ({
  uri: originURL(request.url, visit.decision("button"), { green: "/new/cart" }).pathname,
}));
export const onViewerResponse = viewerResponse();
