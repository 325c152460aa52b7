// Imitates CloudFront in Node, with the handlers of a module whose path is the argument. The page
// is the text of the origin's request.

import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const { onViewerRequest, onViewerResponse } = await import(pathToFileURL(process.argv[2]).href);

const headersOf = (headers) => Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, [{ key, value }]]));

const server = createServer(async (incoming, outgoing) => {
  const [uri, querystring = ""] = incoming.url.split("?");
  const cf = { request: { method: incoming.method, uri, querystring, headers: headersOf(incoming.headers) } };
  const request = await onViewerRequest({ Records: [{ cf }] });
  const answer = { status: "200", headers: {} };
  const response = await onViewerResponse({ Records: [{ cf: { request, response: answer } }] });
  for (const { key, value } of Object.values(response.headers).flat()) outgoing.appendHeader(key, value);
  outgoing.end(request.uri);
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
