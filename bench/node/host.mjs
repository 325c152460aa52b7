// How contestants decide with a host of @sortition/edge.
import { valueOf } from "./workload.mjs";

// HostContestant decides with this.host. Before it decides, it needs the workload's requests in
// this.requests, the keys of the experiments in this.keys, and their indexes by key in this.index.
export class HostContestant {
  async activate(host) {
    this.host = host;
    await host.refresh();
    if (!host.ready) throw new Error(host.status().lastError);
  }

  request(i) {
    const { id, values } = this.requests[i];
    const attributes = {};
    for (const v of values) attributes[v.name] = valueOf(v);
    return { units: { user: id }, attributes };
  }

  one(i) { return this.host.decide(this.request(i), this.keys[0]); }

  // all reads the variant of each decision, because names are looked up only when they are read.
  all(i) {
    const variants = [];
    for (const { variant } of this.host.decideAll(this.request(i))) variants.push(variant);
    return variants;
  }

  matches(i) { return Array.from(this.host.decideAll(this.request(i)), ({ experiment }) => this.index.get(experiment)); }
}
