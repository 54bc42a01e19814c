import { describe, expect, test } from "vitest";
import { expandRequests, grad } from "../../src/autodiff/index.ts";
import { compileSync } from "../../src/compile-sync.ts";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import { regionParameter } from "../../src/graph/leaves.ts";
import { createNode } from "../../src/graph/node.ts";
import type { NdArray } from "../../src/graph/op.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { batchGraph } from "../../src/kinds/batch.ts";
import { CATALOGUE } from "../../src/ops/index.ts";
import { input } from "../../src/program/input.ts";
import { program } from "../../src/program/program.ts";
import { isFloat } from "../../src/shared/dtype.ts";
import { array, INSTANCES, type Instance, Random } from "./instances.ts";
import { weightedSum } from "./support.ts";

const ROUNDS = 4;
const SIZE = 3;

/** Other values of the same kind: those of the instance, in another order. */
function another(r: Random, a: NdArray): NdArray {
  return array(a.dtype, a.shape, r.shuffle(Array.from(a.data)));
}

interface Batch {
  /** For each operand a value per example, or one for all. */
  readonly examples: readonly (readonly NdArray[] | NdArray)[];
  readonly instance: Instance;
}

function batchOf(name: string, round: number): Batch {
  const r = new Random(round * 104729 + name.length);
  const instance = INSTANCES[name](r);
  const chosen = instance.operands.map(() => r.next() < 0.6);
  if (!chosen.includes(true)) chosen[r.whole(0, chosen.length - 1)] = true;
  const examples = instance.operands.map((a, k) =>
    chosen[k] ? [a, ...Array.from({ length: SIZE - 1 }, () => another(r, a))] : a,
  );
  return { examples, instance };
}

const isBatch = (e: readonly NdArray[] | NdArray): e is readonly NdArray[] => Array.isArray(e);
const joined = (list: readonly NdArray[]): NdArray =>
  array(
    list[0].dtype,
    [list.length, ...list[0].shape],
    list.flatMap(a => Array.from(a.data)),
  );
const weights = ({ shape }: { readonly shape: readonly unknown[] }): NdArray => {
  const r = new Random(shape.length + 5);
  const sizes = shape as readonly number[];
  const n = sizes.reduce((p, d) => p * d, 1);
  return array(
    "f64",
    sizes,
    Array.from({ length: n }, () => 2 * r.next() - 1),
  );
};

function expectEqual(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  expect(actual.length, what).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i], expected[i]];
    const close = Object.is(a, e) || a === e || Math.abs(a - e) <= 1e-10 * (1 + Math.abs(e));
    expect(close, `${what}: element ${i} is ${a}, one by one ${e}`).toBe(true);
  }
}

const withOperands = CATALOGUE.filter(op => INSTANCES[op.name](new Random(1)).operands.length > 0);

/** vmap = loop: results and gradients of a batch are those of its examples, in the interpreter and compiled. */
describe.each(withOperands.map(op => [op.name, op] as const))("a batch of %s", (name, op) => {
  test("is what its examples are", () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { examples, instance } = batchOf(name, round);
      const { operands, attrs, regions } = instance;
      const places = operands.map(a => regionParameter(a, "place"));
      const single = createNode(op, places, attrs, regions).outputs;
      const x = examples.map((e, k) => {
        const { dtype, shape } = isBatch(e) ? joined(e) : e;
        return input(`x${k}`, shape, dtype) as Tensor;
      });
      const given = new Map(places.flatMap((p, k) => (isBatch(examples[k]) ? [[p, x[k]] as const] : [])));
      const own = createNode(
        op,
        places.map((p, k) => (given.has(p) ? p : x[k])),
        attrs,
        regions,
      ).outputs;
      const batched = batchGraph(own, given, SIZE);
      const feeds = new Map(x.map((t, k) => [t, isBatch(examples[k]) ? joined(examples[k]) : examples[k]]));
      const results = evaluateGraph(batched, feeds);
      const each = Array.from({ length: SIZE }, (_, b) => {
        const values = new Map(places.map((p, k) => [p, isBatch(examples[k]) ? examples[k][b] : examples[k]]));
        return evaluateGraph(single, values);
      });
      results.forEach((result, k) => {
        expectEqual(result.data, joined(each.map(outputs => outputs[k])).data, `round ${round}, output ${k}`);
      });

      const wrt = x.filter(t => isFloat(t.dtype));
      const total = op.derivative ? weightedSum(batched, weights) : undefined;
      const gradients = total ? (grad(total, wrt, { disconnected: "zeros" }) as Tensor[]) : [];
      const expanded = expandRequests(gradients);
      const slopes = evaluateGraph(expanded, feeds);
      if (total) {
        const sums = x.map(t => new Float64Array((t.shape as number[]).reduce((p, n) => p * n, 1)));
        for (let b = 0; b < SIZE; b++) {
          const own = single.map((y, k) => {
            const all = isFloat(batched[k].dtype) ? weights(batched[k]) : undefined;
            const n = all ? all.data.length / SIZE : 0;
            return all ? array("f64", y.shape as number[], Array.from(all.data.slice(b * n, (b + 1) * n))) : undefined;
          });
          const one = weightedSum(single, t => own[single.indexOf(t)] as NdArray);
          const targets = places.filter(p => isFloat(p.dtype));
          const parts = one ? (grad(one, targets, { disconnected: "zeros" }) as Tensor[]) : [];
          const values = new Map(places.map((p, k) => [p, isBatch(examples[k]) ? examples[k][b] : examples[k]]));
          evaluateGraph(expandRequests(parts), values).forEach(({ data }, i) => {
            const k = places.indexOf(targets[i]);
            const offset = isBatch(examples[k]) ? b * data.length : 0;
            data.forEach((v, at) => {
              sums[k][offset + at] += v;
            });
          });
        }
        slopes.forEach(({ data }, i) => {
          expectEqual(data, sums[x.indexOf(wrt[i])], `round ${round}, gradient ${i}`);
        });
      }
      if (round > 0) continue;
      const outputs = Object.fromEntries([...batched, ...gradients].map((t, k) => [`y${k}`, t]));
      const net = compileSync(program("batch", { f: { inputs: x as never, outputs } }), { target: "js" });
      const call = net as unknown as { f(inputs: object): Record<string, number | ArrayLike<number>> };
      const compiled = call.f(
        Object.fromEntries(x.map((t, k) => [`x${k}`, t.rank === 0 ? feeds.get(t)?.data[0] : feeds.get(t)?.data])),
      );
      [...results, ...slopes].forEach(({ data }, k) => {
        const value = compiled[`y${k}`];
        expectEqual(typeof value === "number" ? [value] : value, data, `compiled output ${k}`);
      });
    }
  });
});
