/** The SHA-256 of core.wasm. */
export declare const coreSHA256 = "64181b7c1f2c1196530dbb74dc6063e83bf228b0a82af52d21ed1dc8799cd5e8";
