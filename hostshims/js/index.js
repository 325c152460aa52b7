// The parts that work in every runtime. Each adapter adds those of one platform.

export { requestAttributes } from "./src/attributes.js";
export { DECISION_REASONS, Decision } from "./src/decision.js";
export { Decisions } from "./src/decisions.js";
export { CoreError } from "./src/core.js";
export { Exposures, sendTo } from "./src/exposures.js";
export { Host, NotReadyError } from "./src/host.js";
export { hydrationScript, insertIntoHead, scriptJSON } from "./src/html.js";
export { Identity } from "./src/identity.js";
export { DECISIONS_HEADER, decisionsHeader, originURL, readDecisionsHeader } from "./src/origin.js";
export { REASONS, Refused } from "./src/refused.js";
export { RequestError } from "./src/request.js";
export { Root } from "./src/root.js";
export { Sealer } from "./src/sealer.js";
export { Shim } from "./src/shim.js";
export { bakedSource, httpSource, readStream } from "./src/source.js";
export { Sticky } from "./src/sticky.js";
export { VARIANT_KEY_HEADER, cacheTag, variantKey, variantURL } from "./src/variantkey.js";
