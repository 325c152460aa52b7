// OpenFeature's flagd, evaluated in the process by flagd-core.
import { FlagdCore } from "@openfeature/flagd-core";
import { valueOf } from "./workload.mjs";

// Uses strict comparison, because flagd's loose comparison treats null as 0.
const present = (test) => ({ "!==": [{ var: test.attribute }, null] });

const rules = {
  in: (t) => ({ in: [{ var: t.attribute }, t.strings] }),
  version_ge: (t) => ({ and: [present(t), { sem_ver: [{ var: t.attribute }, ">=", t.text] }] }),
  number_ge: (t) => ({ and: [present(t), { ">=": [{ var: t.attribute }, t.number ?? 0] }] }),
  number_lt: (t) => ({ and: [present(t), { "<": [{ var: t.attribute }, t.number ?? 0] }] }),
  true: (t) => ({ "==": [{ var: t.attribute }, true] }),
  prefix: (t) => ({ starts_with: [{ var: t.attribute }, t.text] }),
  contains: (t) => ({ and: [present(t), { in: [t.text, { var: t.attribute }] }] }),
  segment: (t) => ({ $ref: t.text }),
};

// config converts the workload to flagd's flag definition.
export function config(workload) {
  const flags = {};
  for (const { key, any } of workload.experiments) {
    const alternatives = any.map((tests) => ({ and: tests.map((t) => rules[t.op](t)) }));
    flags[key] = {
      state: "ENABLED",
      variants: { control: "control", treatment: "treatment", off: "off" },
      defaultVariant: "off",
      targeting: {
        if: [
          alternatives.length === 1 ? alternatives[0] : { or: alternatives },
          { fractional: [["control", 50], ["treatment", 50]] },
          null,
        ],
      },
    };
  }
  const evaluators = {};
  for (const { key, ids } of workload.segments ?? []) evaluators[key] = { in: [{ var: "targetingKey" }, ids] };
  return { $evaluators: evaluators, flags };
}

const silent = { error() {}, warn() {}, info() {}, debug() {} };

export default class Flagd {
  prepare(workload) {
    this.requests = workload.requests;
    this.keys = workload.experiments.map(({ key }) => key);
    this.index = new Map(this.keys.map((key, i) => [key, i]));
    this.config = JSON.stringify(config(workload));
  }

  open() {
    this.core = new FlagdCore(undefined, silent);
    this.core.setConfigurations(this.config);
  }

  reload({ config }) { this.core.setConfigurations(config); }

  wasmBytes() { return 0; }

  context(i) {
    const { id, values } = this.requests[i];
    const context = { targetingKey: id };
    for (const v of values) context[v.name] = valueOf(v);
    return context;
  }

  one(i) { return this.core.resolveStringEvaluation(this.keys[0], "off", this.context(i)); }

  all(i) { return this.core.resolveAll(this.context(i)); }

  matches(i) {
    return this.all(i)
      .filter(({ reason }) => reason === "TARGETING_MATCH")
      .map(({ flagKey }) => this.index.get(flagKey))
      .sort((a, b) => a - b);
  }
}
