// Measures how @sortition/edge, flagd-core and GrowthBook's SDK start and reload in Node, with
// 10,000 experiments:
//
//	make bench-reload
//
// The arguments are two stages: the workload, and the same after a change of one experiment. It
// writes the table to standard output. Every number is CPU time of a process of its own, all
// threads, so that other load matters little.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { lines as goalLines } from "../goal/goal.mjs";
import { machine, time } from "./table.mjs";

/** Rounds in which contestants take turns. The result is the median. */
const ROUNDS = 5;

/** Milliseconds for which requests are answered before the reload. */
const QUIET = 300;

const PATH = "/shop/product-4711";

const MILLISECOND = 1e6; // ns

const names = { nothing: "empty process", edge: "@sortition/edge", flagd: "flagd-core", growthbook: "GrowthBook" };

/** Nanoseconds of CPU time of this process so far. */
function cpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Answers one request in each turn of the event loop, until the work is done. Returns the most
 * CPU time from one turn to the next. */
async function worst(contestant, work) {
  let done = false;
  const end = work().finally(() => (done = true));
  let most = 0;
  for (let last = cpu(), now; !done; last = now) {
    contestant.one(0);
    await turn();
    now = cpu();
    most = Math.max(most, now - last);
  }
  await end;
  return most;
}

/** Runs one contestant in this process. */
async function run(name, site, next) {
  if (name === "nothing") return { start: cpu() };
  const { default: Contestant } = await import(`./${name}.mjs`);
  const prepared = (stage) => {
    const contestant = new Contestant();
    const before = cpu();
    contestant.prepare(JSON.parse(readFileSync(`${stage}/workload.json`, "utf8")), `${stage}/bucket`);
    return { contestant, spent: cpu() - before };
  };
  const { contestant, spent } = prepared(site);
  await contestant.open();
  contestant.one(0);
  const start = cpu() - spent; // to prepare is to write the configuration, not to read it
  const before = cpu();
  const route = contestant.route?.(PATH) && cpu() - before;
  const { contestant: changed } = prepared(next);
  const quiet = await worst(contestant, () => new Promise((resolve) => setTimeout(resolve, QUIET)));
  const reload = await worst(contestant, async () => {
    await turn();
    await contestant.reload(changed);
  });
  return { start, route, quiet, reload };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

function compare(site, next) {
  const measured = Object.fromEntries(Object.keys(names).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) for (const name of Object.keys(names)) {
    measured[name].push(JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url), site, next, name], { encoding: "utf8" })));
  }
  const of = (name, what) => {
    const values = measured[name].map((round) => round[what]).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : median(values);
  };
  const empty = of("nothing", "start");
  const start = (name) => of(name, "start") - empty;
  const rows = [["", ...Object.values(names).slice(1), "against flagd-core", "against GrowthBook"]];
  const row = (title, valueOf) => {
    const [own, ...others] = Object.keys(names).slice(1).map(valueOf);
    const ratios = others.map((value) => (value === undefined ? "-" : `${Number((value / own).toPrecision(3))}×`));
    rows.push([title, ...[own, ...others].map((value) => (value === undefined ? "-" : time(value))), ...ratios]);
  };
  row("to the first decision", start);
  row("the first route()", (name) => of(name, "route"));
  row("longest turn, quiet", (name) => of(name, "quiet"));
  row("longest turn, across a reload", (name) => of(name, "reload"));
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  return [
    ...machine("make bench-reload"), "",
    ...rows.map((cells) => cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ").trimEnd()), "",
    `CPU time, all threads; medians of ${ROUNDS} interleaved rounds. Above 1× is faster. 10,000 experiments with 23,334 routes.`,
    `To the first decision: from the start of the process, modules included, beyond an empty process, which takes ${time(empty)}.`,
    "Longest turn: each turn of the event loop answers one request; the reload changes one experiment.", "",
    ...goalLines([
      { what: "CPU time to the first decision", measured: start("edge") / MILLISECOND, atMost: 60, unit: " ms" },
      { what: "longest turn across a reload", measured: of("edge", "reload") / MILLISECOND, atMost: 10, unit: " ms" },
    ]),
  ].join("\n");
}

const [site, next, name] = process.argv.slice(2);
if (name === undefined) console.log(compare(site, next));
else console.log(JSON.stringify(await run(name, site, next)));
