// The package for developers at the edge, @sortition/edge, with a bundle that is deployed with
// the Worker. It verifies that bundle as any other.
import core from "@sortition/edge/core.wasm";
import { Host, bakedSource } from "../../hostshims/js/index.js";
import { HostContestant } from "../node/host.mjs";

export default class Edge extends HostContestant {
  open() {
    const { root, objects } = JSON.parse(this.config);
    return this.activate(new Host({ core, root, environment: "bench", source: bakedSource(objects) }));
  }
}
