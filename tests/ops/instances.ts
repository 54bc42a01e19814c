import type { Attrs } from "../../src/graph/attrs.ts";
import { regionParameter } from "../../src/graph/leaves.ts";
import type { Region } from "../../src/graph/node.ts";
import type { NdArray } from "../../src/graph/op.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { add, mul } from "../../src/ops/arithmetic.ts";
import { lt } from "../../src/ops/compare.ts";
import { cond } from "../../src/ops/cond.ts";
import { sum } from "../../src/ops/reduce.ts";
import { scan } from "../../src/ops/scan.ts";
import { tanh } from "../../src/ops/transcendental.ts";
import { allocate, type DType } from "../../src/shared/dtype.ts";

/** One valid application of an op: operands (floats are f64), attributes and bodies. */
export interface Instance {
  readonly operands: readonly NdArray[];
  readonly attrs: Attrs;
  readonly regions?: readonly Region[];
}

/** Reproducible random numbers on [0, 1). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let z = Math.imul(this.#state ^ (this.#state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
  }

  /** A whole number from low to high, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)];
  }

  shuffle<T>(list: readonly T[]): T[] {
    const copy = [...list];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.whole(0, i);
      [copy[i], copy[j]] = [copy[j], copy[i]];
    }
    return copy;
  }

  sizes(rank: number): number[] {
    return Array.from({ length: rank }, () => this.whole(1, 3));
  }

  shape(least = 0): number[] {
    return this.sizes(this.whole(least, 3));
  }
}

/** Matrices [batch…, m, n]: noise, and twos on the diagonal, which grow along it so that no two are alike. */
function matrices(r: Random, m: number, n: number, batch: readonly number[]): NdArray {
  const count = batch.reduce((p, d) => p * d, 1);
  const values = Array.from({ length: count * m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n) % m, at % n];
    return (i === j ? 2 + i : 0) + r.next() - 0.5;
  });
  return array("f64", [...batch, m, n], values);
}

const batches = (r: Random): number[] => r.sizes(r.whole(0, 1));

const square = (r: Random): Instance => {
  const n = r.whole(1, 4);
  return { operands: [matrices(r, n, n, batches(r))], attrs: {} };
};

const tall = (r: Random): Instance => {
  const n = r.whole(1, 3);
  return { operands: [matrices(r, n + r.whole(0, 2), n, batches(r))], attrs: {} };
};

const system =
  (m: (n: number) => number, attrs: (r: Random) => Attrs) =>
  (r: Random): Instance => {
    const [n, batch] = [r.whole(1, 3), batches(r)];
    return { operands: [matrices(r, m(n), n, batch), matrices(r, m(n), r.whole(1, 3), batch)], attrs: attrs(r) };
  };

const coin = (r: Random): boolean => r.whole(0, 1) === 1;

/** Shapes x, w, y and attributes of a convolution with one or two spatial axes. */
function windows(r: Random) {
  const window = Array.from({ length: r.whole(1, 2) }, () => r.whole(1, 3));
  const strides = window.map(() => r.whole(1, 2));
  const dilation = window.map(() => r.whole(1, 2));
  const low = window.map(() => r.whole(-1, 2));
  const high = window.map(() => r.whole(-1, 2));
  // Large enough for one position of the cropped window.
  const sizes = window.map((k, axis) => dilation[axis] * (k - 1) + 1 + r.whole(2, 4));
  const out = window.map((k, axis) =>
    Math.floor((sizes[axis] + low[axis] + high[axis] - dilation[axis] * (k - 1) - 1) / strides[axis] + 1),
  );
  const [n, g, c, f] = r.sizes(4).map(size => Math.min(size, 2));
  return {
    window,
    x: [n, ...sizes, g, c],
    w: [g, ...window, c, f],
    y: [n, ...out, g, f],
    attrs: { strides, low, high, dilation },
  };
}

const product = (shape: readonly number[]): number => shape.reduce((p, n) => p * n, 1);

export function array(dtype: DType, shape: readonly number[], values: ArrayLike<number>): NdArray {
  const data = allocate(dtype, product(shape));
  data.set(values);
  return { dtype, shape, data };
}

/** Distinct floats at least 0.01·(high − low)/n apart, away from the ends and, where the range holds it, from 0. */
function floats(r: Random, shape: readonly number[], low = -2, high = 2): NdArray {
  const n = product(shape);
  const places = r.shuffle(Array.from({ length: n }, (_, i) => i));
  const values = places.map(i => low + ((high - low) * (i + 0.3 + 0.4 * r.next())) / n);
  return array(
    "f64",
    shape,
    values.map(v => (Math.abs(v) < 0.02 ? v + 0.05 : v)),
  );
}

const wholes = (r: Random, dtype: DType, shape: readonly number[], low: number, high: number): NdArray =>
  array(
    dtype,
    shape,
    Array.from({ length: product(shape) }, () => r.whole(low, high)),
  );

const bools = (r: Random, shape: readonly number[]): NdArray => wholes(r, "bool", shape, 0, 1);

type Make = (r: Random) => Instance;

/** Floats of one shape, one range per operand. */
const elementwise =
  (...ranges: readonly (readonly [number, number])[]): Make =>
  r => {
    const shape = r.shape();
    return { operands: ranges.map(([low, high]) => floats(r, shape, low, high)), attrs: {} };
  };

const comparison: Make = r => {
  const shape = r.shape();
  const x = floats(r, shape);
  const y = array(
    "f64",
    shape,
    Array.from(x.data, v => (r.next() < 0.4 ? v : 3 * r.next() - 1.5)),
  );
  return { operands: [x, y], attrs: {} };
};

const logical =
  (count: number): Make =>
  r => {
    const shape = r.shape();
    return { operands: Array.from({ length: count }, () => bools(r, shape)), attrs: {} };
  };

const integers =
  (count: number, low = -(2 ** 31), high = 2 ** 31 - 1): Make =>
  r => {
    const shape = r.shape();
    const dtype = r.pick(["i32", "u32"] as const);
    return { operands: Array.from({ length: count }, () => wholes(r, dtype, shape, low, high)), attrs: {} };
  };

const someAxes = (r: Random, rank: number): number[] =>
  Array.from({ length: rank }, (_, axis) => axis).filter(() => r.next() < 0.5);

const reduction: Make = r => {
  const shape = r.shape();
  return { operands: [floats(r, shape)], attrs: { axes: someAxes(r, shape.length) } };
};

/** Some ties and NaNs. */
function tied(r: Random, x: NdArray): NdArray {
  for (let i = 0; i < x.data.length; i++) {
    const kind = r.next();
    if (kind < 0.3) x.data[i] = 1;
    else if (kind < 0.35) x.data[i] = Number.NaN;
  }
  return x;
}

const argReduction: Make = r => {
  const shape = r.shape(1);
  const x = tied(r, floats(r, shape));
  return { operands: [x], attrs: { axis: r.whole(0, shape.length - 1) } };
};

const alongAxis: Make = r => {
  const shape = r.shape(1);
  return { operands: [floats(r, shape)], attrs: { axis: r.whole(0, shape.length - 1) } };
};

/** Along an axis, in a direction. */
const directed: Make = r => {
  const { operands, attrs } = alongAxis(r);
  return { operands, attrs: { ...attrs, reverse: r.next() < 0.5 } };
};

const folded: Make = r => {
  const { operands, attrs } = directed(r);
  return { operands, attrs: { ...attrs, exclusive: r.next() < 0.5 } };
};

/** Indices along an axis and updates. */
const scatteredAlong: Make = r => {
  const shape = r.shape(1);
  const axis = r.whole(0, shape.length - 1);
  const size = r.whole(1, 4);
  return { operands: [wholes(r, "i32", shape, 0, size - 1), floats(r, shape)], attrs: { axis, size } };
};

const scatteredTies: Make = r => {
  const { operands, attrs } = scatteredAlong(r);
  return { operands: [operands[0], tied(r, operands[1])], attrs };
};

/** A loop whose body squashes random sums of all that it is given, through a loop of its own at times, and counts. */
const loop: Make = r => {
  const shape = r.shape();
  const [carries, sequences, captures] = [r.whole(1, 2), r.whole(0, 2), r.whole(0, 2)];
  const length = r.whole(1, 4);
  const parameter = (what: string) => (_: unknown, k: number) =>
    regionParameter({ dtype: "f64", shape }, `${what}${k}`) as Tensor<"f64">;
  const counter = regionParameter({ dtype: "i32", shape: [] }, "count") as Tensor<"i32">;
  const carry = Array.from({ length: carries }, parameter("carry"));
  const slices = Array.from({ length: sequences }, parameter("slice"));
  const given = Array.from({ length: captures }, parameter("capture"));
  const all = [...carry, ...slices, ...given];
  const mixed = () => all.map(x => mul(x, r.whole(-4, 4) / 4)).reduce((total, term) => add(total, term));
  const inner = (x: Tensor<"f64">) => scan(c => ({ carry: tanh(add(c, x)) }), carry[0], null, { length: 2 }).carry;
  const next = carry.map(() => (r.next() < 0.3 ? inner(mixed()) : tanh(mixed())));
  const outs = Array.from({ length: r.whole(0, 2) }, () => mul(r.pick(all), r.pick(next)));
  return {
    operands: [
      ...carry.map(() => floats(r, shape)),
      wholes(r, "i32", [], 0, 9),
      ...slices.map(() => floats(r, [length, ...shape])),
      ...given.map(() => floats(r, shape)),
    ],
    attrs: { carries: carries + 1, sequences, captures, length, reverse: r.next() < 0.5, checkpoint: r.next() < 0.5 },
    regions: [{ parameters: [...carry, counter, ...slices, ...given], results: [...next, add(counter, 1), ...outs] }],
  };
};

/** A loop that goes on while it has counted fewer than a captured number of steps; its bound may be less. */
const conditional: Make = r => {
  const shape = r.shape();
  const [carries, captures] = [r.whole(1, 2), r.whole(0, 2)];
  const whole = (name: string) => regionParameter({ dtype: "i32", shape: [] }, name) as Tensor<"i32">;
  const parameters = () => {
    const float = (name: string) => regionParameter({ dtype: "f64", shape }, name) as Tensor<"f64">;
    const carry = Array.from({ length: carries }, (_, k) => float(`carry${k}`));
    const given = Array.from({ length: captures }, (_, k) => float(`capture${k}`));
    return { carry, steps: whole("steps"), limit: whole("limit"), given };
  };
  const listed = ({ carry, steps, limit, given }: ReturnType<typeof parameters>) => [...carry, steps, limit, ...given];
  const body = parameters();
  const all = [...body.carry, ...body.given];
  const next = body.carry.map(() => tanh(all.map(x => mul(x, r.whole(-4, 4) / 4)).reduce((t, term) => add(t, term))));
  const outs = Array.from({ length: r.whole(0, 1) }, () => mul(r.pick(all), r.pick(next)));
  const end = parameters();
  return {
    operands: [
      ...body.carry.map(() => floats(r, shape)),
      wholes(r, "i32", [], 0, 0),
      wholes(r, "i32", [], 0, 4),
      ...body.given.map(() => floats(r, shape)),
    ],
    attrs: {
      carries: carries + 1,
      sequences: 0,
      captures: captures + 1,
      length: r.whole(1, 5),
      reverse: false,
      checkpoint: r.next() < 0.5,
      counted: true,
    },
    regions: [
      { parameters: listed(body), results: [...next, add(body.steps, 1), ...outs] },
      { parameters: listed(end), results: [lt(end.steps, end.limit)] },
    ],
  };
};

/** A choice between two random mixtures, through a choice of its own at times. */
const choice: Make = r => {
  const shape = r.shape();
  const captures = r.whole(1, 3);
  const results = r.whole(1, 2);
  const body = (): Region => {
    const parameters = Array.from(
      { length: captures },
      (_, k) => regionParameter({ dtype: "f64", shape }, `capture${k}`) as Tensor<"f64">,
    );
    const mixed = () => parameters.map(x => mul(x, r.whole(-4, 4) / 4)).reduce((total, term) => add(total, term));
    const inner = (x: Tensor<"f64">) =>
      cond(
        lt(sum(mul(x, x)), 1e-3),
        () => tanh(x),
        () => mul(x, r.pick(parameters)),
      );
    const result = () => {
      const kind = r.next();
      return kind < 0.2 ? r.pick(parameters) : kind < 0.5 ? inner(mixed()) : tanh(mixed());
    };
    return { parameters, results: Array.from({ length: results }, result) };
  };
  return {
    operands: [wholes(r, "bool", [], 0, 1), ...Array.from({ length: captures }, () => floats(r, shape))],
    attrs: {},
    regions: [body(), body()],
  };
};

/** Random instances per op of the catalogue. */
export const INSTANCES: Readonly<Record<string, Make>> = {
  add: elementwise([-2, 2], [-2, 2]),
  sub: elementwise([-2, 2], [-2, 2]),
  mul: elementwise([-2, 2], [-2, 2]),
  div: elementwise([-2, 2], [0.5, 3]),
  rem: r => {
    // trunc(x / y) stays put near these points.
    const shape = r.shape();
    const y = floats(r, shape, 1, 2);
    const x = Array.from(y.data, v => v * (r.whole(-3, 2) + 0.2 + 0.6 * r.next()));
    return { operands: [array("f64", shape, x), y], attrs: {} };
  },
  neg: elementwise([-2, 2]),
  abs: elementwise([-2, 2]),
  sign: elementwise([-2, 2]),
  maximum: elementwise([-2, 2], [-2.1, 2.2]),
  minimum: elementwise([-2, 2], [-2.1, 2.2]),
  floor: elementwise([-2.9, 2.9]),
  ceil: elementwise([-2.9, 2.9]),
  round: elementwise([-2.9, 2.9]),
  trunc: elementwise([-2.9, 2.9]),
  sqrt: elementwise([0.3, 4]),
  rsqrt: elementwise([0.3, 4]),
  pow: elementwise([0.3, 3], [-2, 3]),
  exp: elementwise([-3, 3]),
  expm1: elementwise([-3, 3]),
  expNonPositive: elementwise([-3, -0.1]),
  log: elementwise([0.2, 5]),
  log1p: elementwise([-0.7, 5]),
  sin: elementwise([-6, 6]),
  cos: elementwise([-6, 6]),
  tan: elementwise([-1.2, 1.2]),
  tanh: elementwise([-3, 3]),
  sigmoid: elementwise([-6, 6]),
  softplus: elementwise([-6, 6]),
  erf: elementwise([-3, 3]),
  erfinv: elementwise([-0.9, 0.9]),
  erfc: elementwise([-3, 3]),
  asin: elementwise([-0.9, 0.9]),
  acos: elementwise([-0.9, 0.9]),
  atan: elementwise([-4, 4]),
  atan2: elementwise([-3, 3], [0.3, 2]),
  sinh: elementwise([-3, 3]),
  cosh: elementwise([-3, 3]),
  asinh: elementwise([-4, 4]),
  acosh: elementwise([1.3, 5]),
  atanh: elementwise([-0.9, 0.9]),
  hypot: elementwise([-3, 3], [0.3, 2]),
  logAddExp: elementwise([-3, 3], [-3, 3]),
  lgamma: r => elementwise(r.pick([[0.3, 9] as const, [-1.8, -1.2] as const]))(r),
  polygamma: r => {
    const { operands } = elementwise(r.pick([[0.4, 9] as const, [-1.7, -1.3] as const]))(r);
    return { operands, attrs: { order: r.whole(0, 3) } };
  },
  relu: elementwise([-2, 2]),
  eq: comparison,
  ne: comparison,
  lt: comparison,
  le: comparison,
  gt: comparison,
  ge: comparison,
  where: r => {
    const shape = r.shape();
    return { operands: [bools(r, shape), floats(r, shape), floats(r, shape)], attrs: {} };
  },
  cast: r => {
    const from = r.pick(["f64", "i32", "u32", "bool"] as const);
    const shape = r.shape();
    const x = from === "f64" ? floats(r, shape, -50, 50) : wholes(r, from, shape, 0, from === "bool" ? 1 : 99);
    // Casts to f32 would drown finite differences in rounding.
    return { operands: [x], attrs: { dtype: r.pick(["f64", "i32", "u32", "bool"] as const) } };
  },
  bitcast: r => {
    const words = ["i32", "u32"] as const;
    const shape = r.shape();
    return { operands: [wholes(r, r.pick(words), shape, 0, 2 ** 30)], attrs: { dtype: r.pick(words) } };
  },
  and: logical(2),
  or: logical(2),
  xor: logical(2),
  not: logical(1),
  bitAnd: integers(2),
  bitOr: integers(2),
  bitXor: integers(2),
  bitNot: integers(1),
  shiftLeft: integers(2, 0, 40),
  shiftRight: integers(2, 0, 40),
  reshape: r => {
    const shape = r.shape();
    return {
      operands: [floats(r, shape)],
      attrs: { shape: r.pick([[product(shape)], [...shape].reverse(), [1, ...shape]]) },
    };
  },
  expand: r => {
    const shape = r.shape();
    const axes = someAxes(r, shape.length);
    return {
      operands: [
        floats(
          r,
          axes.map(axis => shape[axis]),
        ),
      ],
      attrs: { shape, axes },
    };
  },
  transpose: r => {
    const shape = r.shape();
    return { operands: [floats(r, shape)], attrs: { perm: r.shuffle(shape.map((_, axis) => axis)) } };
  },
  slice: r => {
    const shape = r.shape().map(n => n + r.whole(0, 3));
    const starts = shape.map(n => r.whole(0, n - 1));
    const steps = shape.map(() => r.whole(1, 3));
    const sizes = shape.map((n, k) => r.whole(0, Math.floor((n - 1 - starts[k]) / steps[k]) + 1));
    return { operands: [floats(r, shape)], attrs: { starts, sizes, steps } };
  },
  pad: r => {
    const shape = r.shape();
    const widths = () => shape.map(() => r.whole(0, 2));
    const attrs = { low: widths(), high: widths(), interior: widths(), value: r.pick([0, 1.5]) };
    return { operands: [floats(r, shape)], attrs };
  },
  flip: r => {
    const shape = r.shape();
    return { operands: [floats(r, shape)], attrs: { axes: someAxes(r, shape.length) } };
  },
  concat: r => {
    const shape = r.shape(1);
    const axis = r.whole(0, shape.length - 1);
    const operands = Array.from({ length: r.whole(1, 3) }, () =>
      floats(
        r,
        shape.map((n, k) => (k === axis ? r.whole(1, 3) : n)),
      ),
    );
    return { operands, attrs: { axis } };
  },
  sum: reduction,
  prod: r => {
    const { operands, attrs } = reduction(r);
    // Zeros: none, one or several in a row.
    for (let i = 0; i < operands[0].data.length; i++) if (r.next() < 0.25) operands[0].data[i] = 0;
    return { operands, attrs };
  },
  max: reduction,
  maxNumber: reduction,
  min: reduction,
  argmax: argReduction,
  argmin: argReduction,
  logSumExp: reduction,
  cumsum: folded,
  cumprod: r => {
    const { operands, attrs } = folded(r);
    for (let i = 0; i < operands[0].data.length; i++) if (r.next() < 0.25) operands[0].data[i] = 0;
    return { operands, attrs };
  },
  logcumsumexp: r => {
    // Exclusive ones begin with −∞, of which there are no differences.
    const { operands, attrs } = directed(r);
    return { operands, attrs: { ...attrs, exclusive: false } };
  },
  cummax: directed,
  cummin: directed,
  recurrence: r => {
    const { operands, attrs } = directed(r);
    return { operands: [...operands, floats(r, operands[0].shape)], attrs };
  },
  conv: r => {
    const { x, w, attrs } = windows(r);
    return { operands: [floats(r, x), floats(r, w)], attrs };
  },
  windows: r => {
    const { x, attrs, window } = windows(r);
    return {
      operands: [floats(r, [...x.slice(0, -2), x[x.length - 1]])],
      attrs: { ...attrs, window, value: r.pick([0, 1.5]) },
    };
  },
  overlapAdd: r => {
    const { x, y, attrs, window } = windows(r);
    const shape = [...y.slice(0, -2), ...window, y[y.length - 1]];
    return { operands: [floats(r, shape)], attrs: { ...attrs, window, spatial: x.slice(1, -2) } };
  },
  convKernel: r => {
    const { x, y, attrs, window } = windows(r);
    return { operands: [floats(r, x), floats(r, y)], attrs: { ...attrs, window } };
  },
  contract: r => {
    const [left, right, out] = r.pick([
      ["ij", "jk", "ik"],
      ["bij", "bjk", "bik"],
      ["i", "j", "ji"],
      ["ij", "ij", ""],
      ["ijk", "k", "ji"],
      ["", "i", "i"],
    ]);
    const size: Record<string, number> = {};
    for (const letter of left + right) size[letter] ??= r.whole(1, 3);
    const operand = (letters: string) =>
      floats(
        r,
        [...letters].map(letter => size[letter]),
      );
    return { operands: [operand(left), operand(right)], attrs: { left, right, out } };
  },
  gather: r => {
    const shape = r.shape(1);
    const axis = r.whole(0, shape.length - 1);
    const indices = wholes(r, "i32", r.sizes(r.whole(0, 2)), 0, shape[axis] - 1);
    return { operands: [floats(r, shape), indices], attrs: { axis } };
  },
  scatterAdd: r => {
    const shape = r.shape(1);
    const axis = r.whole(0, shape.length - 1);
    const size = shape[axis];
    const indices = wholes(r, "i32", r.sizes(r.whole(0, 2)), 0, size - 1);
    const updates = [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)];
    return { operands: [indices, floats(r, updates)], attrs: { axis, size } };
  },
  gatherAlong: r => {
    const shape = r.shape(1);
    const axis = r.whole(0, shape.length - 1);
    const chosen = shape.map((n, k) => (k === axis ? r.whole(1, 3) : n));
    return { operands: [floats(r, shape), wholes(r, "i32", chosen, 0, shape[axis] - 1)], attrs: { axis } };
  },
  scatterAddAlong: scatteredAlong,
  scatterLast: r => {
    const { operands, attrs } = scatteredAlong(r);
    return { operands: operands.slice(0, 1), attrs };
  },
  scatterArgmax: scatteredTies,
  scatterArgmin: scatteredTies,
  oneHot: r => {
    const depth = r.whole(1, 4);
    const dtype = r.pick(["f64", "i32", "bool"] as const);
    return { operands: [wholes(r, "i32", r.shape(), 0, depth - 1)], attrs: { depth, dtype } };
  },
  topK: r => {
    const shape = r.shape(1);
    const axis = r.whole(0, shape.length - 1);
    return { operands: [floats(r, shape)], attrs: { k: r.whole(1, shape[axis]), axis } };
  },
  cholesky: square,
  lu: square,
  eigh: square,
  det: square,
  slogdet: square,
  qr: tall,
  svd: tall,
  triangularSolve: system(
    n => n,
    r => ({ lower: coin(r), transpose: coin(r), unitDiagonal: coin(r) }),
  ),
  solve: system(
    n => n,
    r => ({ transpose: coin(r) }),
  ),
  lstsq: system(
    n => n + 1,
    () => ({}),
  ),
  pinv: r => ({ ...tall(r), attrs: { cutoff: 1e-9 } }),
  standardize: r => {
    const shape = r.shape(1);
    const axes = someAxes(r, shape.length);
    return { operands: [floats(r, shape)], attrs: { axes, epsilon: 0.1, center: r.next() < 0.5 } };
  },
  resample: r => {
    const shape = r.shape(1);
    const axis = r.whole(0, shape.length - 1);
    const [taps, out] = [r.whole(1, 6), r.whole(1, 4)];
    const positions = Array.from({ length: taps * out }, () => r.whole(0, shape[axis] - 1));
    return { operands: [floats(r, shape)], attrs: { axis, taps, positions, weights: positions.map(() => r.next()) } };
  },
  sort: r => {
    const { operands, attrs } = alongAxis(r);
    return { operands, attrs: { ...attrs, descending: r.next() < 0.5 } };
  },
  softmax: alongAxis,
  logSoftmax: alongAxis,
  softmaxCrossEntropy: r => {
    const logits = floats(r, r.shape(1));
    const classes = logits.shape[logits.shape.length - 1];
    return { operands: [logits, wholes(r, "i32", logits.shape.slice(0, -1), 0, classes - 1)], attrs: {} };
  },
  softmaxCrossEntropyDense: r => {
    const shape = r.shape(1);
    return { operands: [floats(r, shape), floats(r, shape, 0.1, 1)], attrs: {} };
  },
  binaryCrossEntropyWithLogits: elementwise([-3, 3], [0.1, 0.9]),
  scan: loop,
  while: conditional,
  cond: choice,
  stopGradient: elementwise([-2, 2]),
  constant: r => {
    const shape = r.shape();
    return { operands: [], attrs: { dtype: "f64", shape, data: floats(r, shape).data } };
  },
  extent: r => ({ operands: [], attrs: { dtype: r.pick(["f64", "i32"] as const), size: r.whole(1, 9) } }),
  iota: r => {
    const shape = r.shape(1);
    return {
      operands: [],
      attrs: { dtype: r.pick(["f64", "u32"] as const), shape, axis: r.whole(0, shape.length - 1) },
    };
  },
  threefry: r => ({ operands: [wholes(r, "u32", [2], 0, 2 ** 32 - 1)], attrs: { shape: r.shape() } }),
  threefryWords: r => ({
    operands: [wholes(r, "u32", [2], 0, 2 ** 32 - 1), wholes(r, "u32", r.shape(), 0, 2 ** 32 - 1)],
    attrs: {},
  }),
};
