// The package that edge developers get, @sortition/edge: it verifies the bundle, follows its
// source, and makes decisions with everything that they have.
import { readFileSync } from "node:fs";
import { Host, directoryStore } from "../../hostshims/js/adapters/node.js";

// The host does not tell where its memory is: the newest instance has it.
let memory;
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...args) {
    super(...args);
    memory = this.exports.memory;
  }
};

export default class Edge {
  prepare(workload, bucket) {
    this.requests = workload.requests;
    this.binary = readFileSync(`${bucket}/core.wasm`);
    this.root = readFileSync(`${bucket}/root/1.json`);
    this.source = directoryStore(bucket);
    this.first = workload.experiments[0].key;
    this.index = new Map(workload.experiments.map(({ key }, i) => [key, i]));
  }

  async open() {
    const core = new WebAssembly.Module(this.binary);
    this.host = new Host({ core, root: this.root, environment: "bench", source: this.source });
    await this.host.refresh();
    if (!this.host.ready) throw new Error(this.host.status().lastError);
  }

  wasmBytes() { return memory?.buffer.byteLength ?? 0; }

  request(i) {
    const { id, values } = this.requests[i];
    const attributes = {};
    for (const v of values) {
      attributes[v.name] = v.type === "number" ? v.number ?? 0 : v.type === "bool" ? v.bool ?? false : v.string;
    }
    return { units: { user: id }, attributes };
  }

  one(i) { return this.host.decide(this.request(i), this.first); }

  all(i) { return this.host.decideAll(this.request(i)); }

  matches(i) { return this.all(i).map(({ experiment }) => this.index.get(experiment)); }
}
