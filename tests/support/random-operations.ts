import * as g from "../../src/index.ts";
import type { ReduceOptions } from "../../src/ops/reduce-over.ts";
import { type DType, isFloat, isInt } from "../../src/shared/dtype.ts";
import { broadcastShapes, maxSizeOf } from "../../src/shared/shape.ts";
import type { Known, Step } from "./random-function.ts";

type Float = g.Tensor<"f32">;
type Int = g.Tensor<"i32">;

/** Makes values from earlier ones; undefined where the earlier ones do not suit. */
export interface Operation {
  readonly name: string;
  make(pool: readonly Known[], step: Step): Known[] | undefined;
}

type Test = (known: Known) => boolean;

const float: Test = k => isFloat(k.tensor.dtype);
const int: Test = k => isInt(k.tensor.dtype);
const i32: Test = k => k.tensor.dtype === "i32";
const bool: Test = k => k.tensor.dtype === "bool";
const numeric: Test = k => float(k) || int(k);
const any: Test = () => true;
const exact: Test = k => k.exact;
/** No symbolic sizes: nothing but an input tells them. */
const fixed: Test = k => k.tensor.shape.every(d => typeof d === "number");
/** Of small numbers. */
const tame: Test = k => k.bound <= 8;
const ranked =
  (rank: number): Test =>
  (k): boolean =>
    k.tensor.rank >= rank;
const both =
  (...tests: readonly Test[]): Test =>
  (k): boolean =>
    tests.every(t => t(k));

/** One of the values that pass, the younger ones rather than the older. */
function pick(pool: readonly Known[], at: number, test: Test): Known | undefined {
  const fit = pool.filter(test);
  if (fit.length === 0) return undefined;
  const late = fit.slice(-6);
  return at % 3 === 0 ? fit[at % fit.length] : late[at % late.length];
}

/** A value of one dtype whose shape broadcasts with another's; a scalar where none does. */
function partner(pool: readonly Known[], at: number, other: Known, test: Test = any): Known | undefined {
  const { dtype, shape } = other.tensor;
  const fits: Test = k => k.tensor.dtype === dtype && broadcastShapes(k.tensor.shape, shape) !== undefined;
  return pick(pool, at, both(fits, test));
}

const sizes = (k: Known): number => Math.max(1, maxSizeOf(k.tensor.shape));
const of = (k: Known, tensor: g.Tensor, bound = k.bound, facts: Partial<Known> = {}): Known => ({
  ...k,
  bound,
  ...facts,
  tensor,
});
const rough = { exact: false };

/** A smooth function of one float. */
function smooth(name: string, f: (x: Float) => g.Tensor, bound: (x: number) => number): Operation {
  return {
    name,
    make: (pool, { a }) => {
      const x = pick(pool, a, float);
      return x && [of(x, f(x.tensor as Float), bound(x.bound), rough)];
    },
  };
}

/** A function that only chooses or moves bits: what is exact stays exact. Kinked: not differentiable everywhere. */
function moving(name: string, test: Test, f: (x: g.Tensor, s: Step) => g.Tensor, kinked = false): Operation {
  return {
    name,
    make: (pool, s) => {
      const x = pick(pool, s.a, test);
      return x && [of(x, f(x.tensor, s), x.bound, { smooth: x.smooth && (x.exact || !kinked) })];
    },
  };
}

function binary(
  name: string,
  test: Test,
  f: (x: Float, y: Float) => g.Tensor,
  bound: (x: number, y: number) => number,
  { moves = false } = {},
): Operation {
  return {
    name,
    make: (pool, { a, b }) => {
      const x = pick(pool, a, test);
      const y = x && partner(pool, b, x, test);
      if (!x || !y) return undefined;
      const same = x.exact && y.exact && (moves || !float(x));
      const even = x.smooth && y.smooth && (!moves || same);
      return [
        { tensor: f(x.tensor as Float, y.tensor as Float), bound: bound(x.bound, y.bound), exact: same, smooth: even },
      ];
    },
  };
}

const integers = (name: string, f: (x: Int, y: Int) => g.Tensor): Operation =>
  binary(name, int, f as unknown as (x: Float, y: Float) => g.Tensor, Math.max);

function compare(name: string, f: (x: Float, y: Float) => g.Tensor): Operation {
  return {
    name,
    make: (pool, { a, b }) => {
      const x = pick(pool, a, both(numeric, exact));
      const y = x && partner(pool, b, x, exact);
      return x && y && [{ tensor: f(x.tensor as Float, y.tensor as Float), bound: 1, exact: true, smooth: true }];
    },
  };
}

const axisIn = (x: g.Tensor, c: number): number => c % x.rank;
/** An axis, or all, or the last two. */
const axesIn = (x: g.Tensor, c: number): number[] | undefined =>
  c % 4 === 0 || x.rank === 0 ? undefined : c % 4 === 1 && x.rank > 1 ? [x.rank - 2, x.rank - 1] : [axisIn(x, c >> 2)];

function reduction(
  name: string,
  test: Test,
  f: (x: Float, axes: number[] | undefined, options: ReduceOptions) => g.Tensor,
  bound: (k: Known) => number,
  { moves = false } = {},
): Operation {
  return {
    name,
    make: (pool, { a, b, c }) => {
      const x = pick(pool, a, test);
      if (!x) return undefined;
      const y = f(x.tensor as Float, axesIn(x.tensor, c), { keepDims: b % 2 === 0 });
      const same = x.exact && (moves || !float(x));
      return [{ tensor: y, bound: bound(x), exact: same, smooth: x.smooth && (!moves || same) }];
    },
  };
}

const fixedAxis = (x: g.Tensor, c: number): number | undefined => {
  const fixed = x.shape.flatMap((d, axis) => (typeof d === "number" ? [axis] : []));
  return fixed.length === 0 ? undefined : fixed[c % fixed.length];
};

/** Positions along the axis of a size, made from an integer value: in and out of range. */
const positions = (n: number, from: Known | undefined): Int => {
  const steps = g.mul(g.arange(n), 5);
  const shift = from && from.tensor.rank > 0 ? g.max(g.bitAnd(from.tensor as Int, 3)) : g.constant(1, [], "i32");
  return g.sub(g.bitAnd(g.add(steps, shift), 7), 1) as Int;
};

const ELEMENTWISE: readonly Operation[] = [
  smooth("tanh", g.tanh, () => 1),
  smooth("sigmoid", g.sigmoid, () => 1),
  smooth("sin", g.sin, () => 1),
  smooth("cos", g.cos, () => 1),
  smooth("softplus", g.softplus, x => x + 1),
  smooth("erf", g.erf, () => 1),
  smooth(
    "gelu",
    x => g.gelu(x),
    x => x,
  ),
  smooth("silu", g.silu, x => x),
  smooth("square", g.square, x => x * x),
  smooth(
    "exp",
    x => g.exp(g.tanh(x)),
    () => 3,
  ),
  smooth(
    "expm1",
    x => g.expm1(g.tanh(x)),
    () => 2,
  ),
  smooth(
    "log",
    x => g.log(g.add(g.square(x), 0.5)),
    x => 2 + Math.log(1 + x),
  ),
  smooth(
    "log1p",
    x => g.log1p(g.square(x)),
    x => 2 + Math.log(1 + x),
  ),
  smooth(
    "sqrt",
    x => g.sqrt(g.add(g.square(x), 0.5)),
    x => x + 1,
  ),
  smooth(
    "rsqrt",
    x => g.rsqrt(g.add(g.square(x), 0.5)),
    () => 2,
  ),
  smooth(
    "tan",
    x => g.tan(g.mul(g.tanh(x), 0.5)),
    () => 1,
  ),
  smooth(
    "erfinv",
    x => g.erfinv(g.mul(g.tanh(x), 0.5)),
    () => 1,
  ),
  smooth("atan", g.atan, () => 2),
  smooth("asinh", g.asinh, x => 1 + Math.log(1 + x)),
  smooth("erfc", g.erfc, () => 2),
  smooth(
    "asin",
    x => g.asin(g.mul(g.tanh(x), 0.5)),
    () => 1,
  ),
  smooth(
    "atanh",
    x => g.atanh(g.mul(g.tanh(x), 0.5)),
    () => 1,
  ),
  smooth(
    "sinh",
    x => g.sinh(g.tanh(x)),
    () => 2,
  ),
  smooth(
    "lgamma",
    x => g.lgamma(g.add(g.square(g.tanh(x)), 0.5)),
    () => 1,
  ),
  smooth(
    "digamma",
    x => g.digamma(g.add(g.square(g.tanh(x)), 0.5)),
    () => 2,
  ),
  smooth(
    "norm",
    x => g.norm(g.add(g.square(x), 0.5), x.rank === 0 ? [] : [x.rank - 1], { keepDims: true }),
    x => 30 * (x * x + 1),
  ),
  binary(
    "atan2",
    float,
    (y, x) => g.atan2(y, g.add(g.square(x), 0.5)),
    () => 2,
  ),
  binary(
    "hypot",
    float,
    (x, y) => g.hypot(x, g.add(g.square(y), 0.5)),
    (x, y) => x + y * y + 1,
  ),
  binary("logAddExp", float, g.logAddExp, (x, y) => Math.max(x, y) + 1),
  smooth(
    "pow 3",
    x => g.pow(g.tanh(x), 3),
    () => 1,
  ),
  binary(
    "pow",
    float,
    (x, y) => g.pow(g.add(g.square(x), 0.5), g.tanh(y)),
    x => x * x + 2,
  ),
  binary("add", numeric, g.add, (x, y) => x + y),
  binary("sub", numeric, g.sub, (x, y) => x + y),
  binary("mul", numeric, g.mul, (x, y) => x * y),
  binary(
    "div",
    float,
    (x, y) => g.div(x, g.add(g.square(y), 0.5)),
    x => 2 * x,
  ),
  binary("maximum", numeric, g.maximum, Math.max, { moves: true }),
  binary("minimum", numeric, g.minimum, Math.max, { moves: true }),
  moving(
    "neg",
    k => float(k) || i32(k),
    x => g.neg(x as Float),
  ),
  moving(
    "abs",
    k => float(k) || i32(k),
    x => g.abs(x as Float),
    true,
  ),
  moving("relu", float, x => g.relu(x as Float), true),
  moving("clip", float, x => g.clip(x as Float, -1, 1), true),
  moving("sign", both(float, exact), x => g.sign(x as Float)),
  moving("floor", both(float, exact), x => g.floor(x as Float)),
  moving("ceil", both(float, exact), x => g.ceil(x as Float)),
  moving("round", both(float, exact), x => g.round(x as Float)),
  moving("trunc", both(float, exact), x => g.trunc(x as Float)),
  compare("lt", g.lt),
  compare("le", g.le),
  compare("gt", g.gt),
  compare("ge", g.ge),
  compare("eq", g.eq),
  compare("ne", g.ne),
  integers("int div", g.div),
  integers("int rem", g.rem),
  integers("int mod", g.mod),
  integers("bitAnd", g.bitAnd),
  integers("bitOr", g.bitOr),
  integers("bitXor", g.bitXor),
  integers("shiftLeft", (x, y) => g.shiftLeft(x, g.bitAnd(y, 31))),
  integers("shiftRight", (x, y) => g.shiftRight(x, g.bitAnd(y, 31))),
  moving("bitNot", int, x => g.bitNot(x as Int)),
  moving("bitcast", int, x => g.bitcast(x as Int, x.dtype === "i32" ? "u32" : "i32")),
  binary("and", bool, g.and as never, Math.max),
  binary("or", bool, g.or as never, Math.max),
  binary("xor", bool, g.xor as never, Math.max),
  moving("not", bool, x => g.not(x as g.Tensor<"bool">)),
  {
    name: "where",
    make: (pool, { a, b, c }) => {
      const x = pick(pool, a, any);
      const y = x && partner(pool, b, x);
      if (!x || !y) return undefined;
      const shape = broadcastShapes(x.tensor.shape, y.tensor.shape) ?? [];
      const m = pick(pool, c, k => bool(k) && broadcastShapes(k.tensor.shape, shape) !== undefined);
      if (!m) return undefined;
      const facts = { exact: x.exact && y.exact, smooth: x.smooth && y.smooth };
      return [of(x, g.where(m.tensor as g.Tensor<"bool">, x.tensor, y.tensor), Math.max(x.bound, y.bound), facts)];
    },
  },
];

const CASTS: readonly Operation[] = [
  {
    name: "cast of floats",
    make: (pool, { a, c }) => {
      const x = pick(pool, a, float);
      if (!x) return undefined;
      const to: DType = x.tensor.dtype === "f32" ? "f64" : "f32";
      if (!x.exact || c % 2 === 0) return [of(x, g.cast(x.tensor, to))];
      const jumping = (["i32", "u32", "bool"] as const)[c % 3];
      return [of(x, g.cast(jumping === "u32" ? g.abs(x.tensor as Float) : x.tensor, jumping))];
    },
  },
  {
    name: "cast of integers",
    make: (pool, { a, c }) => {
      const x = pick(pool, a, int);
      const to = (["f32", "f64", "bool", "i32", "u32"] as const)[c % 5];
      return x && [of(x, g.cast(g.bitAnd(x.tensor as Int, 31), to), 31)];
    },
  },
  {
    name: "cast of bool",
    make: (pool, { a, c }) => {
      const x = pick(pool, a, bool);
      return x && [of(x, g.cast(x.tensor, (["f32", "f64", "i32", "u32"] as const)[c % 4]), 1)];
    },
  },
];

const VIEWS: readonly Operation[] = [
  moving("transpose", ranked(2), (x, { c }) =>
    g.transpose(x, x.rank === 2 ? [1, 0] : c % 2 === 0 ? [2, 0, 1].slice(0, x.rank) : undefined),
  ),
  moving("flatten", any, x => g.reshape(x, [-1])),
  moving(
    "expandDims",
    k => k.tensor.rank < 3,
    (x, { c }) => g.expandDims(x, c % (x.rank + 1)),
  ),
  moving("tril", ranked(2), (x, { c }) => g.tril(x, (c % 3) - 1)),
  moving("triu", ranked(2), (x, { c }) => g.triu(x, (c % 3) - 1)),
  moving("diagonal", both(ranked(2), fixed), x => g.diagonal(x)),
  moving("roll", both(ranked(1), fixed), (x, { c }) => g.roll(x, (c % 5) - 2, axisIn(x, c))),
  moving("flip", ranked(1), (x, { c }) => g.flip(x, axisIn(x, c))),
  {
    name: "slice",
    make: (pool, { a, b, c }) => {
      const x = pick(pool, a, ranked(1));
      const axis = x && fixedAxis(x.tensor, c);
      if (!x || axis === undefined) return undefined;
      const n = x.tensor.shape[axis] as number;
      const start = b % n;
      const starts = x.tensor.shape.map((_, k) => (k === axis ? start : null));
      const steps = x.tensor.shape.map((_, k) => (k === axis ? 1 + (c % 3) : null));
      return [of(x, g.slice(x.tensor, starts, [], steps))];
    },
  },
  moving("pad", ranked(1), (x, { b, c }) => {
    const widths = x.shape.map((_, k) => (k === c % x.rank ? ([b % 3, (b >> 2) % 3] as const) : 0));
    return g.pad(x, widths, { value: x.dtype === "bool" ? 1 : 1, interior: x.shape.map(() => b % 2) });
  }),
  {
    name: "concat",
    make: (pool, { a, b, c }) => {
      const x = pick(pool, a, ranked(1));
      if (!x) return undefined;
      const { dtype, shape, rank } = x.tensor;
      const axis = c % rank;
      const joins: Test = ({ tensor }) =>
        tensor.dtype === dtype &&
        tensor.rank === rank &&
        tensor.shape.every((d, k) => k === axis || String(d) === String(shape[k]));
      const y = pick(pool, b, joins);
      if (!y) return undefined;
      const facts = { exact: x.exact && y.exact, smooth: x.smooth && y.smooth };
      return [of(x, g.concat([x.tensor, y.tensor, x.tensor], axis), Math.max(x.bound, y.bound), facts)];
    },
  },
  {
    name: "stack",
    make: (pool, { a, c }) => {
      const x = pick(pool, a, k => k.tensor.rank < 3);
      return x && [of(x, g.stack([x.tensor, x.tensor], c % (x.tensor.rank + 1)))];
    },
  },
];

const REDUCTIONS: readonly Operation[] = [
  reduction("sum", numeric, g.sum as never, k => k.bound * sizes(k)),
  reduction("mean", float, g.mean as never, k => k.bound),
  reduction("variance", float, g.variance as never, k => k.bound ** 2),
  reduction(
    "prod",
    float,
    (x, axes, o) => g.prod(g.tanh(x), axes, o),
    () => 1,
  ),
  reduction("int prod", int, g.prod as never, k => k.bound),
  reduction("max", numeric, g.max as never, k => k.bound, { moves: true }),
  reduction("min", numeric, g.min as never, k => k.bound, { moves: true }),
  reduction("logSumExp", float, g.logSumExp as never, k => k.bound + Math.log(sizes(k))),
  reduction("any", bool, g.any as never, () => 1, { moves: true }),
  reduction("all", bool, g.all as never, () => 1, { moves: true }),
  {
    name: "argmax",
    make: (pool, { a, c }) => {
      const x = pick(pool, a, both(numeric, exact, ranked(1)));
      if (!x) return undefined;
      const f = c % 2 === 0 ? g.argmax : g.argmin;
      return [of(x, f(x.tensor as Float, axisIn(x.tensor, c >> 1)))];
    },
  },
  {
    name: "softmax",
    make: (pool, { a, b, c }) => {
      const x = pick(pool, a, both(float, ranked(1)));
      if (!x) return undefined;
      const axis = axisIn(x.tensor, c);
      return b % 2 === 0
        ? [of(x, g.softmax(x.tensor as Float, axis), 1, rough)]
        : [of(x, g.logSoftmax(x.tensor as Float, axis), 2 * x.bound + Math.log(sizes(x)), rough)];
    },
  },
  {
    name: "softmaxCrossEntropy",
    make: (pool, { a, b }) => {
      const x = pick(pool, a, k => float(k) && k.tensor.rank === 2 && typeof k.tensor.shape[1] === "number");
      if (!x) return undefined;
      const classes = x.tensor.shape[1] as number;
      const other = pick(pool, b, k => i32(k) && k.tensor.rank === 0);
      const count = g.iota([x.tensor.shape[0]], 0, "i32");
      const labels = g.mod(other ? g.add(count, g.bitAnd(other.tensor as Int, 7)) : count, classes) as Int;
      return [of(x, g.softmaxCrossEntropy(x.tensor as Float, labels), 2 * x.bound + Math.log(sizes(x)), rough)];
    },
  },
  {
    name: "cumsum",
    make: (pool, { a, b, c }) => {
      const x = pick(pool, a, both(numeric, ranked(1)));
      if (!x) return undefined;
      const y = g.cumsum(x.tensor as Float, axisIn(x.tensor, c), { reverse: b % 2 === 0, exclusive: b % 3 === 0 });
      return [of(x, y, x.bound * sizes(x), { exact: !float(x) && x.exact })];
    },
  },
];

const CONTRACTIONS: readonly Operation[] = [
  {
    name: "matmul",
    make: (pool, { a, b, c }) => {
      const x = pick(pool, a, both(numeric, ranked(1)));
      if (!x) return undefined;
      const last = x.tensor.shape[x.tensor.rank - 1];
      const sameLast: Test = ({ tensor }) =>
        tensor.rank >= 1 &&
        tensor.rank <= 2 &&
        tensor.dtype === x.tensor.dtype &&
        String(tensor.shape.at(-1)) === String(last);
      const y = pick(pool, b, sameLast);
      if (!y) return undefined;
      const left = "ijk".slice(0, x.tensor.rank - 1);
      const right = "lm".slice(0, y.tensor.rank - 1);
      const out = c % 3 === 0 ? `${right}${left}` : `${left}${right}`;
      const z = g.einsum(`${left}z,${right}z->${out}`, x.tensor as Float, y.tensor as Float);
      const bound = x.bound * y.bound * maxSizeOf([last]);
      return z.rank > 3
        ? undefined
        : [of(x, z, bound, { exact: !float(x) && x.exact && y.exact, smooth: x.smooth && y.smooth })];
    },
  },
  {
    name: "batched product",
    make: (pool, { a, c }) => {
      const x = pick(pool, a, k => float(k) && k.tensor.rank === 3);
      if (!x) return undefined;
      const equation = c % 2 === 0 ? "bij,bkj->bik" : "bij,bik->bjk";
      const y = g.mul(x.tensor as Float, 0.5);
      return [of(x, g.einsum(equation, x.tensor as Float, y as Float), x.bound ** 2 * sizes(x), rough)];
    },
  },
];

const INDEXED: readonly Operation[] = [
  {
    name: "gather",
    make: (pool, { a, b, c }) => {
      const x = pick(pool, a, ranked(1));
      if (!x) return undefined;
      return [of(x, g.gather(x.tensor, positions(2 + (c % 4), pick(pool, b, i32)), axisIn(x.tensor, c)))];
    },
  },
  {
    name: "gather by values",
    make: (pool, { a, b }) => {
      const x = pick(pool, a, k => k.tensor.rank === 1);
      const at = pick(pool, b, i32);
      return x && at && [of(x, g.gather(x.tensor, g.bitAnd(at.tensor as Int, 7) as Int))];
    },
  },
  {
    name: "scatterAdd",
    make: (pool, { a, b, c }) => {
      const x = pick(pool, a, k => numeric(k) && k.tensor.rank > 0 && typeof k.tensor.shape[0] === "number");
      if (!x) return undefined;
      const n = x.tensor.shape[0] as number;
      const y = g.scatterAdd(positions(n, pick(pool, b, i32)), x.tensor as Float, { size: 1 + (c % 5) });
      return [of(x, y, x.bound * n, { exact: !float(x) && x.exact })];
    },
  },
  {
    name: "gatherAlong",
    make: (pool, { a, c }) => {
      const x = pick(pool, a, both(numeric, exact, ranked(1)));
      if (!x) return undefined;
      const axis = axisIn(x.tensor, c);
      const at = g.expandDims(g.argmax(x.tensor as Float, axis), axis);
      return [of(x, g.gatherAlong(x.tensor, at, axis))];
    },
  },
  {
    name: "oneHot",
    make: (pool, { a, c }) => {
      const x = pick(pool, a, k => i32(k) && k.tensor.rank < 3);
      return x && [of(x, g.oneHot(g.bitAnd(x.tensor as Int, 7) as Int, 1 + (c % 5)), 1)];
    },
  },
  {
    name: "sort",
    make: (pool, { a, b, c }) => {
      const x = pick(pool, a, both(numeric, exact, ranked(1)));
      if (!x) return undefined;
      const [tensor, axis] = [x.tensor as Float, axisIn(x.tensor, c)];
      const options = { descending: b % 2 === 0 };
      return [of(x, g.sort(tensor, axis, options)), of(x, g.argsort(tensor, axis, options))];
    },
  },
  {
    name: "cummax",
    make: (pool, { a, b, c }) => {
      const x = pick(pool, a, both(numeric, exact, ranked(1)));
      return x && [of(x, g.cummax(x.tensor as Float, axisIn(x.tensor, c), { reverse: b % 2 === 0 }))];
    },
  },
  {
    name: "scatterSet",
    make: (pool, { a, b, c }) => {
      const x = pick(pool, a, k => numeric(k) && k.tensor.rank > 0 && typeof k.tensor.shape[0] === "number");
      if (!x) return undefined;
      const n = x.tensor.shape[0] as number;
      const rest = x.tensor.shape.slice(1);
      const base = g.zeros([1 + (c % 5), ...rest], x.tensor.dtype as "f32");
      return [of(x, g.scatterSet(base, positions(n, pick(pool, b, i32)), x.tensor as Float))];
    },
  },
  {
    name: "topK",
    make: (pool, { a, b, c }) => {
      const x = pick(pool, a, both(numeric, exact, ranked(1)));
      const axis = x && fixedAxis(x.tensor, c);
      if (!x || axis === undefined) return undefined;
      const { values, indices } = g.topK(x.tensor as Float, 1 + (b % (x.tensor.shape[axis] as number)), axis);
      return [of(x, values), of(x, indices)];
    },
  },
];

/** x·xᵀ + 1: as well conditioned as x is small. */
function definite(x: Float): Float {
  const axes = [...x.shape.keys()];
  const square = g.matmul(x, g.transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]));
  return g.add(square, g.matrixPower(square, 0)) as Float;
}

const MATRICES: readonly Operation[] = [
  {
    name: "cholesky",
    make: (pool, { a }) => {
      const x = pick(pool, a, both(float, fixed, ranked(2), tame));
      return x && [of(x, g.cholesky(definite(x.tensor as Float)), 1 + x.bound * sizes(x), rough)];
    },
  },
  {
    name: "solve",
    make: (pool, { a }) => {
      const x = pick(pool, a, both(float, fixed, ranked(2), tame));
      return x && [of(x, g.solve(definite(x.tensor as Float), x.tensor as Float), x.bound * sizes(x), rough)];
    },
  },
];

const LOOPS: readonly Operation[] = [
  {
    name: "scan",
    make: (pool, { a, b, c }) => {
      const x = pick(pool, a, both(float, ranked(1)));
      if (!x) return undefined;
      const { dtype } = x.tensor;
      const factor = pick(pool, b, k => k.tensor.dtype === dtype && k.tensor.rank === 0);
      const xs = x.tensor as Float;
      const init = g.zeros(xs.shape.slice(1), dtype as "f32");
      const { carry, out } = g.scan(
        (h: Float, slice: Float) => {
          const next = g.tanh(g.add(g.mul(h, factor ? (factor.tensor as Float) : 0.5), slice)) as Float;
          return { carry: next, out: g.mul(next, slice) as Float };
        },
        init,
        xs,
        { reverse: c % 2 === 0 },
      );
      const facts = { exact: false, smooth: x.smooth && (factor?.smooth ?? true) };
      return [of(x, carry as g.Tensor, 1, facts), of(x, out as g.Tensor, x.bound, facts)];
    },
  },
  {
    name: "map",
    make: (pool, { a, b }) => {
      const x = pick(pool, a, both(float, ranked(1)));
      const factor = x && pick(pool, b, k => k.tensor.dtype === x.tensor.dtype && k.tensor.rank === 0);
      if (!x || !factor) return undefined;
      const each = (row: Float) => g.sin(g.mul(row, factor.tensor as Float)) as Float;
      const facts = { exact: false, smooth: x.smooth && factor.smooth };
      return [of(x, g.map(each, x.tensor as never) as g.Tensor, 1, facts)];
    },
  },
  {
    name: "cond",
    make: (pool, { a, b }) => {
      const x = pick(pool, a, float);
      const flags = pick(pool, b, both(bool, exact));
      if (!x || !flags) return undefined;
      const at = x.tensor as Float;
      const y = g.cond(
        g.any(flags.tensor as g.Tensor<"bool">) as g.Scalar<"bool">,
        () => [g.tanh(at), at] as const,
        () => [g.neg(at), g.sin(at)] as const,
      );
      return y.map(value => of(x, value as g.Tensor, Math.max(1, x.bound), { exact: false, smooth: x.smooth }));
    },
  },
  {
    name: "while",
    make: (pool, { a, b, c }) => {
      const x = pick(pool, a, float);
      const given = pick(
        pool,
        b,
        both(i32, exact, k => k.tensor.rank === 0),
      );
      if (!x) return undefined;
      const at = x.tensor as Float;
      const limit = given ? (g.bitAnd(given.tensor as Int, 3) as Int) : g.constant(c % 4, [], "i32");
      const { h } = g.whileLoop(
        ({ n }) => g.lt(n, limit),
        carry => ({ h: g.tanh(g.add(carry.h as Float, at)) as g.Tensor, n: g.add(carry.n, 1) }),
        { h: at as g.Tensor, n: g.constant(0, [], "i32") },
        { max: 1 + (c % 5) },
      );
      return [of(x, h as g.Tensor, Math.max(1, x.bound), { exact: false, smooth: x.smooth })];
    },
  },
  {
    name: "scan of integers",
    make: (pool, { a, c }) => {
      const x = pick(pool, a, both(i32, exact, ranked(1)));
      if (!x) return undefined;
      const xs = x.tensor as Int;
      const { carry, out } = g.scan(
        (h: { total: Int; last: Int }, slice: Int) => ({
          carry: { total: g.add(g.mul(h.total, 3), slice) as Int, last: h.total },
          out: g.bitXor(h.total, h.last) as Int,
        }),
        { total: g.ones(xs.shape.slice(1), "i32"), last: g.zeros(xs.shape.slice(1), "i32") },
        xs,
        { reverse: c % 2 === 0 },
      );
      const { last } = carry as unknown as { last: g.Tensor };
      return [of(x, last), of(x, out as unknown as g.Tensor)];
    },
  },
];

const SOURCES: readonly Operation[] = [
  {
    name: "uniform",
    make: (pool, { a, b }) => {
      const x = pick(pool, a, both(float, fixed));
      return x && [of(x, g.uniform(g.key(b), x.tensor.shape), 1, { exact: false, smooth: true })];
    },
  },
  {
    name: "constant",
    make: (_, { a }) => {
      const values = Array.from({ length: 1 + (a % 5) }, (_unused, i) => ((i * 37 + a) % 11) / 4 - 1);
      return [{ tensor: g.constant(values), bound: 2, exact: true, smooth: true }];
    },
  },
  {
    name: "iota",
    make: (pool, { a, c }) => {
      const x = pick(pool, a, both(ranked(1), fixed));
      return x && [{ tensor: g.iota(x.tensor.shape, axisIn(x.tensor, c)), bound: 1, exact: true, smooth: true }];
    },
  },
];

/** All families; elementwise once more, as networks have them most. */
export const OPERATIONS: readonly Operation[] = [
  ...[ELEMENTWISE, CASTS, VIEWS, REDUCTIONS, CONTRACTIONS, INDEXED, MATRICES, LOOPS, SOURCES].flat(),
  ...[REDUCTIONS, CONTRACTIONS, VIEWS, INDEXED].flat(),
];
