import type { Tensor } from "../../graph/tensor.ts";
import { add, addOp, div, divOp, mul, mulOp, neg, negOp, sub, subOp } from "../../ops/arithmetic.ts";
import { maximum, maximumOp, minimum, minimumOp } from "../../ops/maximum.ts";
import { fill, zerosLike } from "../../ops/source.ts";
import { isFloat } from "../../shared/dtype.ts";
import { fillValue, rounded } from "../constants.ts";
import { sample } from "../example.ts";
import { num, p } from "../pattern.ts";
import type { Bindings, Family, Rule } from "../rule.ts";

const isInteger = ({ root }: Bindings): boolean => !isFloat(root.dtype);
const isFloating = ({ root }: Bindings): boolean => isFloat(root.dtype);

/** Whether 1/c is a number of the dtype without rounding: c is a power of two, and neither c nor 1/c is too small. */
function hasExactReciprocal(c: Tensor): boolean {
  const value = fillValue(c) ?? 0;
  const least = c.dtype === "f32" ? 2 ** -126 : 2 ** -1022;
  const magnitude = Math.abs(value);
  return magnitude >= least && magnitude <= 1 / least && Number.isInteger(Math.log2(magnitude));
}

/*
 *   x + (−0) = x        x − 0 = x          x·1 = x        x/1 = x       −(−x) = x
 *   x + 0 = x  (integers; else up to the sign of zero)
 *   x·0 = 0    (integers; else for finite x)
 *   x·(−1) = −x         x/(−1) = −x        0 − x = −x (up to the sign of zero)
 *   x − x = 0  (integers; else for finite x)
 *   x/c = x·(1/c)       where 1/c is exact
 *   x + (−y) = x − y    x − (−y) = x + y   (−x)·(−y) = x·y    (−x)/(−y) = x/y
 *   (−x) + y = y − x    −(x − y) = y − x (up to the sign of zero)
 *   max(x, x) = x       min(x, x) = x
 */
const rules: readonly Rule[] = [
  {
    name: "add-negative-zero",
    equation: "x + (−0) = x",
    contract: "exact",
    pattern: p(addOp, "x", -0),
    build: ({ x }) => x,
    examples: [() => add(sample("x"), -0), () => add(fill(-0, [3], "f64"), sample("x", "f64"))],
  },
  {
    name: "add-zero-integer",
    equation: "x + 0 = x",
    contract: "exact",
    pattern: p(addOp, "x", 0),
    when: isInteger,
    build: ({ x }) => x,
    examples: [() => add(sample("i", "i32"), 0)],
  },
  {
    name: "add-zero",
    equation: "x + 0 = x",
    contract: "finite-only",
    pattern: p(addOp, "x", 0),
    build: ({ x }) => x,
    examples: [() => add(sample("x"), 0)],
  },
  {
    name: "sub-zero",
    equation: "x − 0 = x",
    contract: "exact",
    pattern: p(subOp, "x", 0),
    build: ({ x }) => x,
    examples: [() => sub(sample("x"), 0), () => sub(sample("u", "u32"), 0)],
  },
  {
    name: "mul-one",
    equation: "x·1 = x",
    contract: "exact",
    pattern: p(mulOp, "x", 1),
    build: ({ x }) => x,
    examples: [() => mul(sample("x"), 1), () => mul(1, sample("i", "i32"))],
  },
  {
    name: "div-one",
    equation: "x/1 = x",
    contract: "exact",
    pattern: p(divOp, "x", 1),
    build: ({ x }) => x,
    examples: [() => div(sample("x"), 1)],
  },
  {
    name: "double-negative",
    equation: "−(−x) = x",
    contract: "exact",
    pattern: p(negOp, p(negOp, "x")),
    build: ({ x }) => x,
    examples: [() => neg(neg(sample("x"))), () => neg(neg(sample("i", "i32")))],
  },
  {
    name: "mul-zero-integer",
    equation: "x·0 = 0",
    contract: "exact",
    pattern: p(mulOp, "x", 0),
    when: isInteger,
    build: ({ x }) => zerosLike(x),
    examples: [() => mul(sample("i", "i32"), 0)],
  },
  {
    name: "mul-zero",
    equation: "x·0 = 0",
    contract: "finite-only",
    pattern: p(mulOp, "x", 0),
    build: ({ x }) => zerosLike(x),
    examples: [() => mul(sample("x"), 0)],
  },
  {
    name: "mul-minus-one",
    equation: "x·(−1) = −x",
    contract: "exact",
    pattern: p(mulOp, "x", -1),
    build: ({ x }) => neg(x),
    examples: [() => mul(sample("x"), -1), () => mul(sample("i", "i32"), -1)],
  },
  {
    name: "div-minus-one",
    equation: "x/(−1) = −x",
    contract: "exact",
    pattern: p(divOp, "x", -1),
    when: isFloating,
    build: ({ x }) => neg(x),
    examples: [() => div(sample("x"), -1)],
  },
  {
    name: "zero-minus",
    equation: "0 − x = −x",
    contract: "finite-only",
    pattern: p(subOp, 0, "x"),
    when: isFloating,
    build: ({ x }) => neg(x),
    examples: [() => sub(0, sample("x"))],
  },
  {
    name: "sub-self-integer",
    equation: "x − x = 0",
    contract: "exact",
    pattern: p(subOp, "x", "x"),
    when: isInteger,
    build: ({ x }) => zerosLike(x),
    examples: [() => ((i: Tensor<"i32">) => sub(i, i))(sample("i", "i32"))],
  },
  {
    name: "sub-self",
    equation: "x − x = 0",
    contract: "finite-only",
    pattern: p(subOp, "x", "x"),
    build: ({ x }) => zerosLike(x),
    examples: [() => ((x: Tensor<"f32">) => sub(x, x))(sample("x"))],
  },
  {
    name: "div-by-power-of-two",
    equation: "x/c = x·(1/c)",
    contract: "exact",
    pattern: p(divOp, "x", num("c")),
    when: ({ c }) => isFloat(c.dtype) && hasExactReciprocal(c),
    build: ({ x, c }) => mul(x, rounded(1 / (fillValue(c) ?? 1), c.dtype)),
    examples: [() => div(sample("x"), 8), () => div(sample("x", "f64"), -0.25)],
  },
  {
    name: "add-negative",
    equation: "x + (−y) = x − y",
    contract: "exact",
    pattern: p(addOp, "x", p(negOp, "y")),
    build: ({ x, y }) => sub(x, y),
    examples: [() => add(sample("x"), neg(sample("y"))), () => add(neg(sample("i", "i32")), sample("j", "i32"))],
  },
  {
    name: "sub-negative",
    equation: "x − (−y) = x + y",
    contract: "exact",
    pattern: p(subOp, "x", p(negOp, "y")),
    build: ({ x, y }) => add(x, y),
    examples: [() => sub(sample("x"), neg(sample("y")))],
  },
  {
    name: "mul-negatives",
    equation: "(−x)·(−y) = x·y",
    contract: "exact",
    pattern: p(mulOp, p(negOp, "x"), p(negOp, "y")),
    build: ({ x, y }) => mul(x, y),
    examples: [() => mul(neg(sample("x")), neg(sample("y")))],
  },
  {
    name: "div-negatives",
    equation: "(−x)/(−y) = x/y",
    contract: "exact",
    pattern: p(divOp, p(negOp, "x"), p(negOp, "y")),
    when: isFloating,
    build: ({ x, y }) => div(x, y),
    examples: [() => div(neg(sample("x")), neg(sample("y")))],
  },
  {
    name: "negative-difference",
    equation: "−(x − y) = y − x",
    contract: "finite-only",
    pattern: p(negOp, p(subOp, "x", "y")),
    build: ({ x, y }) => sub(y, x),
    examples: [() => neg(sub(sample("x"), sample("y")))],
  },
  {
    name: "maximum-self",
    equation: "max(x, x) = x",
    contract: "exact",
    pattern: p(maximumOp, "x", "x"),
    build: ({ x }) => x,
    examples: [() => ((x: Tensor<"f32">) => maximum(x, x))(sample("x"))],
  },
  {
    name: "minimum-self",
    equation: "min(x, x) = x",
    contract: "exact",
    pattern: p(minimumOp, "x", "x"),
    build: ({ x }) => x,
    examples: [() => ((x: Tensor<"f32">) => minimum(x, x))(sample("x"))],
  },
];

export const IDENTITIES: Family = { name: "identities", phases: ["canonicalise", "simplify"], rules };
