import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { MODULES } from "../../../examples/gradbench/index.ts";
import { type Message, type Response, respond } from "../../../examples/gradbench/protocol.ts";
import { difference } from "./difference.ts";
import { computed, type Evaluation, recorded } from "./records.ts";

const ask = (message: Partial<Message>): Response => respond({ id: 1, kind: "evaluate", ...message });

/** What is wrong with the answers, by evaluation. */
function faults(evaluations: readonly Evaluation[]): string[] {
  return evaluations.flatMap(({ module, function: name, description, input, output }) => {
    const { success, output: got, error } = ask({ module, function: name, input });
    const fault = success ? difference(output, got) : error;
    return fault === undefined ? [] : [`${module} ${name} ${description}: ${fault}`];
  });
}

function modulesOf(evaluations: readonly Evaluation[]): Evaluation[][] {
  const names = new Set(evaluations.map(e => e.module));
  return Array.from(names, name => evaluations.filter(e => e.module === name));
}

const suite = recorded();
const title = `GradBench, recorded${suite === undefined ? " (skipped: ../shared/suites is missing)" : ""}`;
describe.skipIf(suite === undefined)(title, () => {
  for (const evaluations of modulesOf(suite ?? [])) {
    it(`${evaluations[0].module}: ${evaluations.length} evaluations`, () => {
      expect(faults(evaluations)).toEqual([]);
    });
  }
});

describe("GradBench, computed by JAX", () => {
  for (const evaluations of modulesOf(computed())) {
    it(`${evaluations[0].module}: ${evaluations.length} evaluations`, () => {
      expect(faults(evaluations)).toEqual([]);
    });
  }
});

describe("GradBench: the protocol", () => {
  it("has twelve modules", () => {
    const names = "ba det gmm hello ht kmeans llsq lse lstm ode particle saddle";
    expect(Object.keys(MODULES).toSorted().join(" ")).toBe(names);
  });

  it("speaks lines of JSON, one answer for each", () => {
    const messages = [
      { id: 0, kind: "start", eval: "hello" },
      { id: 1, kind: "define", module: "hello" },
      { id: 2, kind: "define", module: "goodbye" },
      { id: 3, kind: "evaluate", module: "hello", function: "double", input: 64 },
      { id: 4, kind: "analysis", of: 3, valid: true },
    ];
    const args = ["--conditions=source", "examples/gradbench/main.ts"];
    const input = messages.map(m => `${JSON.stringify(m)}\n`).join("");
    const { stdout, stderr } = spawnSync(process.execPath, args, { input, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map(line => JSON.parse(line)),
    ).toEqual([
      { id: 0, tool: "gradc" },
      { id: 1, success: true },
      { id: 2, success: false, error: expect.stringContaining('no module "goodbye"; there are: ba, det') },
      { id: 3, success: true, output: 128, timings: [{ name: "evaluate", nanoseconds: expect.any(Number) }] },
      { id: 4 },
    ]);
  });

  it("repeats until the runs and the seconds that an input asks for are met", () => {
    const x = [1, 2, 3];
    const runs = (min_runs: number, min_seconds: number) =>
      ask({ module: "lse", function: "primal", input: { x, min_runs, min_seconds } }).timings ?? [];
    expect(runs(1, 0)).toHaveLength(1);
    expect(runs(7, 0)).toHaveLength(7);
    const long = runs(1, 0.002);
    expect(long.reduce((sum, t) => sum + t.nanoseconds, 0)).toBeGreaterThanOrEqual(2e6);
    expect(long.slice(0, -1).reduce((sum, t) => sum + t.nanoseconds, 0)).toBeLessThan(2e6);
  });

  it("answers without success where an evaluation fails", () => {
    expect(ask({ module: "lse", function: "hessian", input: {} })).toMatchObject({
      success: false,
      error: 'no function "hessian"; there are: primal, gradient',
    });
    expect(ask({ module: "lse", function: "primal", input: {} }).success).toBe(false);
  });
});
