// Runs jobs of the Go tests in a runtime, over HTTP or as that runtime allows. Jobs and answers
// are JSON. It uses only what all runtimes have.

import { Host } from "../src/host.js";
import { Program } from "../src/program.js";
import { Snapshot } from "../src/snapshot.js";
import { atOnce } from "../src/steps.js";
import { attack } from "./attack.js";
import { requestOf } from "./typed.js";

const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

const jobs = {
  /** Decides everything for each request on a payload, and some keys one by one. */
  decide({ payload, requests }, { core }) {
    const snapshot = new Snapshot(atOnce(Program.open(core, fromBase64(payload))), { expires: Infinity }, () => 0);
    const text = ({ experiment, variant, reason, rule }) => `${experiment}=${variant ?? ""}:${reason}:${rule}`;
    return requests.map(({ request, keys = [] }) => {
      const built = requestOf(request);
      const all = Array.from(snapshot.decideAll(built), text);
      const some = keys.map((key) => text(snapshot.decide(built, key)));
      return [...all, ...some].join(" ");
    });
  },

  /** Opens a bucket as a host does, and decides one request. */
  async open({ root, environment, objects, request, key }, options) {
    const source = {
      get: async (name) => (Object.hasOwn(objects, name) ? { data: fromBase64(objects[name]) } : "not_found"),
    };
    const host = new Host({ ...options, root: fromBase64(root), environment, source });
    await host.start();
    const { revision, lastError, coreBehind } = host.status();
    const decision = host.ready ? host.decide(requestOf(request), key) : undefined;
    return { revision, lastError, coreBehind, variant: decision?.variant, config: decision?.config };
  },

  /** Runs the attacks that all hosts share. It answers what failed, for each attack. */
  async attacks({ world, cases }, options) {
    const problems = [];
    for (const test of cases) problems.push(await attack(world, test, options));
    return problems;
  },
};

/**
 * Runs a job.
 * @param {string} text
 * @param {{ core: WebAssembly.Module }} options of every host
 */
export async function answer(text, options) {
  const { kind, ...job } = JSON.parse(text);
  return JSON.stringify(await jobs[kind](job, options));
}

/** Runs the job in an HTTP request. */
export const handler = (options) => async (request) => {
  try {
    return new Response(await answer(await request.text(), options));
  } catch (error) {
    return new Response(`${error?.stack ?? error}\n${error?.cause?.stack ?? ""}`, { status: 500 });
  }
};
