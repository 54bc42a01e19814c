import type { Tensor } from "../../graph/tensor.ts";
import { reducedAxes } from "../../kinds/reduce.ts";
import { add, addOp, div, divOp, mul, mulOp, neg, negOp, sub, subOp } from "../../ops/arithmetic.ts";
import { apply } from "../../ops/coerce.ts";
import { gatherAlong, gatherAlongOp } from "../../ops/gather.ts";
import { softmaxCrossEntropyOp } from "../../ops/loss.ts";
import { sqrt, sqrtOp } from "../../ops/power.ts";
import { logSumExp, maxNumberOp, maxOp, rawSum, sum, sumOp } from "../../ops/reduce.ts";
import { abs } from "../../ops/rounding.ts";
import { logSoftmax, logSoftmaxOp, softmax, softmaxOp } from "../../ops/softmax.ts";
import { iota } from "../../ops/source.ts";
import {
  exp,
  expm1,
  expOp,
  log,
  log1p,
  log1pOp,
  logOp,
  sigmoid,
  sigmoidOp,
  softplus,
} from "../../ops/transcendental.ts";
import { expand, expandOp, reshape, reshapeOp } from "../../ops/view.ts";
import { sample } from "../example.ts";
import { as, match, type OpPattern, p } from "../pattern.ts";
import type { Bindings, Family, Rule, Value } from "../rule.ts";

const axisOf = (value: Value): number => value.node.attrs.axis as number;
const stable = (
  name: string,
  equation: string,
  pattern: OpPattern,
  build: (bindings: Bindings) => Tensor | undefined,
  ...examples: (() => Tensor)[]
): Rule => ({
  name,
  equation,
  contract: "reassociates",
  pattern,
  build: bindings => build(bindings) as Value | undefined,
  examples,
});

const x = () => sample("x");
const logits = () => sample("logits", "f32", [2, 3]);
const labels = () => iota([2, 1], 0);

/** x = z − max z over these axes: its exponentials overflow nowhere, and sums of them are at least 1. */
function isBelowMaximum(x: Value, axes: readonly number[]): boolean {
  const less = (op: typeof maxOp) => match(p(subOp, "z", p(expandOp, as("most", p(op, "z")))), x);
  const found = less(maxOp) ?? less(maxNumberOp);
  return found !== undefined && reducedAxes(found.bindings.most.node.attrs).join() === axes.join();
}

/** exp(x) and its sum along one axis, spread again: the parts of a softmax by hand. */
const spreadSum = (inner: OpPattern | string): OpPattern => as("spread", p(expandOp, as("total", p(sumOp, inner))));

/** The axis of a softmax by hand; undefined if the sum is spread along other axes than it was taken. */
function softmaxAxis({ spread, total }: Bindings): number | undefined {
  const axes = reducedAxes(total.node.attrs);
  const kept = spread.node.attrs.axes as readonly number[];
  return axes.length === 1 && !kept.includes(axes[0]) && spread.rank === total.rank + 1 ? axes[0] : undefined;
}

const softmaxByHand = (e: Value): Value => div(e, expand(rawSum(e, [1]), [2, 3], [0]));

/** −logSoftmax(x)[label] along the last axis. */
function crossEntropy(logSoftmaxed: Value, logits: Value, indices: Value, chosen: Value): Value | undefined {
  const last = logits.rank - 1;
  if (axisOf(logSoftmaxed) !== last || axisOf(chosen) !== last || indices.shape[last] !== 1) return undefined;
  if (typeof logits.shape[last] !== "number") return undefined;
  const labels = reshape(indices, indices.shape.slice(0, -1));
  return reshape(apply(softmaxCrossEntropyOp, [logits, labels]) as Value, indices.shape);
}

/*
 *   eˣ / Σ eˣ = softmax(x)          log softmax(x) = logSoftmax(x)      log Σ eˣ = logSumExp(x)
 *   log softmax(x)[i] = logSoftmax(x)[i]        −logSoftmax(x)[label] = softmaxCrossEntropy(x, label)
 *   1/(1 + e⁻ˣ) = sigmoid(x)        eˣ/(1 + eˣ) = sigmoid(x)            1 − sigmoid(x) = sigmoid(−x)
 *   log sigmoid(x) = −softplus(−x)  log(1 + eˣ) = softplus(x)
 *   log(1 + x) = log1p(x)           log(1 − x) = log1p(−x)              eˣ − 1 = expm1(x)
 *   log eˣ = x                      √(x·x) = |x|
 */
const rules: readonly Rule[] = [
  stable(
    "softmax-by-hand",
    "eˣ / Σ eˣ = softmax(x)",
    p(divOp, as("e", p(expOp, "x")), spreadSum("e")),
    bindings => {
      const axis = softmaxAxis(bindings);
      return axis === undefined ? undefined : softmax(bindings.x, axis);
    },
    () => softmaxByHand(exp(logits())),
  ),
  stable(
    "log-of-softmax",
    "log softmax(x) = logSoftmax(x)",
    p(logOp, as("s", p(softmaxOp, "x"))),
    ({ s, x }) => logSoftmax(x, axisOf(s)),
    () => log(softmax(logits())),
    () => log(softmax(logits(), 0)),
  ),
  stable(
    "log-of-picked-softmax",
    "log softmax(x)[i] = logSoftmax(x)[i]",
    p(logOp, as("chosen", p(gatherAlongOp, as("s", p(softmaxOp, "x")), "i"))),
    ({ chosen, s, x, i }) => gatherAlong(logSoftmax(x, axisOf(s)), i as Tensor as Tensor<"i32">, axisOf(chosen)),
    () => log(gatherAlong(softmax(logits()), labels())),
  ),
  stable(
    "log-of-reshaped-pick",
    "log reshape(softmax(x)[i]) = reshape(logSoftmax(x)[i])",
    p(logOp, p(reshapeOp, as("chosen", p(gatherAlongOp, as("s", p(softmaxOp, "x")), "i")))),
    ({ root, chosen, s, x, i }) =>
      reshape(gatherAlong(logSoftmax(x, axisOf(s)), i as Tensor as Tensor<"i32">, axisOf(chosen)), root.shape),
    () => log(reshape(gatherAlong(softmax(logits()), labels()), [2])),
  ),
  stable(
    "reshaped-cross-entropy-by-hand",
    "−reshape(logSoftmax(x)[label]) = reshape(softmaxCrossEntropy(x, label))",
    p(negOp, p(reshapeOp, as("chosen", p(gatherAlongOp, as("s", p(logSoftmaxOp, "x")), "i")))),
    ({ root, chosen, s, x, i }) => {
      const loss = crossEntropy(s, x, i, chosen);
      return loss && reshape(loss, root.shape);
    },
    () => neg(reshape(gatherAlong(logSoftmax(logits()), labels()), [2])),
  ),
  stable(
    "cross-entropy-by-hand",
    "−logSoftmax(x)[label] = softmaxCrossEntropy(x, label)",
    p(negOp, as("chosen", p(gatherAlongOp, as("s", p(logSoftmaxOp, "x")), "i"))),
    ({ chosen, s, x, i }) => crossEntropy(s, x, i, chosen),
    () => neg(gatherAlong(logSoftmax(logits()), labels())),
  ),
  stable(
    "log-of-sum-of-exp",
    "log Σ eˣ = logSumExp(x)",
    p(logOp, as("total", p(sumOp, p(expOp, "x")))),
    ({ total, x }) => {
      const axes = reducedAxes(total.node.attrs);
      return x.rank === 0 || isBelowMaximum(x, axes) ? undefined : logSumExp(x, axes);
    },
    () => log(rawSum(exp(logits()), [1])),
    () => log(sum(exp(logits()))),
  ),
  stable(
    "sigmoid-by-hand",
    "1/(1 + e⁻ˣ) = sigmoid(x)",
    p(divOp, 1, p(addOp, 1, p(expOp, p(negOp, "x")))),
    ({ x }) => sigmoid(x),
    () => div(1, add(1, exp(neg(x())))),
  ),
  stable(
    "sigmoid-of-odds",
    "eˣ/(1 + eˣ) = sigmoid(x)",
    p(divOp, as("e", p(expOp, "x")), p(addOp, 1, "e")),
    ({ x }) => sigmoid(x),
    () => (e => div(e, add(e, 1)))(exp(x())),
  ),
  stable(
    "complement-of-sigmoid",
    "1 − sigmoid(x) = sigmoid(−x)",
    p(subOp, 1, p(sigmoidOp, "x")),
    ({ x }) => sigmoid(neg(x)),
    () => sub(1, sigmoid(x())),
  ),
  stable(
    "log-of-sigmoid",
    "log sigmoid(x) = −softplus(−x)",
    p(logOp, p(sigmoidOp, "x")),
    ({ x }) => neg(softplus(neg(x))),
    () => log(sigmoid(x())),
  ),
  stable(
    "softplus-by-hand",
    "log(1 + eˣ) = softplus(x)",
    p(logOp, p(addOp, 1, p(expOp, "x"))),
    ({ x }) => softplus(x),
    () => log(add(exp(x()), 1)),
  ),
  stable(
    "log1p-of-exp",
    "log1p eˣ = softplus(x)",
    p(log1pOp, p(expOp, "x")),
    ({ x }) => softplus(x),
    () => log1p(exp(x())),
  ),
  stable(
    "log-of-exp",
    "log eˣ = x",
    p(logOp, p(expOp, "x")),
    ({ x }) => x,
    () => log(exp(x())),
  ),
  stable(
    "log-of-one-plus",
    "log(1 + x) = log1p(x)",
    p(logOp, p(addOp, 1, "x")),
    ({ x }) => log1p(x),
    () => log(add(1, x())),
  ),
  stable(
    "log-of-one-minus",
    "log(1 − x) = log1p(−x)",
    p(logOp, p(subOp, 1, "x")),
    ({ x }) => log1p(neg(x)),
    () => log(sub(1, x())),
  ),
  stable(
    "exp-minus-one",
    "eˣ − 1 = expm1(x)",
    p(subOp, p(expOp, "x"), 1),
    ({ x }) => expm1(x),
    () => sub(exp(x()), 1),
  ),
  stable(
    "exp-plus-minus-one",
    "eˣ + (−1) = expm1(x)",
    p(addOp, p(expOp, "x"), -1),
    ({ x }) => expm1(x),
    () => add(exp(x()), -1),
  ),
  stable(
    "root-of-square",
    "√(x·x) = |x|",
    p(sqrtOp, p(mulOp, "x", "x")),
    ({ x }) => abs(x),
    () => (v => sqrt(mul(v, v)))(x()),
  ),
];

export const STABLE: Family = { name: "stabilising", phases: ["stabilise"], rules };
