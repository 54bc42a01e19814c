import { describe, expect, it } from "vitest";
import { expandRequests, GRAPH_OPS, grad, jvp } from "../../src/autodiff/index.ts";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import type { NdArray } from "../../src/graph/op.ts";
import { parseGraph } from "../../src/graph/parse.ts";
import { printGraph } from "../../src/graph/print.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { topological } from "../../src/graph/traverse.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import { CATALOGUE } from "../../src/ops/index.ts";
import { pageOf } from "../../src/ops/pages/index.ts";
import { isFloat } from "../../src/shared/dtype.ts";
import { INSTANCES, type Instance, Random } from "../ops/instances.ts";
import { applied, fromSample, ones, weightedSum } from "../ops/support.ts";

const ROUNDS = 5;

/** The samples of a declaration, and random instances. */
const casesOf = (name: string, samples: readonly Instance[]): Instance[] => [
  ...samples,
  ...Array.from({ length: ROUNDS }, (_, i) => INSTANCES[name](new Random(i + 1))),
];

/** Leaves of a graph that was read, fed with what the leaves of the same names have. */
function feedsOf(roots: readonly Tensor[], x: readonly Tensor[], data: readonly NdArray[]): Map<Tensor, NdArray> {
  const byName = new Map(x.map((t, i) => [t.node.attrs.name, data[i]]));
  return new Map(
    topological(roots).flatMap(node => {
      const value = byName.get(node.attrs.name);
      return node.op.nominal && value ? [[node.outputs[0], value] as const] : [];
    }),
  );
}

/** Prints, reads, prints again: the same text, a valid graph, the same types. */
function again(roots: readonly Tensor[]): Tensor[] {
  const text = printGraph(roots);
  const read = [...parseGraph(text, GRAPH_OPS)];
  verifyGraph(read);
  expect(printGraph(read)).toBe(text);
  expect(read.map(t => [t.dtype, t.shape])).toEqual(roots.map(t => [t.dtype, t.shape]));
  return read;
}

describe.each(CATALOGUE.map(op => [op.name, op] as const))("text of %s", (name, op) => {
  const samples = pageOf(op).samples.map(s => ({ operands: s.inputs.map(fromSample), attrs: s.attrs ?? {} }));
  const cases = casesOf(name, samples);

  it("is read back as the same operation, which computes the same", () => {
    expect(cases.length).toBeGreaterThanOrEqual(ROUNDS);
    for (const { operands, attrs, regions } of cases) {
      const { x, y } = applied(op, operands, attrs, regions);
      const read = again(y);
      expect(read[0].node.op).toBe(op);
      expect(read[0].node.attrs).toEqual(y[0].node.attrs);
      expect(evaluateGraph(read, feedsOf(read, x, operands))).toEqual(evaluateGraph(y, feedsOf(y, x, operands)));
    }
  });

  it.runIf(op.derivative)("is read back with requests of derivatives, and with the derivatives themselves", () => {
    for (const { operands, attrs, regions } of cases) {
      const { x, y } = applied(op, operands, attrs, regions);
      const wrt = x.filter(t => isFloat(t.dtype));
      const total = weightedSum(y, ones);
      if (!total || wrt.length === 0) continue;
      const options = { disconnected: "zeros" } as const;
      const asked = [...(grad(total, wrt, options) as Tensor[]), jvp(total, wrt, wrt, options)];
      const read = again(asked);
      again(expandRequests(asked));
      // A request that was read expands to the same nodes as the one that was declared.
      expect(printGraph(expandRequests(read))).toBe(printGraph(expandRequests(asked)));
    }
  });
});
