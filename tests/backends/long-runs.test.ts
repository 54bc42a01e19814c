import fc from "fast-check";
import { expect, it } from "vitest";
import { compileSync, type Net, program } from "../../src/index.ts";
import { bitsOf } from "../support/everywhere.ts";
import { buildProgram, MAX_BATCH, programRecipes } from "../support/random-program.ts";
import { randomNumbers } from "../support/random-values.ts";

/** A third of those that are checked call by call. */
const PROGRAMS = Math.ceil(Number(process.env.GRADC_PROGRAMS ?? 150) / 3);
const SEED = Number(process.env.GRADC_SEED ?? 20264);
const CALLS = 1000;
/** Every so many calls all variables are compared. */
const LOOK = 100;

const VARIANTS = [
  { target: "js", mode: "reproducible" },
  { target: "wasm", mode: "reproducible" },
  { target: "js", mode: "fast" },
  { target: "wasm", mode: "fast" },
] as const;

type Call = (feeds: object) => Record<string, number | ArrayLike<number>>;

const callOf = (net: Net, name: string): Call => (net as unknown as Record<string, Call>)[name];
const stateOf = (net: Net): string[] =>
  Object.entries(net.variables).map(([name, v]) => `${name}: ${bitsOf(v.get() as ArrayLike<number>)}`);

it(`random programs go on for ${CALLS} calls, with the same bits on both compiled targets`, () => {
  let moved = 0;
  const random = randomNumbers(SEED);
  for (const recipe of fc.sample(programRecipes, { numRuns: PROGRAMS, seed: SEED })) {
    const { functions } = buildProgram(recipe);
    const declared = program("long", functions);
    const names = Object.keys(functions);
    const nets = VARIANTS.map(variant => compileSync(declared, variant) as unknown as Net);
    const [js, wasm] = nets;
    const before = stateOf(js);
    for (let call = 0; call < CALLS; call++) {
      const name = names[call % names.length];
      const batch = 1 + (call % MAX_BATCH);
      const feeds = Object.fromEntries(
        functions[name].inputs.map(({ shape, node }) => {
          const length = shape.reduce<number>((n, d) => n * (typeof d === "number" ? d : batch), 1);
          return [String(node.attrs.name), Array.from({ length }, () => Math.fround(2 * random() - 1))];
        }),
      );
      const [a, b] = nets.map(net => callOf(net, name)(feeds));
      if (call % LOOK !== LOOK - 1) continue;
      for (const output of Object.keys(a)) expect(bitsOf(b[output]), `${output}, call ${call}`).toBe(bitsOf(a[output]));
      expect(stateOf(wasm), `call ${call}`).toEqual(stateOf(js));
    }
    if (stateOf(js).join() !== before.join()) moved++;
  }
  // Programs that change nothing would prove nothing.
  expect(moved).toBeGreaterThan(PROGRAMS / 2);
});
