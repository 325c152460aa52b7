// The harness as a Worker. The core is a separate module.

import core from "@sortition/edge/core.wasm";
import { handler } from "../harness.js";

export default { fetch: handler({ core }) };
