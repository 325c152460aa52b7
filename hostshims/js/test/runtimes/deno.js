// Serves the harness in Deno, and prints its URL.

import { loadCore } from "../../adapters/deno.js";
import { handler } from "../harness.js";

const listening = ({ hostname, port }) => console.log(`http://${hostname}:${port}/`);
Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: listening }, handler({ core: await loadCore() }));
