// The package for developers at the edge, @sortition/edge, with all that it does: it verifies the
// bundle, follows its source, and returns whole decisions.
import { readFileSync } from "node:fs";
import { Host, directoryStore } from "../../hostshims/js/adapters/node.js";
import { HostContestant } from "./host.mjs";

// The host does not expose the memory of its core, so it is taken from the newest instance.
let memory;
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...args) {
    super(...args);
    memory = this.exports.memory;
  }
};

export default class Edge extends HostContestant {
  prepare(workload, bucket) {
    this.requests = workload.requests;
    this.binary = readFileSync(`${bucket}/core.wasm`);
    this.root = readFileSync(`${bucket}/root/1.json`);
    this.source = directoryStore(bucket);
    this.keys = workload.experiments.map(({ key }) => key);
    this.index = new Map(this.keys.map((key, i) => [key, i]));
  }

  open() {
    const core = new WebAssembly.Module(this.binary);
    return this.activate(new Host({ core, root: this.root, environment: "bench", source: this.source }));
  }

  wasmBytes() { return memory?.buffer.byteLength ?? 0; }
}
