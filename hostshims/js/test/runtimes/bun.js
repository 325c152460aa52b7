// Serves the harness in Bun, and prints its URL.

import { loadCore } from "../../adapters/bun.js";
import { handler } from "../harness.js";

const server = Bun.serve({ hostname: "127.0.0.1", port: 0, maxRequestBodySize: 64 << 20, fetch: handler({ core: await loadCore() }) });
console.log(`http://127.0.0.1:${server.port}/`);
