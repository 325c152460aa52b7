// Flipt's client, whose engine is Rust compiled to WebAssembly. It cannot compare versions,
// so it gets them as numbers.
import { FliptClient } from "@flipt-io/flipt-client-js";

const versionNumber = (version) => version.split(".").reduce((n, part) => n * 1000 + Number(part), 0);

const constraints = {
  in: (t) => ["STRING", t.attribute, "isoneof", JSON.stringify(t.strings)],
  version_ge: (t) => ["NUMBER", t.attribute, "gte", String(versionNumber(t.text))],
};

function config(workload) {
  return {
    namespace: { key: "default", name: "default" },
    flags: workload.experiments.map(({ key, any }) => ({
      key,
      name: key,
      type: "VARIANT_FLAG_TYPE",
      enabled: true,
      rollouts: [],
      rules: [{
        id: `rule-${key}`,
        rank: 1,
        segmentOperator: "OR_SEGMENT_OPERATOR",
        segments: any.map((tests, i) => ({
          key: `segment-${key}-${i}`,
          matchType: "ALL_SEGMENT_MATCH_TYPE",
          constraints: tests.map((t, j) => {
            const [type, property, operator, value] = constraints[t.op](t);
            return { id: `${key}-${i}-${j}`, type: `${type}_CONSTRAINT_COMPARISON_TYPE`, property, operator, value };
          }),
        })),
        distributions: ["control", "treatment"].map((variantKey) => ({
          ruleId: `rule-${key}`, variantId: variantKey, variantKey, variantAttachment: "", rollout: 50,
        })),
      }],
    })),
  };
}

export default class Flipt {
  prepare(workload) {
    this.requests = workload.requests;
    this.keys = workload.experiments.map(({ key }) => key);
    this.config = JSON.stringify(config(workload));
    // The client does not expose its memory, and logs a warning about its own calls.
    console.warn = () => {};
    const instantiate = WebAssembly.instantiate;
    WebAssembly.instantiate = async (...args) => {
      const made = await instantiate(...args);
      this.memory = (made.instance ?? made).exports.memory;
      return made;
    };
  }

  async open() {
    this.client = await FliptClient.init({
      namespace: "default",
      fetcher: async () => new Response(this.config),
      updateInterval: 0,
    });
  }

  wasmBytes() { return this.memory?.buffer.byteLength ?? 0; }

  request(i) {
    const { id, values } = this.requests[i];
    const context = {};
    for (const v of values) context[v.name] = v.type === "version" ? String(versionNumber(v.string)) : v.string;
    return { entityId: id, context };
  }

  one(i) { return this.client.evaluateVariant({ flagKey: this.keys[0], ...this.request(i) }); }

  all(i) {
    const { entityId, context } = this.request(i);
    return this.client.evaluateBatch(this.keys.map((flagKey) => ({ flagKey, entityId, context }))).responses;
  }

  matches(i) {
    return this.all(i).flatMap(({ variantEvaluationResponse: { match } }, j) => (match ? [j] : []));
  }
}
