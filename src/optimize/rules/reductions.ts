import type { Node } from "../../graph/node.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { reducedAxes } from "../../kinds/reduce.ts";
import { div, divOp, mul, mulOp, neg, negOp } from "../../ops/arithmetic.ts";
import { apply } from "../../ops/coerce.ts";
import { maxOp, minOp, rawMax, rawMin, rawSum, sumOp } from "../../ops/reduce.ts";
import { extent } from "../../ops/source.ts";
import { expand, expandOp, reshape, reshapeOp } from "../../ops/view.ts";
import type { Dim } from "../../shared/dim.ts";
import { sizeOf } from "../../shared/shape.ts";
import { sample } from "../example.ts";
import { as, type OpPattern, p } from "../pattern.ts";
import type { Family, Rule, Value } from "../rule.ts";

const axesOf = (value: Value): readonly number[] => value.node.attrs.axes as readonly number[];
const drops = (value: Value): readonly number[] => reducedAxes(value.node.attrs);
const sum = (x: Value, axes: readonly number[]): Value => rawSum(x, axes);

/** Where the kept axes of a reduced tensor lie after the reduction. */
const placeAfter = (axis: number, dropped: readonly number[]): number => axis - dropped.filter(d => d < axis).length;

/** How a reduction meets an expansion: the operand's axes that are reduced, and the places of those that stay. */
function throughExpand(root: Value, inner: Value) {
  const axes = axesOf(inner);
  const dropped = drops(root);
  const repeated = dropped.filter(axis => !axes.includes(axis));
  return {
    repeats: sizeOf(repeated.map(axis => inner.shape[axis])) as Dim,
    own: axes.flatMap((axis, k) => (dropped.includes(axis) ? [k] : [])),
    places: axes.filter(axis => !dropped.includes(axis)).map(axis => placeAfter(axis, dropped)),
    some: repeated.length > 0,
  };
}

/** Whether a reduction drops axes of size 1 only. */
const dropsUnits = ({ attrs, operands: [x] }: Node): boolean => reducedAxes(attrs).every(axis => x.shape[axis] === 1);

/** Both axes lists in one, counted in the first operand. */
function mergedAxes(outer: Value, inner: Value, rank: number): number[] {
  const first = drops(inner);
  const rest = Array.from({ length: rank }, (_, axis) => axis).filter(axis => !first.includes(axis));
  return [...first, ...drops(outer).map(axis => rest[axis])].sort((a, b) => a - b);
}

/** max or min: repeating what is compared changes nothing. */
function extremumRules(op: typeof maxOp, raw: (x: Tensor, axes: readonly number[]) => Tensor, name: string): Rule[] {
  const reduction = (x: Value, axes: readonly number[]): Value => (axes.length === 0 ? x : (raw(x, axes) as Value));
  const shaped: OpPattern = { op, operands: ["x"], test: dropsUnits };
  return [
    {
      name: `${name}-of-unit-axes`,
      equation: `${name}(x, axes of size 1) = reshape(x)`,
      contract: "exact",
      pattern: shaped,
      build: ({ root, x }) => reshape(x, root.shape),
      examples: [() => raw(sample("m", "f32", [2, 1, 3]), [1])],
    },
    {
      name: `${name}-of-expand`,
      equation: `${name}(expand(x)) = expand(${name}(x))`,
      contract: "exact",
      pattern: p(op, as("inner", p(expandOp, "x"))),
      build: ({ root, inner, x }) => {
        const { own, places, some } = throughExpand(root, inner);
        return some ? expand(reduction(x, own), root.shape, places) : undefined;
      },
      examples: [
        () => raw(expand(sample("x"), [2, 3, 4], [1]), [0, 1]),
        () => raw(expand(sample("x"), [2, 3, 4], [1]), [0]),
      ],
    },
    {
      name: `${name}-of-${name}`,
      equation: `${name}(${name}(x)) = ${name}(x)`,
      contract: "exact",
      pattern: p(op, as("inner", p(op, "x"))),
      build: ({ root, inner, x }) => reduction(x, mergedAxes(root, inner, x.rank)),
      examples: [() => raw(raw(sample("m", "f32", [2, 3, 4]), [1]), [1])],
    },
  ];
}

const column = (): Value => sample("s", "f32", [2]);
const matrix = (): Value => sample("m", "f32", [2, 3]);

/** Hoists a factor that does not vary along the summed axes, if the expansion keeps it out of them. */
function hoist(root: Value, x: Value, inner: Value, s: Value, by: (x: Value, s: Value) => Value): Value | undefined {
  const dropped = drops(root);
  if (axesOf(inner).some(axis => dropped.includes(axis))) return undefined;
  const places = axesOf(inner).map(axis => placeAfter(axis, dropped));
  return by(sum(x, dropped), expand(s, root.shape, places));
}

/*
 *   sum(x, axes of size 1) = reshape(x)      sum(reshape(x), all) = sum(x, all)
 *   sum(expand(x)) = count·expand(sum(x))    sum(sum(x)) = sum(x)
 *   sum(x·expand(s)) = s·sum(x)              sum(x/expand(s)) = sum(x)/s      sum(−x) = −sum(x)
 *   sum((x·expand(s))·y) = s·sum(x·y)
 *   max(expand(x)) = expand(max(x))          max(max(x)) = max(x)             (and min)
 */
const rules: readonly Rule[] = [
  {
    name: "sum-of-unit-axes",
    equation: "sum(x, axes of size 1) = reshape(x)",
    contract: "finite-only",
    pattern: { op: sumOp, operands: ["x"], test: dropsUnits },
    build: ({ root, x }) => reshape(x, root.shape),
    examples: [() => rawSum(sample("m", "f32", [2, 1, 3]), [1]), () => apply(sumOp, [matrix()], { axes: [] })],
  },
  {
    name: "sum-of-expand",
    equation: "sum(expand(x)) = count·expand(sum(x))",
    contract: "reassociates",
    pattern: p(sumOp, as("inner", p(expandOp, "x"))),
    build: ({ root, inner, x }) => {
      const { repeats, own, places, some } = throughExpand(root, inner);
      if (!some) return undefined;
      const total = sum(x, own);
      return expand(mul(total, expand(extent(repeats, x.dtype), total.shape, [])), root.shape, places);
    },
    examples: [
      () => rawSum(expand(sample("x"), [2, 3, 4], [1]), [0, 2]),
      () => rawSum(expand(sample("x"), [2, 3, 4], [1]), [0, 1]),
      () => rawSum(expand(sample("x", "f32", []), [5], []), [0]),
    ],
  },
  {
    name: "sum-of-sum",
    equation: "sum(sum(x)) = sum(x)",
    contract: "reassociates",
    pattern: p(sumOp, as("inner", p(sumOp, "x"))),
    build: ({ root, inner, x }) => sum(x, mergedAxes(root, inner, x.rank)),
    examples: [() => rawSum(rawSum(sample("m", "f32", [2, 3, 4]), [1]), [1])],
  },
  {
    name: "sum-of-product",
    equation: "sum(x·expand(s)) = s·sum(x)",
    contract: "reassociates",
    pattern: p(sumOp, p(mulOp, "x", as("inner", p(expandOp, "s")))),
    build: ({ root, x, inner, s }) => hoist(root, x, inner, s, mul),
    examples: [
      () => rawSum(mul(matrix(), expand(column(), [2, 3], [0])), [1]),
      () => rawSum(mul(matrix(), 0.3), [0, 1]),
    ],
  },
  {
    name: "sum-of-scaled-product",
    equation: "sum((x·expand(s))·y) = s·sum(x·y)",
    contract: "reassociates",
    pattern: p(sumOp, p(mulOp, p(mulOp, "x", as("inner", p(expandOp, "s"))), "y")),
    build: ({ root, x, y, inner, s }) => hoist(root, mul(x, y), inner, s, mul),
    examples: [() => rawSum(mul(mul(matrix(), expand(column(), [2, 3], [0])), sample("n", "f32", [2, 3])), [1])],
  },
  {
    name: "sum-of-quotient",
    equation: "sum(x/expand(s)) = sum(x)/s",
    contract: "reassociates",
    pattern: p(sumOp, p(divOp, "x", as("inner", p(expandOp, "s")))),
    when: ({ root }) => root.dtype !== ("i32" as string) && root.dtype !== ("u32" as string),
    build: ({ root, x, inner, s }) => hoist(root, x, inner, s, div),
    examples: [() => rawSum(div(matrix(), expand(column(), [2, 3], [0])), [1])],
  },
  {
    name: "sum-of-negative",
    equation: "sum(−x) = −sum(x)",
    contract: "finite-only",
    pattern: p(sumOp, p(negOp, "x")),
    build: ({ root, x }) => neg(sum(x, drops(root))),
    examples: [() => rawSum(neg(matrix()), [0])],
  },
  {
    name: "sum-of-reshape",
    equation: "sum(reshape(x), all) = sum(x, all)",
    contract: "exact",
    pattern: p(sumOp, as("inner", p(reshapeOp, "x"))),
    // A sum of one number begins with 0 as well, so that of −0 it makes 0: a scalar keeps its sum.
    when: ({ root, x }) => root.rank === 0 && x.rank > 0,
    build: ({ x }) =>
      sum(
        x,
        x.shape.map((_, axis) => axis),
      ),
    examples: [() => rawSum(reshape(matrix(), [2, 1, 3]), [0, 1, 2]), () => rawSum(reshape(matrix(), [6]), [0])],
  },
  ...extremumRules(maxOp, rawMax, "max"),
  ...extremumRules(minOp, rawMin, "min"),
];

export const REDUCTIONS: Family = { name: "reductions", phases: ["simplify"], rules };
