// Serves the harness in Node, and prints its URL.

import { createServer } from "node:http";
import { loadCore, webRequest } from "../../adapters/node.js";
import { handler } from "../harness.js";

const handle = handler({ core: await loadCore() });
const server = createServer(async (incoming, outgoing) => {
  const response = await handle(webRequest(incoming, { protocol: "http" }));
  outgoing.writeHead(response.status).end(await response.text());
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
