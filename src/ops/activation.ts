import { checkOptions, checkTensors, checkWholeNumbers } from "../graph/arguments.ts";
import type { Tensor } from "../graph/tensor.ts";
import * as s from "../loop/build.ts";
import { type Dim, formatDim } from "../shared/dim.ts";
import type { FloatDType, NumericDType } from "../shared/dtype.ts";
import { formatType } from "../shared/shape.ts";
import { addOp, divOp, mulOp, negOp } from "./arithmetic.ts";
import { axisOf } from "./axes.ts";
import { applyBroadcast, callError, type Join, type Like, make, type Operand, weaken } from "./coerce.ts";
import { gtOp } from "./compare.ts";
import { rawMax } from "./extremum.ts";
import { floatFunction } from "./float-function.ts";
import { maximumOp, minimumOp } from "./maximum.ts";
import { reshape } from "./reshape.ts";
import { absOp } from "./rounding.ts";
import { where, whereOp } from "./select.ts";
import { erfOp, expm1Op, sigmoidOp, softplusOp, tanhOp } from "./transcendental.ts";

export const reluOp = floatFunction({
  name: "relu",
  scalar: x => s.max(x, s.literal(x.dtype, 0)),
  reference: x => Math.max(x, 0),
  partial: x => ({ where: make(gtOp, x, 0), yes: "one", no: "zero" }),
  rule: "ȳ·[x > 0]; 0 at x = 0",
  cost: 1,
});

/** max(x, 0). The gradient at 0 is 0. */
export function relu<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(reluOp, [x]) as Like<X>;
}

/** A tensor of an operand, or the user's mistake in the words of the function that was called. */
const operand = (who: string, x: Operand): Tensor => weaken(who, [x])[0];

/** x where x > 0, alpha·(e^(rate·x) − 1) elsewhere. The part below takes min(x, 0) with gradient 1 at 0. */
function eluOf(x: Tensor, alpha: Tensor, rate?: (below: Tensor) => Tensor): Tensor {
  const positive = make(gtOp, x, 0) as Tensor<"bool">;
  const below = where(positive, 0, x) as Tensor;
  return make(whereOp, positive, x, make(mulOp, make(expm1Op, rate ? rate(below) : below), alpha));
}

function scaledElu(who: string, x: Operand, alpha: number): Tensor {
  const [value, scale] = weaken(who, [x, alpha]);
  return eluOf(value, scale);
}

/** min(max(x, 0), 6). */
export function relu6<X extends Operand<FloatDType>>(x: X): Like<X> {
  return make(minimumOp, make(reluOp, operand("relu6", x)), 6) as Like<X>;
}

/** x where x > 0, slope·x elsewhere. The gradient at 0 is the slope. */
export function leakyRelu<X extends Operand<FloatDType>>(x: X, slope = 0.01): Like<X> {
  const [value, steep] = weaken("leakyRelu", [x, slope]);
  return make(whereOp, make(gtOp, value, 0), value, make(mulOp, value, steep)) as Like<X>;
}

/** x where x > 0, alpha·(eˣ − 1) elsewhere. The gradient at 0 is alpha. */
export function elu<X extends Operand<FloatDType>>(x: X, alpha = 1): Like<X> {
  return scaledElu("elu", x, alpha) as Like<X>;
}

/** The self-normalising elu of Klambauer et al. 2017. */
export function selu<X extends Operand<FloatDType>>(x: X): Like<X> {
  return make(mulOp, scaledElu("selu", x, 1.6732632423543772), 1.0507009873554805) as Like<X>;
}

/** max(x, 0) + min(0, alpha·(e^(x/alpha) − 1)): Barron 2017. Its gradient has no jump. */
export function celu<X extends Operand<FloatDType>>(x: X, alpha = 1): Like<X> {
  const [value, scale] = weaken("celu", [x, alpha]);
  return eluOf(value, scale, below => make(divOp, below, scale)) as Like<X>;
}

/** x where x > 0, slope·x elsewhere, the slope a tensor that broadcasts (He et al. 2015). The gradient at 0 is the slope. */
export function prelu<X extends Operand<FloatDType>, S extends Operand<FloatDType>>(x: X, slope: S): Join<X, S> {
  const [value, steep] = weaken("prelu", [x, slope]);
  return make(whereOp, make(gtOp, value, 0), value, make(mulOp, value, steep)) as Join<X, S>;
}

/** x / (1 + |x|). */
export function softsign<X extends Operand<FloatDType>>(x: X): Like<X> {
  const value = operand("softsign", x);
  return make(divOp, value, make(addOp, make(absOp, value), 1)) as Like<X>;
}

/** slope·x + offset limited to 0 … 1, by default x/6 + ½ (Howard et al. 2019). At the corners half the gradient passes. */
export function hardSigmoid<X extends Operand<FloatDType>>(x: X, slope: number = 1 / 6, offset = 0.5): Like<X> {
  const [value, steep, high] = weaken("hardSigmoid", [x, slope, offset]);
  return clip(make(addOp, make(mulOp, value, steep), high) as Tensor<FloatDType>, 0, 1) as Like<X>;
}

/** x·hardSigmoid(x) = x·min(max(x + 3, 0), 6)/6 (Howard et al. 2019). */
export function hardSwish<X extends Operand<FloatDType>>(x: X): Like<X> {
  const value = operand("hardSwish", x);
  const gate = clip(make(addOp, value, 3) as Tensor<FloatDType>, 0, 6);
  return make(mulOp, value, make(divOp, gate, 6)) as Like<X>;
}

/**
 * The largest of every `pieces` consecutive elements along an axis, whose size is divided (Goodfellow et al. 2013).
 * Ties share the gradient.
 * @param axis default the last one
 * @throws GradcError `shape` where the pieces do not divide the axis
 */
export function maxout<D extends FloatDType>(x: Tensor<D>, pieces: number, axis = -1): Tensor<D> {
  checkTensors("maxout", { x });
  checkWholeNumbers("maxout", "the pieces", [pieces]);
  const at = axisOf("maxout", axis, x.rank);
  const n: Dim = x.shape[at];
  if (typeof n !== "number" || pieces < 1 || n % pieces !== 0) {
    throw callError("shape", `maxout: the pieces do not divide axis ${at}`, {
      expected: `a divisor of ${formatDim(n)}, a fixed size`,
      received: `${pieces} pieces of ${formatType(x)}`,
    });
  }
  const groups = reshape(x, [...x.shape.slice(0, at), n / pieces, pieces, ...x.shape.slice(at + 1)]);
  return rawMax(groups, [at + 1]) as Tensor<D>;
}

/** x·sigmoid(x), also called swish. */
export function silu<X extends Operand<FloatDType>>(x: X): Like<X> {
  const value = operand("silu", x);
  return make(mulOp, value, make(sigmoidOp, value)) as Like<X>;
}

/** x·tanh(softplus(x)). */
export function mish<X extends Operand<FloatDType>>(x: X): Like<X> {
  const value = operand("mish", x);
  return make(mulOp, value, make(tanhOp, make(softplusOp, value))) as Like<X>;
}

/** ln sigmoid(x), without underflow. */
export function logSigmoid<X extends Operand<FloatDType>>(x: X): Like<X> {
  return make(negOp, make(softplusOp, make(negOp, operand("logSigmoid", x)))) as Like<X>;
}

/**
 * x·Φ(x), Φ the distribution function of the standard normal.
 * @param options.approximate the form with tanh: ½x(1 + tanh(√(2/π)(x + 0.044715 x³)))
 */
export function gelu<X extends Operand<FloatDType>>(x: X, options: { readonly approximate?: boolean } = {}): Like<X> {
  checkOptions("gelu", options, ["approximate"]);
  const value = operand("gelu", x);
  if (options.approximate) {
    // ½(1 + tanh z) = sigmoid(2z), which keeps its accuracy where tanh z is near −1.
    const scale = 2 * Math.sqrt(2 / Math.PI);
    const slope = make(addOp, make(mulOp, make(mulOp, value, value), 0.044715 * scale), scale);
    return make(mulOp, value, make(sigmoidOp, make(mulOp, value, slope))) as Like<X>;
  }
  const erf = make(erfOp, make(mulOp, value, Math.SQRT1_2));
  return make(mulOp, make(mulOp, value, 0.5), make(addOp, erf, 1)) as Like<X>;
}

/** x limited to low … high; at the limits half the gradient passes. */
export function clip<X extends Operand<NumericDType>>(
  x: X,
  low: Operand<NumericDType>,
  high: Operand<NumericDType>,
): Like<X> {
  const [value, least, most] = weaken("clip", [x, low, high]);
  return make(minimumOp, make(maximumOp, value, least), most) as Like<X>;
}
