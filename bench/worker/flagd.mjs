// flagd-core as it is used on the platform: compiled to functions where code may be made at
// run time, which Workers refuse, and interpreted elsewhere.
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
