import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile.ts";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import { createNode } from "../../src/graph/node.ts";
import { CATALOGUE } from "../../src/ops/index.ts";
import { input } from "../../src/program/input.ts";
import { program } from "../../src/program/program.ts";
import { INSTANCES, Random } from "./instances.ts";

type Call = (inputs: Record<string, unknown>) => Record<string, number | ArrayLike<number>>;

const TARGETS = ["interpret", "js", "wasm"] as const;
const ROUNDS = 4;

/** Every op alone, compiled for every target, against its reference. */
describe.each(CATALOGUE.map(op => [op.name, op] as const))("%s", (name, op) => {
  test("compiles to what its reference says", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { operands, attrs, regions } = INSTANCES[name](new Random(round * 31 + name.length));
      const x = operands.map((a, i) => input(`x${i}`, a.shape, a.dtype));
      const y = createNode(op, x, attrs, regions).outputs;
      const expected = evaluateGraph(y, new Map(x.map((t, i) => [t, operands[i]])));
      const outputs = Object.fromEntries(y.map((t, i) => [`y${i}`, t]));
      const inputs = Object.fromEntries(
        operands.map((a, i) => [`x${i}`, a.shape.length === 0 ? a.data[0] : a.data] as const),
      );
      for (const target of TARGETS) {
        const net = await compile(program("alone", { f: { inputs: x, outputs } }), { target });
        const results = (net as unknown as { f: Call }).f(inputs);
        expected.forEach((want, k) => {
          const value = results[`y${k}`];
          const got = typeof value === "object" ? Array.from(value) : [Number(value)];
          expect(got.length).toBe(want.data.length);
          got.forEach((v, i) => {
            const w = want.data[i];
            const close = Object.is(v, w) || v === w || Math.abs(v - w) <= 1e-11 * (1 + Math.abs(w));
            expect(close, `${target}, round ${round}: element ${i} is ${v}, reference ${w}`).toBe(true);
          });
        });
      }
    }
  });
});
