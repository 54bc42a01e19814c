import type { Node } from "../../graph/node.ts";
import type { NdArray } from "../../graph/op.ts";
import { add, mul } from "../../ops/arithmetic.ts";
import { sum } from "../../ops/reduce.ts";
import { constant, constantOf, constantOp, fill } from "../../ops/source.ts";
import { concat, expand, expandOp, reshape, transpose } from "../../ops/view.ts";
import { allocate, type TypedArray } from "../../shared/dtype.ts";
import { present } from "../../shared/errors.ts";
import { fillValue, rounded } from "../constants.ts";
import type { Family, Rule, Value } from "../rule.ts";

/** Results up to this size are computed at compile time. */
const SMALL = 16;

const numbersOf = (shape: readonly unknown[]): number[] | undefined =>
  shape.every(d => typeof d === "number") ? (shape as number[]) : undefined;

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

const FOLDED: ReadonlySet<string> = new Set(["elementwise", "view", "reduce", "prefix", "contraction", "indexed"]);

/** One output and operands, no regions; of a kind that says nothing about derivatives. */
const isPlain = ({ op, operands, outputs, regions }: Node): boolean =>
  FOLDED.has(op.kind) && operands.length > 0 && outputs.length === 1 && regions.length === 0;

/** The operand as numbers: a constant, or a small fill. */
function arrayOf(value: Value): NdArray | undefined {
  const shape = numbersOf(value.shape);
  if (!shape) return undefined;
  if (value.node.op === constantOp) return { dtype: value.dtype, shape, data: value.node.attrs.data as TypedArray };
  const number = fillValue(value);
  if (number === undefined || sizeOf(shape) > SMALL) return undefined;
  return { dtype: value.dtype, shape, data: allocate(value.dtype, sizeOf(shape)).fill(number) };
}

/** The form that fills have: one number, expanded. */
const isFill = ({ op, operands: [x] }: Node): boolean => op === expandOp && x.node.op === constantOp && x.rank === 0;

const isConstant = (value: Node["operands"][number]): boolean =>
  value.node.op === constantOp || fillValue(value) !== undefined;

/** Evaluates one node on numbers. */
function evaluate(node: Node, inputs: readonly NdArray[], shape: readonly number[]): NdArray {
  const [{ dtype }] = node.outputs;
  const context = { env: {}, outputs: [{ dtype, shape }], runRegion: () => [] };
  return present(node.op.evaluate(inputs, node.attrs, context, node)[0]);
}

/*
 *   f(constants) = constant                                where the result has at most 16 elements
 *   f(fill(a), fill(b)) = fill(f(a, b))                    elementwise f
 *   expand(fill(a)) = fill(a), transpose …, reshape …      one expansion of one number
 */
const rules: readonly Rule[] = [
  {
    name: "fold-fills",
    equation: "f(fill(a), fill(b)) = fill(f(a, b))",
    contract: "exact",
    pattern: {
      test: n => isPlain(n) && n.op.kind === "elementwise" && n.operands.every(o => fillValue(o) !== undefined),
    },
    build: ({ root }) => {
      const { node } = root;
      const scalars = node.operands.map(o => {
        const number = present(fillValue(o));
        return { dtype: o.dtype, shape: [], data: allocate(o.dtype, 1).fill(number) };
      });
      const { data } = evaluate(node, scalars, []);
      return expand(constantOf(root.dtype, [], data), root.shape, []) as Value;
    },
    examples: [() => add(fill(1.5, [4, 5], "f32"), fill(2, [4, 5], "f32")), () => mul(constant(3), constant(0.1))],
  },
  {
    name: "fold-repeated-number",
    equation: "view(fill(a)) = fill(a)",
    contract: "exact",
    pattern: {
      test: n => isPlain(n) && fillValue(n.outputs[0]) !== undefined && !isFill(n),
    },
    build: ({ root }) => fill(rounded(present(fillValue(root)), root.dtype), root.shape, root.dtype) as Value,
    examples: [
      () => expand(fill(2, [3], "f32"), [3, 4], [0]),
      () => transpose(fill(2, [3, 2], "f64")),
      () => reshape(fill(1, [30], "i32"), [5, 6]),
    ],
  },
  {
    name: "uniform-constant",
    equation: "constant [a, a, …] = fill(a)",
    contract: "exact",
    pattern: { op: constantOp, test: n => n.outputs[0].rank > 0 && fillValue(n.outputs[0]) !== undefined },
    build: ({ root }) => fill(present(fillValue(root)), root.shape, root.dtype),
    examples: [
      () =>
        constant([
          [2, 2],
          [2, 2],
        ]),
    ],
  },
  {
    name: "fold-constants",
    equation: "f(constants) = constant",
    contract: "exact",
    pattern: { test: n => isPlain(n) && n.operands.every(isConstant) && fillValue(n.outputs[0]) === undefined },
    build: ({ root }) => {
      const { node } = root;
      const shape = numbersOf(root.shape);
      const inputs = node.operands.map(o => arrayOf(o as Value));
      if (!shape || sizeOf(shape) > SMALL || sizeOf(shape) === 0) return undefined;
      if (!inputs.every(x => x !== undefined)) return undefined;
      return constantOf(root.dtype, shape, evaluate(node, inputs, shape).data) as Value;
    },
    examples: [
      () => sum(constant([1, 2, 3])),
      () => concat([constant([1, 2]), constant([3])]),
      () =>
        transpose(
          constant([
            [1, 2, 3],
            [4, 5, 6],
          ]),
        ),
    ],
  },
];

export const FOLDING: Family = { name: "constant folding", phases: ["canonicalise", "simplify"], rules };
