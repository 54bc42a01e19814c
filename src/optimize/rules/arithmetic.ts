import type { Node } from "../../graph/node.ts";
import type { Op } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { relu, reluOp } from "../../ops/activation.ts";
import { add, addOp, div, divOp, mul, mulOp, neg, negOp, sub, subOp } from "../../ops/arithmetic.ts";
import { apply } from "../../ops/coerce.ts";
import { gt, gtOp } from "../../ops/compare.ts";
import { stopGradient, stopGradientOp } from "../../ops/custom.ts";
import { abs, absOp, ceilOp, floor, floorOp, roundOp, truncOp } from "../../ops/rounding.ts";
import { where } from "../../ops/select.ts";
import { fill, zerosLike } from "../../ops/source.ts";
import { exp, log } from "../../ops/transcendental.ts";
import { expand, expandOp } from "../../ops/view.ts";
import { isFloat } from "../../shared/dtype.ts";
import { present } from "../../shared/errors.ts";
import { shapeEquals } from "../../shared/shape.ts";
import { fillValue, rounded } from "../constants.ts";
import { sample } from "../example.ts";
import { as, num, p } from "../pattern.ts";
import type { Bindings, Family, Rule, Value } from "../rule.ts";

const numberOf = (value: Value): number => present(fillValue(value));
const isFloating = ({ root }: Bindings): boolean => isFloat(root.dtype);
const like = (root: Value, number: number): Value => fill(rounded(number, root.dtype), root.shape, root.dtype);

const IDEMPOTENT: ReadonlySet<Op> = new Set([reluOp, absOp, floorOp, ceilOp, truncOp, roundOp]);

/** Operands that are expansions of the same axes, apart from fills; the first expansion leads. */
function commonExpansion({ op, operands, outputs }: Node): Tensor | undefined {
  if (op.kind !== "elementwise" || outputs.length !== 1) return undefined;
  const varying = operands.filter(o => fillValue(o) === undefined);
  const [first] = varying;
  if (!first || first.node.op !== expandOp) return undefined;
  const axes = first.node.attrs.axes as readonly number[];
  const fits = varying.every(o => {
    const own = o.node.attrs.axes as readonly number[] | undefined;
    return o.node.op === expandOp && own?.length === axes.length && own.every((axis, i) => axis === axes[i]);
  });
  return fits ? first : undefined;
}

const a = () => sample("a");
const b = () => sample("b");
const c = () => sample("c");
const ab = (f: (a: Value) => Tensor) => () => f(a());

/*
 *   a·b + a·c = a·(b + c)        a·b − a·c = a·(b − c)       a·b + a = a·(b + 1)     b/a + c/a = (b + c)/a
 *   (x·c)·d = x·(c·d)            (x + c) + d = x + (c + d)   (x·c)/d = x·(c/d)       x/c = x·(1/c)
 *   x/expand(s) = x·expand(1/s)                                one division for each element of s
 *   x·(1/y) = x/y                (−x)·c = x·(−c)             −(x·c) = x·(−c)
 *   f(f(x)) = f(x) for relu, abs, floor, ceil, trunc, round   |−x| = |x|
 *   f(expand(x), expand(y)) = expand(f(x, y))                  elementwise f, equal axes
 *   relu(x) > 0 instead of x > 0 where relu(x) is there        so that x need not be kept
 *   stopGradient(x) = x                                        once derivatives are taken
 */
const rules: readonly Rule[] = [
  {
    name: "stop-gradient",
    equation: "stopGradient(x) = x",
    contract: "exact",
    pattern: p(stopGradientOp, "x"),
    build: ({ x }) => x,
    examples: [() => stopGradient(a())],
  },
  {
    name: "common-factor",
    equation: "a·b + a·c = a·(b + c)",
    contract: "reassociates",
    pattern: p(addOp, p(mulOp, "a", "b"), p(mulOp, "a", "c")),
    build: ({ a, b, c }) => mul(a, add(b, c)),
    examples: [ab(a => add(mul(a, b()), mul(a, c()))), ab(a => add(mul(b(), a), mul(c(), a)))],
  },
  {
    name: "common-factor-difference",
    equation: "a·b − a·c = a·(b − c)",
    contract: "reassociates",
    pattern: p(subOp, p(mulOp, "a", "b"), p(mulOp, "a", "c")),
    build: ({ a, b, c }) => mul(a, sub(b, c)),
    examples: [ab(a => sub(mul(a, b()), mul(a, c())))],
  },
  {
    name: "common-divisor",
    equation: "b/a + c/a = (b + c)/a",
    contract: "reassociates",
    pattern: p(addOp, p(divOp, "b", "a"), p(divOp, "c", "a")),
    when: isFloating,
    build: ({ a, b, c }) => div(add(b, c), a),
    examples: [ab(a => add(div(b(), a), div(c(), a)))],
  },
  {
    name: "number-times-number",
    equation: "(x·c)·d = x·(c·d)",
    contract: "reassociates",
    pattern: p(mulOp, p(mulOp, "x", num("c")), num("d")),
    when: isFloating,
    build: ({ root, x, c, d }) => mul(x, like(root, numberOf(c) * numberOf(d))),
    examples: [() => mul(mul(a(), 3), 0.7)],
  },
  {
    name: "number-plus-number",
    equation: "(x + c) + d = x + (c + d)",
    contract: "reassociates",
    pattern: p(addOp, p(addOp, "x", num("c")), num("d")),
    when: isFloating,
    build: ({ root, x, c, d }) => add(x, like(root, numberOf(c) + numberOf(d))),
    examples: [() => add(add(a(), 3), 0.7)],
  },
  {
    name: "number-over-number",
    equation: "(x·c)/d = x·(c/d)",
    contract: "reassociates",
    pattern: p(divOp, p(mulOp, "x", num("c")), num("d")),
    when: ({ root, d }) => isFloat(root.dtype) && numberOf(d) !== 0,
    build: ({ root, x, c, d }) => mul(x, like(root, numberOf(c) / numberOf(d))),
    examples: [() => div(mul(a(), 3), 0.7)],
  },
  {
    name: "div-by-expanded",
    equation: "x/expand(s) = x·expand(1/s)",
    contract: "reassociates",
    pattern: p(divOp, "x", as("inner", p(expandOp, "s"))),
    when: ({ root, s }) => isFloat(root.dtype) && fillValue(s) === undefined,
    build: ({ root, x, inner, s }) => mul(x, expand(div(1, s), root.shape, inner.node.attrs.axes as readonly number[])),
    examples: [() => div(sample("x", "f32", [4, 3]), expand(sample("s"), [4, 3], [1]))],
  },
  {
    name: "div-by-number",
    equation: "x/c = x·(1/c)",
    contract: "reassociates",
    pattern: p(divOp, "x", num("c")),
    when: ({ root, c }) =>
      isFloat(root.dtype) && Number.isFinite(1 / rounded(1 / numberOf(c), root.dtype)) && numberOf(c) !== 0,
    build: ({ root, x, c }) => mul(x, like(root, 1 / numberOf(c))),
    examples: [() => div(a(), 3)],
  },
  {
    name: "times-reciprocal",
    equation: "x·(1/y) = x/y",
    contract: "reassociates",
    pattern: p(mulOp, "x", p(divOp, 1, "y")),
    when: isFloating,
    build: ({ x, y }) => div(x, y),
    examples: [() => mul(a(), div(1, b()))],
  },
  {
    name: "negative-times-number",
    equation: "(−x)·c = x·(−c)",
    contract: "exact",
    pattern: p(mulOp, p(negOp, "x"), num("c")),
    when: isFloating,
    build: ({ root, x, c }) => mul(x, like(root, -numberOf(c))),
    examples: [() => mul(neg(a()), 0.7)],
  },
  {
    name: "negative-of-scaled",
    equation: "−(x·c) = x·(−c)",
    contract: "exact",
    pattern: p(negOp, p(mulOp, "x", num("c"))),
    when: isFloating,
    build: ({ root, x, c }) => mul(x, like(root, -numberOf(c))),
    examples: [() => neg(mul(a(), 0.7))],
  },
  {
    name: "idempotent",
    equation: "f(f(x)) = f(x)",
    contract: "exact",
    pattern: { test: n => IDEMPOTENT.has(n.op) && n.operands[0].node.op === n.op },
    build: ({ root }) => root.node.operands[0] as Value,
    examples: [() => floor(floor(a())), () => relu(relu(a())), () => abs(abs(a()))],
  },
  {
    name: "abs-of-negative",
    equation: "|−x| = |x|",
    contract: "exact",
    pattern: p(absOp, p(negOp, "x")),
    build: ({ x }) => abs(x),
    examples: [() => abs(neg(a())), () => abs(neg(sample("i", "i32")))],
  },
  {
    name: "elementwise-of-expands",
    equation: "f(expand(x), expand(y)) = expand(f(x, y))",
    contract: "exact",
    pattern: { test: n => commonExpansion(n) !== undefined },
    build: ({ root }) => {
      const { op, operands, attrs } = root.node;
      const lead = present(commonExpansion(root.node));
      const { shape } = lead.node.operands[0];
      if (shapeEquals(shape, root.shape)) return undefined;
      const small = operands.map(o => {
        const number = fillValue(o);
        return number === undefined ? o.node.operands[0] : fill(number, shape, o.dtype);
      });
      return expand(apply(op, small, attrs), root.shape, lead.node.attrs.axes as readonly number[]) as Value;
    },
    examples: [
      () => add(expand(a(), [2, 3], [1]), expand(b(), [2, 3], [1])),
      () => exp(expand(a(), [3, 4], [0])),
      () => where(gt(expand(a(), [2, 3], [1]), 0), expand(b(), [2, 3], [1]), 0),
    ],
  },
  {
    name: "relu-mask-from-output",
    equation: "[x > 0] = [relu(x) > 0]",
    contract: "exact",
    pattern: p(gtOp, "x", 0),
    build: ({ x }, graph) => {
      const y = graph.find(reluOp, [x], {});
      return y ? (gt(y as Value, zerosLike(y)) as Tensor as Value) : undefined;
    },
    examples: [
      () => {
        const x = mul(a(), b());
        return where(gt(x, 0), log(relu(x)), 1);
      },
    ],
  },
];

export const ARITHMETIC: Family = { name: "arithmetic", phases: ["simplify"], rules };
