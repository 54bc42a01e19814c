import { describe, expect, it } from "vitest";
import * as g from "../../src/index.ts";
import recorded from "../oracle/initializers.json" with { type: "json" };
import { errorOf } from "./lines.ts";

const INITIALIZERS: Record<keyof typeof recorded.cases, g.Initializer> = {
  truncatedNormalInit: g.truncatedNormalInit(),
  glorotUniform: g.glorotUniform(),
  heUniform: g.heUniform(),
  lecunUniform: g.lecunUniform(),
  glorotNormal: g.glorotNormal(),
  heNormal: g.heNormal(),
  lecunNormal: g.lecunNormal(),
  orthogonalTall: g.orthogonalInit(),
  orthogonalWide: g.orthogonalInit({ gain: 2 }),
  orthogonalWindow: g.orthogonalInit(),
};

describe("initializers draw what JAX draws from the same key", () => {
  for (const [name, init] of Object.entries(INITIALIZERS)) {
    it(name, () => {
      const { shape, values } = recorded.cases[name as keyof typeof INITIALIZERS];
      const drawn = g.evaluate(init(g.key(7), shape, "f32")) as Float32Array;
      expect(drawn.length).toBe(values.length);
      values.forEach((v, i) => {
        expect(Math.abs(drawn[i] - v), `element ${i}`).toBeLessThan(2e-6);
      });
    });
  }
});

describe("orthogonalInit", () => {
  it.each(["f32", "f64"] as const)("makes a rotation in %s on every target, the same one", dtype => {
    const n = 24;
    const w = g.param("w", [n, n], g.orthogonalInit({ gain: 3 }), dtype);
    const declared = g.program("p", { f: { inputs: [], outputs: { y: g.matmul(g.transpose(w), w) } } });
    const first = (["interpret", "js", "wasm"] as const).map(target => {
      const net = g.compileSync(declared, { target, mode: "reproducible", seed: 5 });
      const { y } = net.f();
      Array.from(y).forEach((v, i) => {
        expect(Math.abs(v - (i % (n + 1) === 0 ? 9 : 0))).toBeLessThan(dtype === "f32" ? 1e-5 : 1e-13);
      });
      return net.variables.w.get();
    });
    expect(first[1]).toEqual(first[0]);
    expect(first[2]).toEqual(first[0]);
  });

  it("needs a matrix", () => {
    const w = g.param("w", [3], g.orthogonalInit());
    expect(errorOf(() => g.program("p", { f: { inputs: [], outputs: { w } } })).code).toBe("shape");
  });
});

it("truncatedNormalInit keeps within two standard deviations of the mean, with the spread of that", () => {
  const w = g.param("w", [4000], g.truncatedNormalInit({ mean: 1, stdev: 0.5 }));
  const values = Array.from(g.evaluate(w) as Float32Array);
  expect(values.every(v => v >= 0 && v <= 2)).toBe(true);
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  // A normal variable cut at ±2 has variance 1 − 4·φ(2)/(Φ(2) − Φ(−2)) = 0.7737.
  expect(Math.abs(mean - 1)).toBeLessThan(0.04);
  expect(Math.abs(variance - 0.25 * 0.7737)).toBeLessThan(0.015);
});
