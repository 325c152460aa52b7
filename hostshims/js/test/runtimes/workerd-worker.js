// The harness as a Worker: the core is a module of its own.

import core from "@sortition/edge/core.wasm";
import { handler } from "../harness.js";

export default { fetch: handler({ core }) };
