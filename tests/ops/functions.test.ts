import { describe, expect, expectTypeOf, test } from "vitest";
import { grad } from "../../src/autodiff/index.ts";
import type { Scalar, Tensor } from "../../src/graph/tensor.ts";
import { clip } from "../../src/ops/activation.ts";
import { add, div, mod, mul, sub } from "../../src/ops/arithmetic.ts";
import { cast } from "../../src/ops/cast.ts";
import { broadcastTo } from "../../src/ops/coerce.ts";
import { gt } from "../../src/ops/compare.ts";
import "../../src/ops/index.ts";
import { and, isFinite as finite, isNan, not } from "../../src/ops/logic.ts";
import { maximum } from "../../src/ops/maximum.ts";
import { pow } from "../../src/ops/power.ts";
import { key, uniform } from "../../src/ops/random.ts";
import { all, any, argmax, argmin, logSumExp, max, mean, min, prod, std, sum, variance } from "../../src/ops/reduce.ts";
import { where } from "../../src/ops/select.ts";
import { arange, constant, extent, fill, iota, ones, zerosLike } from "../../src/ops/source.ts";
import {
  concat,
  expandDims,
  flatten,
  flip,
  indexAt,
  pad,
  reshape,
  slice,
  split,
  squeeze,
  stack,
  transpose,
} from "../../src/ops/view.ts";
import { dim } from "../../src/shared/dim.ts";
import { GradcError } from "../../src/shared/errors.ts";
import { array } from "./instances.ts";
import { evaluate, leaf } from "./support.ts";

const numbers = (x: Tensor): number[] => evaluate([x], [], [])[0];
const f32 = (shape: readonly number[]): Tensor<"f32"> => leaf({ dtype: "f32", shape }) as Tensor<"f32">;
const count = (...shape: number[]): Tensor<"f32"> => {
  const n = shape.reduce((p, k) => p * k, 1);
  return constant(
    Float32Array.from({ length: n }, (_, i) => i),
    shape,
  );
};

describe("arithmetic", () => {
  test("broadcasts as NumPy does, numbers take the other's dtype", () => {
    const x = constant([[1], [2]]);
    const y = constant([10, 20, 30]);
    expect(add(x, y).shape).toEqual([2, 3]);
    expect(numbers(add(x, y))).toEqual([11, 21, 31, 12, 22, 32]);
    expect(numbers(sub(1, constant([3], [1], "i32")))).toEqual([-2]);
    expectTypeOf(add(constant(1), 2)).toEqualTypeOf<Scalar<"f32">>();
    expectTypeOf(mul(constant([1]), 2)).toEqualTypeOf<Tensor<"f32">>();
    expectTypeOf(gt(constant([1]), 2)).toEqualTypeOf<Tensor<"bool">>();
  });

  test("mod has the sign of the divisor, as in NumPy", () => {
    const x = constant([-7, 7, -7, 7, 6]);
    const y = constant([3, -3, -3, 3, 3]);
    expect(numbers(mod(x, y))).toEqual([2, -2, -1, 1, 0]);
    expect(numbers(mod(cast(x, "i32"), cast(y, "i32")))).toEqual([2, -2, -1, 1, 0]);
  });

  test("pow with whole exponents multiplies", () => {
    const x = constant([-2, 0, 3]);
    expect(numbers(pow(x, 5))).toEqual([-32, 0, 243]);
    expect(numbers(pow(x, 0))).toEqual([1, 1, 1]);
    expect(numbers(pow(constant([-2, 4]), -2))).toEqual([0.25, 0.0625]);
    expect(numbers(pow(constant([-2], [1], "i32"), 3))).toEqual([-8]);
    expect(() => pow(constant([2], [1], "i32"), -1)).toThrow(/pow: this power of i32 is no integer/);
    const p = f32([3]);
    const values = [array("f32", [3], [-2, 0, 3])];
    expect(evaluate([grad(sum(pow(p, 2)), p)], [p], values)[0]).toEqual([-4, 0, 6]);
    expect(evaluate([grad(sum(pow(p, 1)), p)], [p], values)[0]).toEqual([1, 1, 1]);
  });

  test("clip, where, logic", () => {
    const x = constant([-1, 0.5, 3, Number.NaN, Infinity]);
    expect(numbers(clip(x, 0, 1))).toEqual([0, 0.5, 1, Number.NaN, 1]);
    expect(numbers(isNan(x))).toEqual([0, 0, 0, 1, 0]);
    expect(numbers(finite(x))).toEqual([1, 1, 1, 0, 0]);
    expect(numbers(where(and(finite(x), not(gt(x, 1))), x, -9))).toEqual([-1, 0.5, -9, -9, -9]);
    expect(where(constant([[true], [false]]), constant([1, 2, 3]), 0).shape).toEqual([2, 3]);
  });

  test("a branch of where that is not taken does not reach the gradient", () => {
    const x = f32([2]);
    const y = where(gt(x, 0), x, div(1, zerosLike(x)));
    expect(evaluate([grad(sum(y), x)], [x], [array("f32", [2], [1, -1])])[0]).toEqual([1, 0]);
  });
});

describe("views", () => {
  test("reshape determines −1, symbolic sizes too", () => {
    expect(reshape(count(2, 6), [-1, 4]).shape).toEqual([3, 4]);
    const B = dim("B", { max: 8 });
    const x = leaf({ dtype: "f32", shape: [B, 4, 4] });
    expect(String(reshape(x, [-1, 16]).shape)).toBe("B,16");
    expect(String(flatten(x, 1).shape)).toBe("B,16");
    expectTypeOf(reshape(count(1), [])).toEqualTypeOf<Scalar<"f32">>();
    expect(() => reshape(count(2, 3), [4, -1])).toThrow(/−1 cannot be determined/);
    expect(() => reshape(count(2, 3), [7])).toThrow(/another number of elements/);
  });

  test("slice reads like NumPy's", () => {
    const x = count(6);
    expect(numbers(slice(x, [1], [4]))).toEqual([1, 2, 3]);
    expect(numbers(slice(x, [-2]))).toEqual([4, 5]);
    expect(numbers(slice(x, [0], [-1], [2]))).toEqual([0, 2, 4]);
    expect(numbers(slice(x, [4], [99]))).toEqual([4, 5]);
    expect(slice(x, [4], [2]).shape).toEqual([0]);
    expect(numbers(slice(count(2, 3), [null, 1], [1]))).toEqual([1, 2]);
    expect(() => slice(x, [0], [5], [0])).toThrow(/the step of axis 0 is not a positive integer/);
    expect(() => slice(x, [0, 0])).toThrow(/more entries than axes/);
    const B = dim("B", { max: 8 });
    const batch = leaf({ dtype: "f32", shape: [B, 3] });
    expect(String(slice(batch, [1]).shape)).toBe("B+-1,3");
    expect(() => slice(batch, [0], [4])).toThrow(/the box does not lie inside the operand/);
    expect(() => slice(batch, [0], [], [2])).toThrow(/a step over axis 0 of symbolic size/);
  });

  test("concat, stack, split, indexAt", () => {
    const [a, b] = [count(2), count(2)];
    expect(numbers(concat([a, b]))).toEqual([0, 1, 0, 1]);
    expect(numbers(stack([a, b], -1))).toEqual([0, 0, 1, 1]);
    expect(split(count(5), [2, 3]).map(numbers)).toEqual([
      [0, 1],
      [2, 3, 4],
    ]);
    expect(split(count(2, 4), 2, -1).map(numbers)).toEqual([
      [0, 1, 4, 5],
      [2, 3, 6, 7],
    ]);
    expect(numbers(indexAt(count(2, 3), -1, 1))).toEqual([2, 5]);
    expect(() => split(count(5), 2)).toThrow(/axis 0 cannot be cut like this/);
    expect(() => concat([count(2), count(2, 2)])).toThrow(/shapes that cannot be joined/);
    expect(() => concat([])).toThrow(/no tensors/);
  });

  test("transpose, flip, pad, squeeze, expandDims, broadcastTo", () => {
    expect(transpose(count(2, 3, 4)).shape).toEqual([4, 3, 2]);
    expect(transpose(count(2, 3, 4), [0, -1, 1]).shape).toEqual([2, 4, 3]);
    expect(numbers(flip(count(3)))).toEqual([2, 1, 0]);
    expect(numbers(pad(count(2), [[1, 2]], { value: 7 }))).toEqual([7, 0, 1, 7, 7]);
    expect(squeeze(count(1, 3, 1)).shape).toEqual([3]);
    expect(expandDims(count(3), [0, -1]).shape).toEqual([1, 3, 1]);
    expect(numbers(broadcastTo(constant([[1], [2]]), [2, 2]))).toEqual([1, 1, 2, 2]);
    expect(() => squeeze(count(2), 0)).toThrow(/axis 0 is not of size 1/);
    expect(() => broadcastTo(count(3), [2, 2])).toThrow(/the shape does not fit/);
    expect(() => transpose(count(2, 3), [0, 0])).toThrow(GradcError);
  });
});

describe("reductions", () => {
  const x = constant([
    [1, 5, 3],
    [4, 0, 2],
  ]);

  test("axes and keepDims", () => {
    expect(numbers(sum(x))).toEqual([15]);
    expect(numbers(sum(x, 0))).toEqual([5, 5, 5]);
    expect(sum(x, [-1], { keepDims: true }).shape).toEqual([2, 1]);
    expect(sum(x, []).shape).toEqual([2, 3]);
    expectTypeOf(sum(x)).toEqualTypeOf<Scalar<"f32">>();
    expectTypeOf(sum(x, 0)).toEqualTypeOf<Tensor<"f32">>();
    expect(numbers(max(x, 1))).toEqual([5, 4]);
    expect(numbers(min(x))).toEqual([0]);
    expect(numbers(prod(x, 1))).toEqual([15, 0]);
    expect(numbers(argmax(x))).toEqual([1, 0]);
    expect(numbers(argmin(x, 0))).toEqual([0, 1, 1]);
    expect(() => sum(x, 2)).toThrow(/sum: axis out of range/);
    expect(() => sum(x, [0, -2])).toThrow(/an axis is named twice/);
    expect(() => max(constant([], [0], "f32"))).toThrow(/max of no elements/);
    expect(numbers(sum(constant([], [0], "f32")))).toEqual([0]);
  });

  test("mean, variance, std", () => {
    expect(numbers(mean(x))).toEqual([2.5]);
    expect(numbers(mean(x, 1))).toEqual([3, 2]);
    expect(numbers(variance(x, 1)).map(v => Math.fround(v))).toEqual([8 / 3, 8 / 3].map(Math.fround));
    expect(numbers(variance(x, 1, { correction: 1 }))).toEqual([4, 4]);
    expect(numbers(std(x, 1, { correction: 1, keepDims: true }))).toEqual([2, 2]);
  });

  test("the mean over a symbolic batch divides by its size at the call", () => {
    const B = dim("B", { max: 8 });
    const batch = leaf({ dtype: "f32", shape: [B] }) as Tensor<"f32">;
    expect(String(extent(B, "f32"))).toBe("extent f32 []");
    expect(mean(batch).node.op.name).toBe("div");
  });

  test("any, all, logSumExp", () => {
    const b = constant([
      [true, false],
      [true, true],
    ]);
    expect(numbers(any(b, 0))).toEqual([1, 1]);
    expect(numbers(all(b, 1))).toEqual([0, 1]);
    expect(numbers(all(b))).toEqual([0]);
    expect(numbers(logSumExp(constant([1000, 1000])))[0]).toBeCloseTo(1000 + Math.LN2, 3);
    const y = f32([3]);
    const values = [array("f32", [3], [0, Math.log(2), Math.log(5)])];
    evaluate([grad(logSumExp(y), y)], [y], values)[0].forEach((share, i) => {
      expect(share).toBeCloseTo([1 / 8, 2 / 8, 5 / 8][i], 6);
    });
  });

  test("the second derivative of a product with zeros is the product of the others", () => {
    const y = leaf({ dtype: "f64", shape: [3] }) as Tensor<"f64">;
    const first = grad(prod(y), y) as Tensor<"f64">;
    const mixed = grad(reshape(slice(first, [0], [1]), []), y);
    // ∂²(abc)/∂a∂(a, b, c) = (0, c, b)
    expect(evaluate([mixed], [y], [array("f64", [3], [0, 0, 7])])[0]).toEqual([0, 7, 0]);
  });
});

describe("sources", () => {
  test("constants from nested and typed arrays", () => {
    expect(constant([[1, 2]]).type).toEqual({ dtype: "f32", shape: [1, 2] });
    expect(constant(new Int32Array([1, 2])).dtype).toBe("i32");
    expect(constant([true, false]).dtype).toBe("bool");
    expectTypeOf(constant([true, false])).toEqualTypeOf<Tensor<"bool">>();
    expectTypeOf(constant(new Int32Array(1))).toEqualTypeOf<Tensor<"i32">>();
    expectTypeOf(constant([[1, 2]])).toEqualTypeOf<Tensor<"f32">>();
    expectTypeOf(constant([1, 2], [2], "f64")).toEqualTypeOf<Tensor<"f64">>();
    expect(constant([1, 2, 3, 4], [2, 2], "f64").type).toEqual({ dtype: "f64", shape: [2, 2] });
    expect(() => constant([[1, 2], [3]])).toThrow(/ragged/);
    expect(() => constant([1, 2], [3])).toThrow(/does not fill the shape/);
    expect(() => constant([1.5], [1], "i32")).toThrow(/element 0 is no i32/);
    expect(() => constant([-1], [1], "u32")).toThrow(/element 0 is no u32/);
  });

  test("a typed array is copied", () => {
    const data = new Float32Array([1]);
    const x = constant(data);
    data[0] = 5;
    expect(numbers(x)).toEqual([1]);
  });

  test("fill, ones, iota, arange", () => {
    expect(numbers(fill(3, [2], "f32"))).toEqual([3, 3]);
    expect(numbers(ones([2]))).toEqual([1, 1]);
    expect(numbers(iota([2, 2], 1))).toEqual([0, 1, 0, 1]);
    expect(arange(3).dtype).toBe("i32");
    expect(() => arange(-1)).toThrow(/not a size/);
  });
});

describe("mistakes name the user's place", () => {
  const place = (mistake: () => unknown): GradcError => {
    try {
      mistake();
    } catch (error) {
      if (error instanceof GradcError) return error;
    }
    throw new Error("no GradcError");
  };

  test.each<[string, () => unknown]>([
    ["shape", () => add(count(2), count(3))],
    ["dtype", () => add(count(2), cast(count(2), "i32") as Tensor as Tensor<"f32">)],
    ["dtype", () => maximum(cast(count(2), "i32"), 0.5)],
    ["shape", () => concat([count(2), count(2, 2)])],
    ["attribute", () => sum(count(2), 3)],
    ["shape", () => uniform(constant([1, 2, 3], [3], "u32"), [2])],
    ["attribute", () => key(0.5)],
  ])("%s", (code, mistake) => {
    const error = place(mistake);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/functions\.test\.ts:\d+/);
    expect(error.message).toMatch(/received|expected/);
  });
});
