import { compile } from "gradc";
import { expect, it } from "vitest";
import { deepNetwork } from "../../examples/zoo/24-deep-residual.ts";
import { lower, restrict } from "../../src/compile.ts";
import { optimizeProgram } from "../../src/pipeline.ts";
import { TARGETS } from "../../src/targets.ts";
import { checkRow } from "./check-row.ts";

checkRow("24-deep-residual.ts");

it("compiles with work for each layer that does not grow with their number", { timeout: 60_000 }, () => {
  const work = (depth: number) => {
    const graph = restrict(deepNetwork(depth, true).graph, ["train"]);
    const { fired } = optimizeProgram(graph, "fast");
    const { kernels, functions } = lower(graph, TARGETS.wasm, "fast");
    return { fired: fired.length, kernels: kernels.length, calls: functions[0].body.length };
  };
  const [small, large] = [work(20), work(56)];
  const layers = 56 - 20;
  expect(large.fired - small.fired).toBeLessThan(15 * layers);
  expect(large.calls - small.calls).toBeLessThan(15 * layers);
  // Layers of a stage share their kernels.
  expect(large.kernels).toBeLessThanOrEqual(1.1 * small.kernels);
});

it("has equal parameters with and without its shortcuts", async () => {
  const [residual, plain] = [deepNetwork(20, true), deepNetwork(20, false)];
  const named = (program: typeof plain) =>
    program.graph.variables.map(v => `${v.role} ${v.name} ${v.value.shape}`).sort();
  expect(named(plain)).toEqual(named(residual));
  // Same names, same seed: both begin with the same values.
  using a = await compile(residual, { target: "js", only: ["predict"] });
  using b = await compile(plain, { target: "js", only: ["predict"] });
  const first = "block0.first.w";
  expect(a.variables[first].get()).toEqual(b.variables[first].get());
});
