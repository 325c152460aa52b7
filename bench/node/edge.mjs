// The package for developers at the edge, @sortition/edge, with all that it does: it verifies the
// bundle, follows its source, and returns whole decisions.
import { readFileSync } from "node:fs";
import { Host, directoryStore } from "../../hostshims/js/adapters/node.js";
import { Router } from "../../hostshims/js/src/route.js";
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
    this.bucket = directoryStore(bucket);
    this.keys = workload.experiments.map(({ key }) => key);
    this.index = new Map(this.keys.map((key, i) => [key, i]));
  }

  open() {
    const core = new WebAssembly.Module(this.binary);
    return this.activate(new Host({ core, root: this.root, environment: "bench", source: { get: (name, options) => this.bucket.get(name, options) } }));
  }

  // reload follows the bucket of another contestant, which has a newer revision.
  async reload({ bucket }) {
    const { revision } = this.host.status();
    this.bucket = bucket;
    await this.host.refresh();
    if (this.host.status().revision === revision) throw new Error(this.host.status().lastError || "nothing new");
  }

  // route returns the decisions for the experiments that touch a path.
  route(path) {
    const { snapshot } = this.host;
    return snapshot.decideEach(this.request(0), (this.router ??= new Router()).match(snapshot.catalog, path));
  }

  wasmBytes() { return memory?.buffer.byteLength ?? 0; }
}
