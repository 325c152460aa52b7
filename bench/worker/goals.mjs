// The goals that are measured in Workers.

const KIB = 1024;

/** Returns the goals, as ../goal/goal.mjs prints them. */
export function goals(result, sizes) {
  const decision = (runtime, name) => result(runtime, "W1", name, "decision");
  const cold = (name) => result("workerd", "W1", name, "cold") - result("workerd", "W1", "nothing", "cold");
  const noise = cold("growthbook") > 0 ? undefined : "GrowthBook's cold start in workerd is smaller than the noise";
  return [
    ...["workerd", "node"].map((runtime) => ({
      what: `W1, @sortition/edge in ${runtime}: faster than flagd-core`,
      measured: decision(runtime, "flagd") / decision(runtime, "edge"), atLeast: 4, unit: "×",
    })),
    {
      what: "W1, @sortition/edge in workerd: cold start against GrowthBook",
      measured: cold("edge") / cold("growthbook"), atMost: 1, unit: "×", skipped: noise,
    },
    { what: "shipped to decide, gzipped", measured: sizes.edge / KIB, atMost: 23, unit: " KB" },
  ];
}
