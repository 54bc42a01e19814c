import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as g from "../../src/index.ts";

type X = g.Tensor<"f64">;
const { cases } = JSON.parse(readFileSync(new URL("../oracle/transforms.json", import.meta.url), "utf8")) as {
  cases: Record<string, number[]>;
};

/** The script's numbers: sin(0.7·i + phase). */
function grid(shape: readonly number[], phase: number): X {
  const n = shape.reduce((p, d) => p * d, 1);
  const values = Float64Array.from({ length: n }, (_, i) => Math.sin(i * 0.7 + phase));
  return g.constant(values, shape, "f64") as X;
}

const [w, x, xs, t, ts] = [grid([3, 4], 0.1), grid([4], 1.3), grid([5, 4], 2.1), grid([3], 0.4), grid([5, 3], 0.9)];
const layer = (w: X, x: X): X => g.tanh(g.matmul(w, x));
const loss = (w: X, x: X, t: X) => g.sum(g.square(g.sub(g.softmax(layer(w, x)), t)));
const rest = (x: X, from: number): X => g.slice(x, [from], [Number(x.shape[0]) - 1 + from]);
const rosenbrock = (x: X) => {
  const [a, b] = [rest(x, 0), rest(x, 1)];
  return g.sum(g.add(g.mul(g.square(g.sub(b, g.square(a))), 100), g.square(g.sub(1, a))));
};
const roll = (w: X, x: X): X => {
  const inner = g.slice(w, [], [null, 3]) as X;
  const step = (h: X) => {
    const next = g.tanh(g.add(g.matmul(inner, h), g.slice(x, [0], [3])));
    return { carry: next, out: next };
  };
  return g.scan(step, g.ones([3], "f64"), null, { length: 4 }).out as X;
};
const stencil = (x: X): X => g.mul(g.sin(rest(x, 1)), g.square(rest(x, 0)));

const VALUES: Readonly<Record<string, () => g.Tensor>> = {
  "jacrev by w": () => g.jacobian(layer(w, x), w, { mode: "reverse" }),
  "jacfwd by x": () => g.jacobian(layer(w, x), x, { mode: "forward" }),
  "hessian of rosenbrock": () => g.hessian(rosenbrock(x), x),
  "hessian of loss by w": () => g.hessian(loss(w, x, t), w),
  "mixed block of loss": () => g.hessian(loss(w, x, t), { w, x }).w.x,
  "gradients per example": () => g.vmap((x: X, t: X) => g.grad(loss(w, x, t), w))(xs, ts),
  "gradient of batch": () => g.grad(g.mean(g.vmap((x: X, t: X) => loss(w, x, t))(xs, ts)), w),
  "hessians per example": () => g.vmap((x: X) => g.hessian(rosenbrock(x), x))(xs),
  "jacobian of gradient norms": () =>
    g.jacobian(g.vmap((x: X, t: X) => g.sum(g.square(g.grad(loss(w, x, t), w))))(xs, ts), w),
  "scan per example": () => {
    // Constants go into bodies as they are; a target is to be a value outside.
    const v = g.mul(w, 1);
    return g.vmap((x: X) => g.jacobian(roll(v, x), v))(xs);
  },
  "jacobian of stencil": () => g.jacobian(stencil(x), x),
  "nested vmap": () =>
    g.vmap((a: X) => g.vmap((b: X) => g.add(g.sum(g.square(g.outer(a, b))), g.dot(a, b)))(xs), { out: 1 })(
      g.slice(xs, [0], [2]),
    ),
};

const close = (a: number, b: number, tolerance: number): boolean => Math.abs(a - b) <= tolerance * (1 + Math.abs(b));

function expectValues(actual: unknown, expected: readonly number[], tolerance = 1e-10): void {
  const values = typeof actual === "number" ? [actual] : Array.from(actual as ArrayLike<number>);
  expect(values.length).toBe(expected.length);
  values.forEach((v, i) => {
    expect(close(v, expected[i], tolerance), `element ${i} is ${v}, expected ${expected[i]}`).toBe(true);
  });
}

describe("against JAX", () => {
  test("every case has its value", () => {
    expect(Object.keys(VALUES).sort()).toEqual(Object.keys(cases).sort());
  });
  test.each(Object.entries(VALUES))("%s", (name, make) => {
    const y = make();
    expectValues(g.evaluate(y), cases[name]);
    const targets = ["js", "wasm"] as const;
    for (const target of targets) {
      const net = g.compileSync(g.program("p", { f: { inputs: [], outputs: { y } } }), { target });
      expectValues(net.f({}).y, cases[name]);
    }
  });
});

describe("jacobian", () => {
  const [m, v] = [g.input("m", [3, 4], "f64"), g.input("v", [4], "f64")];
  const feeds = { m: Array.from({ length: 12 }, (_, i) => Math.cos(i)), v: [0.3, -0.2, 0.9, 0.1] };
  const y = g.sigmoid(g.matmul(m, v));

  test("both modes agree, for trees of targets", () => {
    const [a, b] = (["forward", "reverse"] as const).map(mode => g.evaluate(g.jacobian(y, { m, v }, { mode }), feeds));
    expectValues(a.m, Array.from(b.m as Float64Array));
    expectValues(a.v, Array.from(b.v as Float64Array));
    expect(g.jacobian(y, { m, v }).m.shape).toEqual([3, 3, 4]);
  });

  test("a linear map is pushed and pulled", () => {
    const { value, push, pull } = g.linearize(y, { m, v });
    const tangent = { m: g.ones([3, 4], "f64"), v: g.ones([4], "f64") };
    const cotangent = g.constant(new Float64Array([1, 2, 3]), [3], "f64") as X;
    const back = pull(cotangent);
    const [forward, backward] = g.evaluate(
      [g.dot(push(tangent) as X, cotangent), g.add(g.sum(back.m), g.sum(back.v))] as const,
      feeds,
    );
    expect(close(forward as number, backward as number, 1e-12)).toBe(true);
    expect(value).toBe(y);
  });

  test("sizes known at the call", () => {
    const B = g.dim("B", { max: 5 });
    const s = g.input("s", [B], "f64");
    const dense = g.jacobian(g.mul(s, g.sum(s)), s);
    expect(String(dense.shape)).toBe("B,B");
    // ∂(xᵢ·Σx)/∂xⱼ = xᵢ + [i = j]·Σx
    expectValues(g.evaluate(dense, { s: [1, 2] }), [4, 1, 2, 5]);
    const net = g.compileSync(g.program("p", { f: { inputs: [s], outputs: { dense } } }), { target: "js" });
    expectValues(net.f({ s: [1, 2, 3] }).dense, [7, 1, 1, 2, 8, 2, 3, 3, 9]);
  });

  test("refuses other modes", () => {
    expect(() => g.jacobian(y, m, { mode: "both" as never })).toThrow(/no such mode/);
    expect(() => g.hessian(y, m)).toThrow(/not a scalar/);
  });
});

describe("vmap", () => {
  const xs = g.input("xs", [4, 3], "f64");
  const feeds = { xs: Array.from({ length: 12 }, (_, i) => Math.sin(3 * i)) };

  test("axes of arguments and results", () => {
    const columns = g.vmap((x: X) => ({ total: g.sum(x), twice: g.mul(x, 2) }), { in: 1, out: { total: 0, twice: 1 } })(
      xs,
    );
    expect([columns.total.shape, columns.twice.shape]).toEqual([[3], [4, 3]]);
    const both = g.evaluate({ ...columns, plain: [g.sum(xs, 0), g.mul(xs, 2)] }, feeds);
    expectValues(both.total, Array.from(both.plain[0] as Float64Array));
    expectValues(both.twice, Array.from(both.plain[1] as Float64Array));
    const tree = g.vmap((p: { readonly w: X; readonly b: X }, x: X) => g.add(g.matmul(x, p.w), p.b), {
      in: [{ w: null, b: -1 }, 0],
    });
    const result = tree({ w: g.ones([3, 2], "f64"), b: g.ones([2, 4], "f64") }, xs);
    expect(result.shape).toEqual([4, 2]);
  });

  test("a function with a rule of its own keeps it", () => {
    const straight = g.customGrad((x: X) => g.round(x), { vjp: ({ cotangent }) => [g.mul(cotangent, 3)] });
    const y = g.sum(g.mul(g.vmap((x: X) => straight(x))(xs), xs));
    const [gradient, expected] = [g.grad(y, xs), g.add(g.mul(xs, 3), g.round(xs))];
    const values = g.evaluate([gradient, expected] as const, feeds);
    expectValues(values[0], Array.from(values[1] as Float64Array));
    const tangent = g.jvp(g.vmap((x: X) => straight(x))(xs), xs, xs);
    expectValues(
      g.evaluate(tangent, feeds),
      feeds.xs.map(v => 3 * v),
    );
    const net = g.compileSync(g.program("p", { f: { inputs: [xs], outputs: { gradient } } }), { target: "js" });
    expectValues(net.f(feeds).gradient, Array.from(values[1] as Float64Array));
  });

  test("a batch whose size is known at the call", () => {
    const B = g.dim("B", { max: 6 });
    const batch = g.input("batch", [B, 3], "f64");
    const y = g.vmap((x: X) => g.topK(g.scan(h => ({ carry: g.tanh(h) }), x, null, { length: 2 }).carry, 1).values)(
      batch,
    );
    const slopes = g.grad(g.sum(y), batch);
    const net = g.compileSync(g.program("p", { f: { inputs: [batch], outputs: { y, slopes } } }));
    const values = [0.1, 0.5, 0.2, -1, -3, -2];
    const once = [0.5, -1].map(Math.tanh);
    const result = net.f({ batch: values });
    expectValues(result.y, once.map(Math.tanh));
    const slope = once.map(v => (1 - v ** 2) * (1 - Math.tanh(v) ** 2));
    expectValues(result.slopes, [0, slope[0], 0, slope[1], 0, 0]);
  });

  test("the forward values of a derivative are computed once", () => {
    const texts = g.inspect(
      g.program("p", { f: { inputs: [xs], outputs: { j: g.jacobian(g.exp(g.sum(xs, 1)), xs, { mode: "reverse" }) } } }),
      { stage: "simplify" },
    );
    expect(texts.match(/exp\(/g)).toHaveLength(1);
    expect(texts).toMatch(/exp\(.*: f64 \[4\]/);
  });

  test("says what does not fit", () => {
    expect(() => g.vmap((x: X) => x)(g.ones([], "f64"))).toThrow(/has no axis 0/);
    expect(() => g.vmap((x: X, y: X) => g.add(x, y))(xs, g.ones([3], "f64"))).toThrow(/different sizes: 4 and 3/);
    expect(() => g.vmap((x: X) => x, { in: null })(xs)).toThrow(/no argument has a batch/);
    expect(() => g.vmap((x: X) => x, { in: [0, 0] })(xs)).toThrow(/in does not fit/);
    expect(() => g.vmap((_: X) => 1 as never)(xs)).toThrow(/does not return tensors/);
    expect(() => g.vmap((x: X) => x, { out: 2 })(xs)).toThrow(/a result has no axis 2/);
  });
});
