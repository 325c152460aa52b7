// Bun has what Node has, and requests as the web has them.

export * from "./node.js";
