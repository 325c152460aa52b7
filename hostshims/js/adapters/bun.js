// Bun: Node's adapter. Requests are web requests already, so webRequest is not needed.

export * from "./node.js";
