// The package for developers at the edge, with a bundle that is deployed with the Worker. It
// verifies that bundle as any other. In Node it is @sortition/edge/node.
import core from "@sortition/edge/core.wasm";
import { Host, bakedSource } from "sortition";
import { HostContestant } from "../node/host.mjs";

export default class Edge extends HostContestant {
  open() {
    const { root, objects } = JSON.parse(this.config);
    return this.activate(new Host({ core, root, environment: "bench", source: bakedSource(objects) }));
  }
}
