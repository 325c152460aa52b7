// flagd-core as each runtime allows it. It compiles rules to functions in Node, and interprets
// them in Workers, which do not allow code generation.
import { FlagdCore } from "@openfeature/flagd-core";
import Flagd from "../node/flagd.mjs";

const silent = { error() {}, warn() {}, info() {}, debug() {} };

function mayCompile() {
  try {
    return new Function("return true")();
  } catch {
    return false;
  }
}

export default class FlagdAnywhere extends Flagd {
  open() {
    this.core = new FlagdCore(undefined, silent, { disableDynamicCodeGeneration: !mayCompile() });
    this.core.setConfigurations(this.config);
  }
}
