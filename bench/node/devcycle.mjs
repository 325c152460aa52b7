// DevCycle's bucketing library, AssemblyScript compiled to WebAssembly. Its attribute platform
// is that of the server, so the user's platform is custom data.
import { createRequire } from "node:module";

const { instantiate, ProtobufTypes } = createRequire(import.meta.url)("@devcycle/bucketing-assembly-script");
const { VariableForUserParams_PB, SDKVariable_PB } = ProtobufTypes;

const sdkKey = "server-bench";

const filters = {
  country: (t) => ({ type: "user", subType: "country", comparator: "=", values: t.strings }),
  platform: (t) => ({
    type: "user", subType: "customData", dataKey: "platform", dataKeyType: "String", comparator: "=", values: t.strings,
  }),
  app_version: (t) => ({ type: "user", subType: "appVersion", comparator: ">=", values: [t.text] }),
};

function config(workload) {
  const variables = workload.experiments.map(({ key }) => ({ _id: `variable-${key}`, key, type: "String" }));
  return {
    project: {
      _id: "project", key: "project", a0_organization: "organization",
      settings: { edgeDB: { enabled: false }, optIn: { enabled: false, title: "", description: "", imageURL: "", colors: { primary: "", secondary: "" } }, disablePassthroughRollouts: false },
    },
    environment: { _id: "environment", key: "environment" },
    audiences: {},
    features: workload.experiments.map(({ key, any: [tests] }) => ({
      _id: `feature-${key}`, key, type: "experiment",
      variations: ["control", "treatment"].map((name) => ({
        _id: `${key}-${name}`, key: name, name, variables: [{ _var: `variable-${key}`, value: name }],
      })),
      configuration: {
        _id: `configuration-${key}`,
        targets: [{
          _id: `target-${key}`,
          _audience: { _id: `audience-${key}`, filters: { operator: "and", filters: tests.map((t) => filters[t.attribute](t)) } },
          distribution: ["control", "treatment"].map((name) => ({ _variation: `${key}-${name}`, percentage: 0.5 })),
        }],
        forcedUsers: {},
      },
    })),
    variables,
    variableHashes: Object.fromEntries(variables.map(({ key }, i) => [key, i + 1])),
  };
}

export default class DevCycle {
  prepare(workload) {
    this.requests = workload.requests;
    this.keys = workload.experiments.map(({ key }) => key);
    this.index = new Map(this.keys.map((key, i) => [key, i]));
    this.config = new TextEncoder().encode(JSON.stringify(config(workload)));
    this.encoder = new TextEncoder();
    this.decoder = new TextDecoder();
  }

  async open() {
    this.lib = await instantiate();
    this.lib.setPlatformData(JSON.stringify({
      platform: "NodeJS", platformVersion: process.version, sdkType: "server", sdkVersion: "1.0.0", deviceModel: "", hostname: "",
    }));
    this.lib.initEventQueue(sdkKey, "bench", JSON.stringify({ disableAutomaticEventLogging: true, disableCustomEventLogging: true }));
    this.lib.setConfigDataUTF8(sdkKey, this.config);
  }

  wasmBytes() { return this.lib ? this.lib.memory.buffer.byteLength : 0; }

  fields(i) {
    const { id, values } = this.requests[i];
    const found = { user_id: id };
    for (const v of values) found[v.name] = v.string;
    return found;
  }

  one(i) {
    const { user_id, country, platform, app_version } = this.fields(i);
    const message = VariableForUserParams_PB.encode({
      sdkKey, variableKey: this.keys[0], variableType: this.lib.VariableType.String, shouldTrackEvent: false,
      user: {
        user_id,
        country: { value: country, isNull: false },
        appVersion: { value: app_version, isNull: false },
        customData: { value: { platform: { type: 2, stringValue: platform } }, isNull: false },
      },
    }).finish();
    const answer = this.lib.variableForUser_PB(message);
    return answer && SDKVariable_PB.decode(answer);
  }

  all(i) {
    const { user_id, country, platform, app_version } = this.fields(i);
    const user = JSON.stringify({ user_id, country, appVersion: app_version, customData: { platform } });
    return JSON.parse(this.decoder.decode(this.lib.generateBucketedConfigForUserUTF8(sdkKey, this.encoder.encode(user))));
  }

  matches(i) { return Object.keys(this.all(i).features).map((key) => this.index.get(key)).sort((a, b) => a - b); }
}
