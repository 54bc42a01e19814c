import { describe, expect, it } from "vitest";
import * as g from "../../src/index.ts";
import oracle from "../oracle/regions.json" with { type: "json" };

type F64 = g.Tensor<"f64">;
type Case = { readonly y: number; readonly gradient: readonly number[]; readonly hvp: readonly number[] };

const w = g.input("w", [3, 3], "f64");
const x = g.input("x", [6, 2, 3], "f64");
const h = g.input("h", [2, 3], "f64");
const v = g.input("v", [3, 3], "f64");
const { w: wData, x: xData, h: hData, v: vData } = oracle;
const feeds = { w: wData, x: xData, h: hData, v: vData };

const recurrent = (options: { reverse?: boolean; checkpoint?: boolean }): F64 => {
  const { carry, out } = g.scan(
    (c: F64, xt: F64) => {
      const after = g.tanh(g.add(g.matmul(c, w), g.matmul(xt, g.transpose(w)))) as F64;
      return { carry: after, out: g.mul(after, xt) as F64 };
    },
    h,
    x,
    options,
  );
  return g.add(g.sum(g.mul(carry, carry)), g.sum(g.sin(out))) as F64;
};

const chosen = (): F64 => {
  const { carry, out } = g.scan(
    (c: F64, xt: F64) => {
      const after = g.cond(
        g.gt(g.sum(g.mul(c, xt)), 0),
        () => g.tanh(g.matmul(c, w)) as F64,
        () => g.mul(g.sin(g.matmul(xt, w)), c) as F64,
      ) as F64;
      return { carry: after, out: g.sum(after) };
    },
    h,
    x,
  );
  return g.add(g.sum(carry), g.sum(g.mul(out, out))) as F64;
};

const until = (options: { max?: number; checkpoint?: boolean }): F64 => {
  const unit = g.constant([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3], "f64");
  const a = g.add(g.mul(3, unit), w) as F64;
  const { y } = g.whileLoop(
    ({ y: at, n }) => {
      const rest = g.sub(g.matmul(a, at as F64), unit);
      return g.and(g.gt(g.sum(g.mul(rest, rest)), 1e-20), g.lt(n, 50));
    },
    ({ y: at, n }) => ({
      y: g.matmul(at as F64, g.sub(g.mul(2, unit), g.matmul(a, at as F64))),
      n: g.add(n, 1),
    }),
    { y: g.div(g.transpose(a), g.sum(g.mul(a, a))) as F64, n: g.constant(0, [], "i32") },
    options,
  );
  return g.sum(g.cos(y as F64)) as F64;
};

const mapped = (options: { checkpoint?: boolean }): F64 =>
  g.sum(g.cos(g.map((xt: F64) => g.prod(g.matmul(xt, w), 1) as F64, x as never, options) as F64)) as F64;

function expectNear(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    const far = Math.abs(actual[i] - value) / (1 + Math.abs(value));
    expect(far, `${what}: ${actual[i]}, JAX ${value}`).toBeLessThan(1e-10);
  });
}

describe("loops and choices give the values and derivatives of JAX", () => {
  const cases: readonly (readonly [string, () => F64, Case])[] = [
    ["scan", () => recurrent({}), oracle.scan],
    ["scan with checkpoints", () => recurrent({ checkpoint: true }), oracle.scan],
    ["scan from the other end", () => recurrent({ reverse: true }), oracle.reverse],
    ["cond", chosen, oracle.cond],
    ["while", () => until({ max: 50 }), oracle.while],
    ["while with checkpoints", () => until({ max: 60, checkpoint: true }), oracle.while],
    ["map", () => mapped({}), oracle.map],
    ["map with checkpoints", () => mapped({ checkpoint: true }), oracle.map],
  ];

  it.each(cases)("%s", (_name, declare, expected) => {
    const y = declare() as g.Scalar<"f64">;
    const outputs = { y, gradient: g.grad(y, w), hvp: g.hvp(y, w, v as never) as F64, along: g.jvp(y, w, v as never) };
    const inputs = [w, x, h, v].filter(i => i === w || i === v || expected !== oracle.while);
    for (const target of ["js", "wasm"] as const) {
      const used = expected === oracle.map ? inputs.filter(i => i !== h) : inputs;
      const net = g.compileSync(g.program("p", { f: { inputs: used, outputs } }), { target });
      const given = Object.fromEntries(used.map(i => [i.node.attrs.name, feeds[i.node.attrs.name as "w"]]));
      const made = (net.f as unknown as (f: object) => Record<string, Float64Array>)(given);
      expectNear([Number(made.y)], [expected.y], `y on ${target}`);
      expectNear(made.gradient, expected.gradient, `gradient on ${target}`);
      expectNear(made.hvp, expected.hvp, `hvp on ${target}`);
      const slope = expected.gradient.reduce((t, d, i) => t + d * vData[i], 0);
      expectNear([Number(made.along)], [slope], `jvp on ${target}`);
    }
  });

  it("while without a bound, forwards", () => {
    const y = until({});
    const along = g.jvp(y, w, v as never);
    const made = g.evaluate({ y, along }, { w: wData, v: vData }) as unknown as { y: number; along: number };
    expectNear([made.y], [oracle.while.y], "y");
    expectNear([made.along], [oracle.while.gradient.reduce((t, d, i) => t + d * vData[i], 0)], "jvp");
  });
});

describe("a derivative inside a body, for a value that stable forms would go past", () => {
  const u = g.input("u", [2, 3], "f64");
  const at = [-2, -0.5, 0, 0.1, 1, 3];
  /** ∂Σv(1 − v)/∂v at v = σ(u), where 1 − v is σ(−u). */
  const slope = (x: F64): F64 => {
    const v = g.sigmoid(x) as F64;
    return g.grad(g.sum(g.mul(v, g.sub(1, v))) as g.Scalar<"f64">, v);
  };
  const step = (x: F64) => ({ carry: slope(x) });
  const positions: readonly (readonly [string, () => F64])[] = [
    ["outside", () => slope(u)],
    ["scan", () => g.scan(step, u, null, { length: 1 }).carry as F64],
    ["map", () => g.map(slope, u) as F64],
    [
      "cond",
      () =>
        g.cond(
          g.lt(g.sum(u), 100),
          () => slope(u),
          () => u,
        ) as F64,
    ],
    ["scan in map", () => g.map((x: F64) => g.scan(step, x, null, { length: 1 }).carry as F64, u) as F64],
    [
      "while",
      () =>
        g.whileLoop(
          ({ n }) => g.lt(n, 1),
          ({ n, x }) => ({ n: g.add(n, 1), x: slope(x as F64) }),
          { n: g.constant(0, [], "i32"), x: u },
        ).x as F64,
    ],
  ];

  it.each(positions)("%s", (_name, declare) => {
    const p = g.program("p", { f: { inputs: [u], outputs: { y: declare() } } });
    for (const mode of ["fast", "reproducible"] as const) {
      const { y } = g.compileSync(p, { mode }).f({ u: at });
      at.forEach((x, i) => {
        expect(y[i], `${mode}, u = ${x}`).toBeCloseTo(1 - 2 / (1 + Math.exp(-x)), 12);
      });
    }
  });
});
