// The package that edge developers get, with the bundle deployed along: it verifies that, as
// it would any other.
import core from "@sortition/edge/core.wasm";
import { Host, bakedSource } from "../../hostshims/js/index.js";

export default class Edge {
  async open() {
    const { root, objects } = JSON.parse(this.config);
    this.host = new Host({ core, root, environment: "bench", source: bakedSource(objects) });
    await this.host.refresh();
    if (!this.host.ready) throw new Error(this.host.status().lastError);
  }

  request(i) {
    const { id, values } = this.requests[i];
    const attributes = {};
    for (const v of values) {
      attributes[v.name] = v.type === "number" ? v.number ?? 0 : v.type === "bool" ? v.bool ?? false : v.string;
    }
    return { units: { user: id }, attributes };
  }

  one(i) { return this.host.decide(this.request(i), this.keys[0]); }

  all(i) { return this.host.decideAll(this.request(i)); }

  matches(i) { return this.all(i).map(({ experiment }) => this.index.get(experiment)); }
}
