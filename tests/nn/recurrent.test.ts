import { describe, expect, it } from "vitest";
import { emit } from "../../src/aot.ts";
import * as g from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";
import recorded from "../oracle/torch/models.json" with { type: "json" };
import { errorOf } from "../program/lines.ts";

const { cells } = recorded;
type X = g.Tensor<"f32">;

const CELLS: Record<Exclude<keyof typeof cells, "x">, (x: X) => nn.Sequence<unknown, "f32">> = {
  peepholes: x => nn.lstm(x, 4, { name: "c", peepholes: true }),
  resetBefore: x => nn.gru(x, 4, { name: "c", resetAfter: false }),
  jordan: x => nn.jordan(x, 4, 2, { name: "c", outputActivation: y => g.sigmoid(y) }),
};

describe("cells that PyTorch lacks follow their equations, with all gradients", () => {
  for (const [name, make] of Object.entries(CELLS)) {
    it(name, () => {
      const expected = cells[name as keyof typeof CELLS];
      const x = g.input("x", [4, 2, 3]);
      const { out } = make(x);
      const cotangent = g.constant(
        expected.y.map((_, i) => Math.sin(i)),
        out.shape as number[],
      );
      const params = nn.parameters(out);
      const grads = g.vjp(out, { x, ...params }, cotangent) as Record<string, g.Tensor>;
      const outputs = Object.fromEntries(Object.entries(grads).map(([key, v]) => [`d_${key.replace("c.", "")}`, v]));
      const p = g.program("p", { f: { inputs: [x], outputs: { y: out, ...outputs } } });
      const net = g.compileSync(p);
      for (const [key, values] of Object.entries(expected.parameters)) net.variables[`c.${key}`].set(values);
      const result = net.f({ x: cells.x }) as unknown as Record<string, Float32Array>;
      const near = (actual: Float32Array, values: readonly number[], what: string): void => {
        expect(actual.length, what).toBe(values.length);
        values.forEach((v, i) => {
          expect(Math.abs(actual[i] - v), `${what} ${i}`).toBeLessThan(1e-5);
        });
      };
      near(result.y, expected.y, "y");
      for (const [key, values] of Object.entries(expected.gradients)) near(result[`d_${key}`], values, key);
    });
  }
});

describe("recurrent", () => {
  const x = g.input("x", [5, 2, 3]);
  const data = Array.from({ length: 30 }, (_, i) => Math.sin(3 * i));

  it("goes on from a carry as if it had never stopped", () => {
    const cell = nn.lstmCell(3, 4, { name: "c" });
    const whole = nn.recurrent(cell, x);
    const begin = nn.recurrent(cell, g.slice(x, [0, 0, 0], [2, 2, 3]) as X);
    const end = nn.recurrent(cell, g.slice(x, [2, 0, 0], [5, 2, 3]) as X, { initial: begin.carry });
    const split = g.concat([begin.out, end.out], 0);
    const { a, b, c, d } = g.evaluate({ a: whole.out, b: split, c: whole.carry.c, d: end.carry.c }, { x: data });
    expect(b).toEqual(a);
    expect(d).toEqual(c);
  });

  it("lets a loop of one's own take the steps", () => {
    const cell = nn.gruCell(3, 4, { name: "c" });
    const whole = nn.recurrent(cell, x).carry;
    let carry = cell.zero([2]);
    for (let t = 0; t < 5; t++) carry = cell.advance(carry, cell.project(g.indexAt(x, t) as X)).carry;
    const { a, b } = g.evaluate({ a: whole, b: carry }, { x: data });
    a.forEach((v, i) => {
      expect(Math.abs(v - b[i])).toBeLessThan(1e-6);
    });
  });

  it.each([false, true])("with a mask ends where each sequence ends (reverse: %s)", reverse => {
    const mask = g.input("mask", [5, 2], "bool");
    const cell = nn.lstmCell(3, 4, { name: "c" });
    const masked = nn.recurrent(cell, x, { mask, reverse });
    const short = nn.recurrent(cell, g.slice(x, [0, 0, 0], [3, 2, 3]) as X, { reverse });
    const outputs = { masked: masked.carry.h, short: short.carry.h, out: masked.out, parts: short.out };
    const feeds = { x: data, mask: [1, 1, 1, 1, 1, 1, 1, 0, 1, 0] };
    const { masked: m, short: s, out, parts } = g.evaluate(outputs, feeds);
    // The second sequence has three steps.
    expect(m.subarray(4)).toEqual(s.subarray(4));
    expect(m.subarray(0, 4)).not.toEqual(s.subarray(0, 4));
    expect(out.subarray(3 * 8 + 4, 4 * 8)).toEqual(new Float32Array(4));
    expect(out.subarray(4, 8)).toEqual(parts.subarray(4, 8));
  });

  it("names its parameters and shows where they are", () => {
    const { out } = nn.deep(x, 2, { name: "d" }, (v, part) =>
      nn.bidirectional(v, part, (u, way) => nn.rnn(u, 4, { ...way, activation: w => g.relu(w) })),
    );
    expect(out.shape).toEqual([5, 2, 8]);
    const names = Object.keys(nn.parameters(out)).sort();
    expect(names).toHaveLength(12);
    expect(names).toContain("d.1.backward.wx");
  });

  it("computes again what it need not keep: the same gradients in a fraction of the memory", async () => {
    const long = g.input("x", [100, 8, 2]);
    const training = (checkpoint: boolean) => {
      const loss = g.sum(g.square(nn.lstm(long, 16, { name: "c", checkpoint }).out));
      return g.program("p", { train: { inputs: [long], outputs: g.grad(loss, nn.parameters(loss)) } });
    };
    const measured = await Promise.all(
      [training(false), training(true)].map(async p => {
        using net = g.compileSync(p, { mode: "reproducible" });
        const results = net.train({ x: Array.from({ length: 1600 }, (_, i) => Math.sin(i)) });
        const manifest = (await emit(p, { fileName: "m" })).get("m.manifest.json");
        const { memory } = JSON.parse(new TextDecoder().decode(manifest)) as { memory: { bytes: number } };
        return { results, bytes: memory.bytes };
      }),
    );
    const [kept, again] = measured;
    expect(again.bytes).toBeLessThan(kept.bytes / 3);
    for (const [name, values] of Object.entries(kept.results)) {
      const largest = Math.max(...Array.from(values, Math.abs));
      Array.from(values, (v, i) => expect(Math.abs(v - again.results[name][i])).toBeLessThan(1e-6 * largest));
    }
  });

  it("begins with memories of many lengths, where one says how long the longest are", () => {
    const first = (out: g.Tensor): Float32Array => {
      using net = g.compileSync(g.program("p", { f: { inputs: [x], outputs: { out } } }), { seed: 3 });
      return net.variables["c.b"].get() as Float32Array;
    };
    const between = (bias: Float32Array): void => {
      // σ(b) keeps 1 − 1/(1 + u) of the memory: u steps, from 1 to longest − 1.
      const steps = Array.from(bias, b => Math.exp(b));
      expect(Math.min(...steps)).toBeGreaterThanOrEqual(1);
      expect(Math.max(...steps)).toBeLessThanOrEqual(99);
      expect(steps.reduce((a, b) => a + b) / steps.length).toBeCloseTo(50, -1);
    };
    const lstm = first(nn.lstm(x, 200, { name: "c", longest: 100 }).out);
    between(lstm.subarray(200, 400));
    expect(lstm.subarray(0, 200)).toEqual(lstm.subarray(200, 400).map(b => -b));
    expect(lstm.subarray(400).every(b => b === 0)).toBe(true);
    const gru = first(nn.gru(x, 200, { name: "c", longest: 100 }).out);
    between(gru.subarray(200, 400));
    expect([...gru.subarray(0, 200), ...gru.subarray(400)].every(b => b === 0)).toBe(true);
    expect(errorOf(() => nn.gru(x, 3, { name: "c", longest: 2 })).message).toContain(
      "longest is not a number of steps",
    );
    expect(errorOf(() => nn.lstm(x, 3, { name: "c", longest: 9, forgetBias: 1 })).code).toBe("argument");
  });

  it("reports what does not fit", () => {
    expect(errorOf(() => nn.lstm(g.input("v", [4]), 3, { name: "c" })).code).toBe("shape");
    expect(errorOf(() => nn.lstm(x, 0, { name: "c" })).message).toContain("units is not a size");
    expect(errorOf(() => nn.gru(x, 3, { name: "c", peepholes: true } as never)).code).toBe("attribute");
    const mask = g.input("mask", [5], "bool");
    expect(errorOf(() => nn.rnn(x, 3, { name: "c", mask })).message).toContain(
      "expected  bool [5, 2]\n  received  bool [5]",
    );
    expect(errorOf(() => nn.deep(x, 0, { name: "d" }, v => nn.rnn(v, 3, { name: "c" }))).code).toBe("argument");
  });
});

it("a long short-term memory learns to add what its marks choose, compiled", () => {
  const steps = 12;
  const x = g.input("x", [steps, 16, 2]);
  const y = g.input("y", [16, 1]);
  const { carry } = nn.lstm(x, 12, { name: "memory", recurrentInit: g.orthogonalInit() });
  const loss = g.meanSquaredError(nn.dense(carry.h, 1, { name: "out" }), y);
  const params = nn.parameters(loss);
  const updates = nn.adam({ learningRate: 0.02 })(params, g.grad(loss, params));
  using net = g.compileSync(g.program("adding", { train: { inputs: [x, y], outputs: { loss }, updates } }));
  let seed = 1;
  const random = (): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) / 2 ** 24;
  };
  let last = 1;
  for (let step = 0; step < 500; step++) {
    const inputs = new Float32Array(steps * 16 * 2);
    const sums = new Float32Array(16);
    for (let b = 0; b < 16; b++) {
      for (let t = 0; t < steps; t++) inputs[(t * 16 + b) * 2] = random();
      for (const t of [Math.floor((random() * steps) / 2), Math.floor(((1 + random()) * steps) / 2)]) {
        inputs[(t * 16 + b) * 2 + 1] = 1;
        sums[b] += inputs[(t * 16 + b) * 2];
      }
    }
    last = 0.95 * last + 0.05 * net.train({ x: inputs, y: sums }).loss;
  }
  // Who always says 1 has 0.167.
  expect(last).toBeLessThan(0.03);
});
