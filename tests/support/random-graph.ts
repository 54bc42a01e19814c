import { inputOp } from "../../src/graph/leaves.ts";
import { createNode } from "../../src/graph/node.ts";
import type { NdArray } from "../../src/graph/op.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { relu } from "../../src/ops/activation.ts";
import { add, div, mul, neg, sub } from "../../src/ops/arithmetic.ts";
import { bitAnd, bitXor } from "../../src/ops/bits.ts";
import { cast } from "../../src/ops/cast.ts";
import { broadcastTo } from "../../src/ops/coerce.ts";
import { gt, le, lt, ne } from "../../src/ops/compare.ts";
import { cond } from "../../src/ops/cond.ts";
import { matmul } from "../../src/ops/contraction.ts";
import { gather } from "../../src/ops/gather.ts";
import { and, not, or } from "../../src/ops/logic.ts";
import { maximum, minimum } from "../../src/ops/maximum.ts";
import { cumsum } from "../../src/ops/prefix.ts";
import { logSumExp, max, mean, min, sum } from "../../src/ops/reduce.ts";
import { abs, floor } from "../../src/ops/rounding.ts";
import { scan } from "../../src/ops/scan.ts";
import { where } from "../../src/ops/select.ts";
import { logSoftmax, softmax } from "../../src/ops/softmax.ts";
import { constant, fill, iota } from "../../src/ops/source.ts";
import { any } from "../../src/ops/statistics.ts";
import { topK } from "../../src/ops/topk.ts";
import { exp, sigmoid, sin, softplus, tanh } from "../../src/ops/transcendental.ts";
import { concat, expand, flip, pad, reshape, slice, transpose } from "../../src/ops/view.ts";
import { whileLoop } from "../../src/ops/while-loop.ts";
import { type Dim, type DimEnvironment, dim, dimEquals } from "../../src/shared/dim.ts";
import { type DType, isFloat, isInt } from "../../src/shared/dtype.ts";
import { broadcastShapes, maxSizeOf, shapeEquals, sizeOf } from "../../src/shared/shape.ts";
import { type Range, randomNumbers, randomValue } from "./random-values.ts";
import "../../src/ops/index.ts";

export interface RandomGraph {
  readonly inputs: readonly Tensor[];
  readonly roots: readonly Tensor[];
  readonly env: DimEnvironment;
  readonly feeds: ReadonlyMap<Tensor, NdArray>;
}

export interface RandomGraphOptions {
  /** Operations besides the inputs. Default 12. */
  readonly size?: number;
  /** No steps, floors or choices by computed floats: small errors stay small. Default false. */
  readonly continuous?: boolean;
  /** Values of the inputs. Default moderate. */
  readonly range?: Range;
  /** dtypes of floats. Default f32 and f64. */
  readonly floats?: readonly ("f32" | "f64")[];
}

type Any = Tensor<"f32">;
const MAX_ELEMENTS = 96;
const B = dim("B", { max: 4 });

/** Numbers, bools and indices through views, reductions, products and loops: one graph per seed, always the same. */
export function randomGraph(seed: number, options: RandomGraphOptions = {}): RandomGraph {
  const random = randomNumbers(seed);
  return new Maker(random, options).make(options.size ?? 12, options.range ?? "moderate");
}

class Maker {
  private readonly random: () => number;
  readonly continuous: boolean;
  private readonly floats: readonly DType[];
  private readonly values: Tensor[] = [];

  constructor(random: () => number, options: RandomGraphOptions) {
    this.random = random;
    this.continuous = options.continuous ?? false;
    this.floats = options.floats ?? ["f32", "f64"];
  }

  make(size: number, range: Range): RandomGraph {
    const inputs = Array.from({ length: 3 + this.below(3) }, (_, i) => this.input(i));
    this.values.push(...inputs);
    for (let tries = 0, made = 0; made < size && tries < 20 * size; tries++) {
      const value = this.pick(STEPS)(this);
      if (!value || maxSizeOf(value.shape) > MAX_ELEMENTS || maxSizeOf(value.shape) === 0) continue;
      this.values.push(value);
      made++;
    }
    const env = { B: 1 + this.below(4) };
    const feeds = new Map(inputs.map(x => [x, randomValue(this.random, x, range, env)]));
    // The last value, and another one that may share parts with it.
    const roots = [this.values[this.values.length - 1], this.pick(this.values.slice(-size))];
    return { inputs, roots, env, feeds };
  }

  private input(index: number): Tensor {
    const rank = this.below(4);
    const shape: Dim[] = Array.from({ length: rank }, () => this.pick<Dim>([1, 2, 3, B]));
    const dtype =
      index === 0 ? this.floats[0] : this.pick<DType>([...this.floats, ...this.floats, "i32", "u32", "bool"]);
    return createNode(inputOp, [], { name: `x${index}`, dtype, shape }).outputs[0];
  }

  below(n: number): number {
    return Math.floor(this.random() * n);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** A value so far that passes a test; later ones are likelier, so that graphs grow deep. */
  value(test: (x: Tensor) => boolean): Any | undefined {
    const fit = this.values.filter(test);
    if (fit.length === 0) return undefined;
    const at = Math.max(this.below(fit.length), this.below(fit.length));
    return fit[at] as Any;
  }

  float(test: (x: Tensor) => boolean = () => true): Any | undefined {
    return this.value(x => isFloat(x.dtype) && test(x));
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }
}

type Step = (m: Maker) => Tensor | undefined;

/** Applies f where there is a value for it. */
const given = <T, R>(x: T | undefined, f: (x: T) => R): R | undefined => (x === undefined ? undefined : f(x));

const axisOf = (m: Maker, x: Tensor): number => m.below(x.rank);
const hasAxes = (x: Tensor): boolean => x.rank > 0;

const unary: Step = m =>
  given(m.float(), x => m.pick([neg, tanh, sigmoid, sin, abs, relu, softplus, (v: Any) => exp(minimum(v, 2))])(x));

const binary: Step = m =>
  given(
    m.value(x => x.dtype !== "bool"),
    x => {
      const y = m.value(v => v.dtype === x.dtype && broadcastShapes(v.shape, x.shape) !== undefined) ?? x;
      const number = m.pick([0, 1, 2, 3]);
      const other = m.chance(0.7) ? y : number;
      const op = m.pick([add, sub, mul, add, mul, maximum, minimum]);
      return m.chance(0.5) ? op(x, other) : op(other, x);
    },
  );

const quotient: Step = m => given(m.float(), x => m.pick([() => div(x, 4), () => div(x, add(abs(x), 1))])());

const integers: Step = m =>
  given(
    m.value(x => isInt(x.dtype)),
    x => m.pick([bitAnd, bitXor])(x as Tensor as Tensor<"i32">, m.below(8)),
  );

const condition: Step = m => {
  const x = m.value(v => (m.continuous ? isInt(v.dtype) : v.dtype !== "bool"));
  return given(x, v => m.pick([gt, le, ne])(v, 1));
};

const logic: Step = m =>
  given(m.value(x => x.dtype === "bool") as Tensor | undefined, x => {
    const c = x as Tensor<"bool">;
    const other = m.value(v => v.dtype === "bool" && shapeEquals(v.shape, x.shape)) as Tensor as Tensor<"bool">;
    return m.pick([() => not(c), () => and(c, other), () => or(c, not(other))])();
  });

const choice: Step = m =>
  given(m.value(x => x.dtype === "bool") as Tensor | undefined, c =>
    given(
      m.value(v => broadcastShapes(v.shape, c.shape) !== undefined),
      x => where(c as Tensor<"bool">, x, m.value(v => v.dtype === x.dtype && shapeEquals(v.shape, x.shape)) ?? x),
    ),
  );

const conversion: Step = m =>
  given(
    m.value(x => !isFloat(x.dtype)),
    x => cast(x, "f32"),
  );

const step: Step = m => (m.continuous ? undefined : given(m.float(), floor));

const shapes: Step = m =>
  given(m.value(hasAxes), x =>
    m.pick<() => Tensor>([
      () => reshape(x, [sizeOf(x.shape)]),
      () => reshape(x, [1, ...x.shape]),
      () => reshape(x, [...x.shape, 1]),
      () => transpose(x),
      () => transpose(transpose(x), [...x.shape.keys()].reverse()),
      () => flip(x, axisOf(m, x)),
      () => broadcastTo(x, [2, ...x.shape]),
      () => expand(x, [...x.shape, 3], [...x.shape.keys()]),
      () =>
        pad(
          x,
          x.shape.map((_, k) => (k === 0 ? ([1, m.below(2)] as const) : 0)),
          { value: m.below(2) },
        ),
      () => slice(x, [m.below(2) === 0 ? 0 : null], [1]),
      () => concat([x, m.pick([x, flip(x, 0)])], axisOf(m, x)),
    ])(),
  );

const reduction: Step = m =>
  given(m.float(hasAxes), x => {
    const reduce = m.pick([sum, mean, max, min, logSumExp]);
    return m.below(3) === 0 ? reduce(x) : reduce(x, axisOf(m, x), { keepDims: m.below(2) === 0 });
  });

const integerSum: Step = m =>
  given(
    m.value(x => isInt(x.dtype) && hasAxes(x)),
    x => sum(x, axisOf(m, x)),
  );

const product: Step = m =>
  given(
    m.float(x => x.rank >= 2),
    x => {
      const y = m.float(v => v.dtype === x.dtype && v.rank === 2 && dimEquals(v.shape[0], x.shape[x.rank - 1]));
      return y ? matmul(x, y) : matmul(x, transpose(x, [...swapLast(x.rank)]));
    },
  );

const swapLast = (rank: number): number[] => [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2];

const normalise: Step = m => given(m.float(hasAxes), x => m.pick([softmax, logSoftmax])(x, axisOf(m, x)));

const indexing: Step = m =>
  given(m.value(hasAxes), x => {
    const axis = axisOf(m, x);
    const n = x.shape[axis];
    if (typeof n !== "number") return gather(x, iota([n]), axis);
    return gather(x, constant([0, m.below(n), m.below(n)], [3], "i32"), axis);
  });

const loop: Step = m =>
  given(m.float(hasAxes), xs => {
    const row = xs.shape.slice(1);
    const closed = m.float(v => v.dtype === xs.dtype && (v.rank === 0 || shapeEquals(v.shape, row)));
    const { carry, out } = scan(
      (c, x) => {
        const next = tanh(add(mul(c as Any, 0.5), closed ? mul(x as Any, closed) : (x as Any)));
        return { carry: next, out: sub(next, mul(next, 1)) };
      },
      fill(0.25, row, xs.dtype),
      xs,
      { reverse: m.below(2) === 0 },
    );
    return m.below(2) === 0 ? (carry as Tensor) : (out as Tensor);
  });

const branch: Step = m =>
  given(
    m.value(v => v.dtype === "bool"),
    flags =>
      given(m.float(), x =>
        cond(
          any(flags as never) as never,
          () => tanh(mul(x, 0.5)) as Tensor,
          () => sin(add(x, 1)) as Tensor,
        ),
      ),
  );

const until: Step = m =>
  given(m.float(), x => {
    const limit = m.below(5);
    const { h } = whileLoop(
      ({ n }) => lt(n, limit),
      carry => ({ h: tanh(add(mul(carry.h as Any, 0.5), x)) as Tensor, n: add(carry.n, 1) }),
      { h: x as Tensor, n: constant(0, [], "i32") },
      m.below(3) === 0 ? { max: 3, checkpoint: true } : { max: 4 },
    );
    return h;
  });

const prefix: Step = m => given(m.float(hasAxes), x => cumsum(x, axisOf(m, x)));

const largest: Step = m =>
  given(
    m.continuous ? undefined : m.float(x => x.rank > 0 && typeof x.shape[x.rank - 1] === "number"),
    x => topK(x, 1).values,
  );

const STEPS: readonly Step[] = [
  ...[unary, unary, binary, binary, binary, quotient, integers, condition, logic, choice, conversion, step],
  ...[
    shapes,
    shapes,
    shapes,
    reduction,
    reduction,
    integerSum,
    product,
    normalise,
    indexing,
    loop,
    branch,
    until,
    prefix,
    largest,
  ],
];
