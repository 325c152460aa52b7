import { inflate } from "../../adapters/fflate.js";
import { handler } from "../harness.js";

const handle = handler({ core: globalThis.core, inflate });
addEventListener("fetch", (event) => event.respondWith(handle(event.request)));
