// Compares @sortition/edge with flagd-core and GrowthBook's SDK, on the same work, in workerd
// and in Node:
//
//	make bench-worker
//
// The two arguments are the stages, which are the folders of the workloads W1 and W2. It writes
// the table to standard output.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle, contestants, shipped } from "./build.mjs";
import { Runtime, runtimes } from "./process.mjs";
import { table } from "./table.mjs";

/** Rounds in which contestants take turns. The result is the median, and for cold starts the
 * fastest. */
const ROUNDS = 5;
const COLD_ROUNDS = 9;

/** Nanoseconds of CPU time that the decisions of one request take at least: 12 clock ticks. */
const BUDGET = 120e6;

/** The most decisions that one request asks for. */
const MAX_TIMES = 4_000_000;

/** Requests per round that make one decision each. */
const REQUESTS = 500;

const names = Object.keys(contestants);
const stages = { W1: process.argv[2], W2: process.argv[3] };
const ways = { W1: "one", W2: "all" };

const progress = (text) => console.error(`${Math.round(performance.now() / 1000)} s: ${text}`);
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const wall = () => Number(process.hrtime.bigint());

/** Measured nanoseconds, by runtime, stage, contestant and kind. */
const measured = new Map();
const add = (value, ...key) => {
  const id = key.join(" ");
  measured.set(id, [...(measured.get(id) ?? []), value]);
};
const result = (...key) => {
  const values = measured.get(key.join(" "));
  if (values === undefined) return undefined;
  return key.at(-1) === "cold" ? Math.min(...values) : median(values); // other load can only delay a start
};

const work = mkdtempSync(join(tmpdir(), "sortition-bench-worker-"));
const folder = (stage, name) => join(work, stage, name);
const running = new Map();

/** Runs a measurement of every contestant, in every runtime, in turn. */
async function each(stage, measure) {
  for (const runtime of runtimes) for (const name of names) {
    await measure(running.get(`${runtime} ${stage} ${name}`), runtime, stage, name);
  }
}

/** Starts everything, and checks that all contestants match the same experiments. */
async function start(stage) {
  for (const runtime of runtimes) {
    let expected;
    for (const name of names) {
      const process = await Runtime.start(runtime, folder(stage, name));
      running.set(`${runtime} ${stage} ${name}`, process);
      if (name === "nothing") continue;
      const matches = JSON.stringify(await process.ask("/matches"));
      if (matches !== (expected ??= matches)) throw new Error(`${name} in ${runtime} matches other experiments of ${stage}`);
    }
  }
}

async function cold(stage) {
  for (const runtime of runtimes) for (const name of names) {
    const before = wall();
    const process = await Runtime.start(runtime, folder(stage, name));
    await process.ask("/one?times=1");
    add(wall() - before, runtime, stage, name, "cold");
    process.stop();
  }
}

/** Returns how many decisions use up the budget. */
async function calibrate(process, way) {
  for (let times = 1; times < MAX_TIMES; times *= 2) {
    const before = process.cpu();
    await process.ask(`/${way}?times=${times}`);
    if (process.cpu() - before >= BUDGET) return times;
  }
  return MAX_TIMES;
}

/** Measures a decision. The difference between N and 2 N decisions excludes the other costs of
 * a request. */
async function decisions(process, runtime, stage, name) {
  if (name === "nothing") return;
  process.times ??= await calibrate(process, ways[stage]);
  const times = process.times;
  const at = [process.cpu()];
  for (const n of [times, 2 * times]) {
    await process.ask(`/${ways[stage]}?times=${n}`);
    at.push(process.cpu());
  }
  add((at[2] - at[1] - (at[1] - at[0])) / times, runtime, stage, name, "decision");
}

/** Sends requests to all contestants in turn, so that other load affects all alike. */
async function requests(stage) {
  for (const runtime of runtimes) {
    const took = Object.fromEntries(names.map((name) => [name, []]));
    for (let i = 0; i < REQUESTS; i++) for (const name of names) {
      const before = wall();
      await running.get(`${runtime} ${stage} ${name}`).ask("/one?times=1");
      took[name].push(wall() - before);
    }
    for (const name of names) add(median(took[name]) - median(took.nothing), runtime, stage, name, "added");
    add(median(took.nothing), runtime, stage, "nothing", "request");
  }
}

try {
  for (const [stage, directory] of Object.entries(stages)) {
    for (const name of names) await bundle(name, directory, folder(stage, name));
    progress(`${stage} is bundled`);
    for (let round = 0; round < COLD_ROUNDS; round++) await cold(stage);
    progress(`${stage}: cold starts`);
    await start(stage);
    progress(`${stage}: all match the same experiments`);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const stage of Object.keys(stages)) await each(stage, decisions);
    await requests("W1");
    progress(`round ${round + 1} of ${ROUNDS}`);
  }
  const sizes = {};
  for (const name of names.slice(1)) sizes[name] = await shipped(name);
  console.log(table({ result, sizes, names: names.slice(1), rounds: ROUNDS, coldRounds: COLD_ROUNDS, requests: REQUESTS }));
} finally {
  for (const process of running.values()) process.stop();
  rmSync(work, { recursive: true });
}
