import fc from "fast-check";
import { expect, it } from "vitest";
import { manifestOf } from "../../codegen/manifest/index.ts";
import { evaluate, type Net, program, type Tensor } from "../../src/index.ts";
import { lowerProgram } from "../../src/lower/index.ts";
import { optimizeProgram } from "../../src/pipeline.ts";
import { verifyPlan } from "../../src/plan/verify.ts";
import { leavesUnder } from "../../src/program/checks.ts";
import { createNet } from "../../src/runtime/net.ts";
import { TARGETS } from "../../src/targets.ts";
import { ALL_MODES, ALL_TARGETS, bitsOf, expectClose } from "../support/everywhere.ts";
import { buildProgram, type ProgramRecipe, programRecipes } from "../support/random-program.ts";
import { randomNumbers } from "../support/random-values.ts";

const PROGRAMS = Number(process.env.GRADC_PROGRAMS ?? 150);
const SEED = Number(process.env.GRADC_SEED ?? 20261);

type Numbers = number | ArrayLike<number>;
type Call = (feeds: object) => Record<string, Numbers>;

const VARIANTS = [
  ...ALL_MODES.flatMap(mode => ALL_TARGETS.map(target => ({ target, mode, fuse: true }))),
  { target: "js", mode: "reproducible", fuse: false },
] as const;

/**
 * Calls functions of a program one after the other, on every target and in both modes. What each call gives and leaves
 * in the variables is held against naive evaluation of outputs and updates from the state before; the nets go on from
 * the evaluated state, so that round-offs do not add up.
 */
function checkCalls(recipe: ProgramRecipe): void {
  const { functions, variables } = buildProgram(recipe);
  const declared = program("stateful", functions);
  const nets = ALL_MODES.flatMap(mode => {
    const { graph } = optimizeProgram(declared.graph, mode);
    return VARIANTS.filter(v => v.mode === mode).map(variant => {
      const target = TARGETS[variant.target];
      const lowered = lowerProgram(graph, { profile: target.profile(mode), mode, fuse: variant.fuse });
      verifyPlan(lowered);
      const net = createNet(manifestOf(lowered), target.instantiate(lowered)) as unknown as Net;
      return { net, mode, name: `${variant.target}, ${mode}${variant.fuse ? "" : ", not fused"}` };
    });
  });
  let state: Record<string, Numbers> = Object.fromEntries(
    variables.map(v => [String(v.node.attrs.name), evaluate(v) as Numbers]),
  );
  const names = Object.keys(functions);
  recipe.calls.forEach((call, step) => {
    const f = functions[names[call.function % names.length]];
    const random = randomNumbers(call.seed);
    const feeds = Object.fromEntries(
      f.inputs.map(({ shape, node }) => {
        const length = shape.reduce<number>((n, d) => n * (typeof d === "number" ? d : call.batch), 1);
        return [String(node.attrs.name), Array.from({ length }, () => Math.fround(2 * random() - 1))];
      }),
    );
    const updated = Object.fromEntries((f.updates ?? []).map(u => [String(u.target.node.attrs.name), u.value]));
    const { outputs, values } = evaluateFrom(state, feeds, f.outputs, updated);
    const after = { ...state, ...values };
    const bits = new Map<string, string>();
    for (const { net, mode, name } of nets) {
      const results = (net as unknown as Record<string, Call>)[names[call.function % names.length]](feeds);
      const hold = (what: string, actual: Numbers, expected: Numbers): void => {
        const where = `${what} after call ${step} on ${name}`;
        expectClose(actual, expected, 1e-4, where);
        if (mode !== "reproducible") return;
        if (bits.has(what)) expect(bitsOf(actual), `${where}: bits`).toBe(bits.get(what));
        else bits.set(what, bitsOf(actual));
      };
      for (const [output, value] of Object.entries(outputs)) hold(`output ${output}`, results[output], value);
      for (const variable of Object.keys(net.variables)) {
        const value = after[variable];
        hold(`variable ${variable}`, net.variables[variable].get(), value);
        net.variables[variable].set(value);
      }
    }
    state = after;
  });
}

/** What a function gives and what it sets, from old values of the variables. */
function evaluateFrom(
  state: Record<string, Numbers>,
  feeds: Record<string, Numbers>,
  outputs: Readonly<Record<string, Tensor>>,
  updated: Readonly<Record<string, Tensor>>,
): { outputs: Record<string, Numbers>; values: Record<string, Numbers> } {
  const read = leavesUnder([...Object.values(outputs), ...Object.values(updated)]);
  const names = new Set(read.map(leaf => String(leaf.node.attrs.name)));
  const given = Object.entries({ ...state, ...feeds }).filter(([name]) => names.has(name));
  return evaluate({ outputs, values: updated }, Object.fromEntries(given)) as never;
}

it("random programs keep their variables as naive evaluation does, call after call", () => {
  fc.assert(fc.property(programRecipes, checkCalls), { numRuns: PROGRAMS, seed: SEED });
});
