// GrowthBook's SDK for JavaScript, as servers use it: one client, and a user context for each
// request.
import { GrowthBookClient } from "@growthbook/growthbook";
import { valueOf } from "./workload.mjs";

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

const conditions = {
  in: (t) => ({ [t.attribute]: { $in: t.strings } }),
  version_ge: (t) => ({ [t.attribute]: { $vgte: t.text } }),
  number_ge: (t) => ({ [t.attribute]: { $exists: true, $gte: t.number ?? 0 } }),
  number_lt: (t) => ({ [t.attribute]: { $exists: true, $lt: t.number ?? 0 } }),
  true: (t) => ({ [t.attribute]: true }),
  prefix: (t) => ({ [t.attribute]: { $exists: true, $regex: "^" + escape(t.text) } }),
  contains: (t) => ({ [t.attribute]: { $exists: true, $regex: escape(t.text) } }),
  segment: (t) => ({ id: { $inGroup: t.text } }),
};

function config(workload) {
  const features = {};
  for (const { key, any } of workload.experiments) {
    const alternatives = any.map((tests) => ({ $and: tests.map((t) => conditions[t.op](t)) }));
    features[key] = {
      defaultValue: "off",
      rules: [{
        key,
        condition: alternatives.length === 1 ? alternatives[0] : { $or: alternatives },
        hashAttribute: "id",
        hashVersion: 2,
        coverage: 1,
        variations: ["control", "treatment"],
        weights: [0.5, 0.5],
      }],
    };
  }
  const savedGroups = {};
  for (const { key, ids } of workload.segments ?? []) savedGroups[key] = ids;
  return { status: 200, features, savedGroups };
}

export default class GrowthBook {
  prepare(workload) {
    this.requests = workload.requests;
    this.keys = workload.experiments.map(({ key }) => key);
    this.config = JSON.stringify(config(workload));
  }

  open() {
    this.client = new GrowthBookClient({});
    this.client.initSync({ payload: JSON.parse(this.config) });
  }

  reload({ config }) { this.client.initSync({ payload: JSON.parse(config) }); }

  wasmBytes() { return 0; }

  user(i) {
    const { id, values } = this.requests[i];
    const attributes = { id };
    for (const v of values) attributes[v.name] = valueOf(v);
    return { attributes };
  }

  one(i) { return this.client.evalFeature(this.keys[0], this.user(i)); }

  all(i) {
    const user = this.user(i);
    const matched = [];
    this.keys.forEach((key, j) => {
      if (this.client.evalFeature(key, user).source === "experiment") matched.push(j);
    });
    return matched;
  }

  matches(i) { return this.all(i); }
}
