import { describe, expect, test } from "vitest";
import { grad } from "../../src/autodiff/index.ts";
import { CATALOGUE, OPS } from "../../src/ops/index.ts";
import { FAMILIES, pageOf } from "../../src/ops/pages/index.ts";
import { DTYPES, isFloat } from "../../src/shared/dtype.ts";
import { GradcError } from "../../src/shared/errors.ts";
import { INSTANCES } from "./instances.ts";
import { applied, evaluate, fromSample, ones, weightedSum } from "./support.ts";

test("names are unique and every op has instances for the random tests", () => {
  expect(OPS.size).toBe(CATALOGUE.length);
  expect(Object.keys(INSTANCES).sort()).toEqual(CATALOGUE.map(op => op.name).sort());
});

test("every op has one page, and every page an op", () => {
  expect(FAMILIES.flatMap(Object.keys).sort()).toEqual(CATALOGUE.map(op => op.name).sort());
});

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number, what: string): void {
  expect(actual.length, what).toBe(expected.length);
  actual.forEach((x, i) => {
    const y = expected[i];
    const close = Object.is(x, y) || x === y || Math.abs(x - y) <= tolerance * (1 + Math.abs(y));
    expect(close, `${what}: element ${i} is ${x}, expected ${y}`).toBe(true);
  });
}

describe.each(CATALOGUE.map(op => [op.name, op] as const))("%s", (_name, op) => {
  const { summary, equation, kinks, attributes, samples } = pageOf(op);

  test("is documented", () => {
    expect(summary).toMatch(/\.$/);
    expect(equation).not.toBe("");
    expect(kinks).not.toBe("");
    expect(op.dtypes.length).toBeGreaterThan(0);
    for (const dtype of op.dtypes) expect(DTYPES).toContain(dtype);
    for (const a of attributes) expect(`${a.name}${a.type}${a.meaning}`).not.toMatch(/undefined|^$/);
    if (op.derivative) expect(op.derivative.equations.join("")).not.toBe("");
  });

  test.runIf(op.kind !== "region")("has samples, with gradients where it is differentiable", () => {
    expect(samples.length).toBeGreaterThan(0);
    if (op.derivative) expect(samples.some(s => s.gradients)).toBe(true);
    for (const s of samples) {
      // The attributes that the documentation names, and no others.
      expect(Object.keys(s.attrs ?? {}).sort()).toEqual(attributes.map(a => a.name).sort());
    }
  });

  test.each(samples.map((s, i) => [i, s] as const))("sample %i", (_i, sample) => {
    const data = sample.inputs.map(fromSample);
    const { x, y } = applied(op, data, sample.attrs ?? {});
    const tolerance = sample.tolerance ?? 1e-6;
    const results = evaluate(y, x, data);
    sample.outputs.forEach((expected, k) => {
      expect(y[k].dtype).toBe(expected.dtype ?? "f32");
      expect(y[k].shape).toEqual(expected.shape);
      expectClose(results[k], expected.data, tolerance, `output ${k}`);
    });
    if (!sample.gradients) return;
    const total = weightedSum(y, ones);
    expect(total).toBeDefined();
    sample.gradients.forEach((expected, k) => {
      if (!total || expected === null || !isFloat(x[k].dtype)) return;
      const [gradient] = evaluate([grad(total, x[k], { disconnected: "zeros" })], x, data);
      expectClose(gradient, expected, tolerance, `gradient ${k}`);
    });
  });

  const [sample] = samples;
  test.runIf(sample && sample.inputs.length > 0)("its type rule rejects what it cannot take", () => {
    const inputs = sample.inputs.map(fromSample);
    const attrs = sample.attrs ?? {};
    const refused = DTYPES.filter(dtype => !op.dtypes.includes(dtype));
    for (const dtype of refused) {
      // One operand of a dtype that the op does not name, all operands of it.
      const wrong = inputs.map(a => ({ dtype, shape: a.shape }));
      expect(() => applied(op, wrong, attrs), dtype).toThrow(GradcError);
    }
    if (inputs.length > 1) {
      const mixed = inputs.map((a, i) => (i === 1 ? { ...a, shape: [...a.shape, 7] } : a));
      const twice = inputs.map((a, i) => (i === 1 ? { ...a, dtype: "u32" as const } : { ...a, dtype: "f64" as const }));
      const rejects = [mixed, twice].filter(operands => {
        try {
          applied(op, operands, attrs);
          return false;
        } catch (error) {
          expect(error).toBeInstanceOf(GradcError);
          return true;
        }
      });
      expect(rejects.length).toBeGreaterThan(0);
    }
  });
});
