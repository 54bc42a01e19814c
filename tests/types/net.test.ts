// The types themselves are checked by tsc (npm run check): expectTypeOf and @ts-expect-error fail there.
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  add,
  type CallInputs,
  type CallOutputs,
  constant,
  dim,
  eq,
  grad,
  input,
  mul,
  type Net,
  type Param,
  param,
  program,
  type Scalar,
  type State,
  set,
  state,
  sum,
  type Tensor,
  type Tree,
} from "../../src/index.ts";

const B = dim("B", { max: 64 });
const x = input("x", [B, 64]);
const label = input("label", [B], "i32");
const rate = input("rate", [], "f32", { default: 0.1 });
const count = input("count", [], "i32");
const w = param("w", [64]);
const calls = state("calls", constant(0, [], "i32"));
const y = add(mul(x, w), rate);
const loss = add(sum(y), sum(mul(w, 2)));

const digits = program("digits", {
  train: {
    inputs: [x, label, rate, count],
    outputs: { loss, y, exact: eq(label, count), wide: constant([1], [1], "f64") },
    updates: [set(w, grad(loss, w)), set(calls, add(calls, 1))],
  },
  predict: { inputs: [x, rate], outputs: { y } },
  reading: { inputs: [], outputs: { w, label: constant([1, 2], [2], "u32") } },
});

/** Sizes whose names the types do not know: computed ones, and those of a name known at run time. */
const twice = input("twice", [x.shape[0]]);
const later = input("later", [dim(String("L"), { max: 2 })]);
const open = program("open", { f: { inputs: [twice, later], outputs: { y: mul(twice, 2), z: mul(later, 2) } } });

type Functions = (typeof digits)["functions"];
type Digits = Net<Functions>;
type Train = Functions["train"];

describe("the face of a net", () => {
  it("has one property for each function", () => {
    expectTypeOf<keyof Digits & string>().toEqualTypeOf<
      "train" | "predict" | "reading" | "target" | "variables" | "save" | "restore" | "reset" | "close"
    >();
    expect(digits.graph.functions.map(f => f.name)).toEqual(["train", "predict", "reading"]);
  });

  it("takes inputs by name: arrays, numbers for shape [], optional where there is a default", () => {
    expectTypeOf<CallInputs<Train>>().toEqualTypeOf<{
      readonly x: ArrayLike<number>;
      readonly label: ArrayLike<number>;
      readonly count: number;
      readonly rate?: number;
      readonly B?: number;
    }>();
    const call = (net: Digits): void => {
      net.train({ x: [1], label: new Int32Array(1), count: 1 });
      net.train({ x: [1], label: [1], count: 1, rate: 0.5 });
      net.train({ x: [1], label: [1], count: 1, B: 1 });
      // @ts-expect-error there is no size named C
      net.train({ x: [1], label: [1], count: 1, C: 1 });
      // @ts-expect-error a size is a number
      net.train({ x: [1], label: [1], count: 1, B: [1] });
      // @ts-expect-error label is missing
      net.train({ x: [1], count: 1 });
      // @ts-expect-error there is no input named labels
      net.train({ x: [1], label: [1], count: 1, labels: [1] });
      // @ts-expect-error count is a number
      net.train({ x: [1], label: [1], count: [1] });
      // @ts-expect-error x is an array
      net.train({ x: 1, label: [1], count: 1 });
      // @ts-expect-error x is not optional
      net.predict();
      net.reading();
      net.reading({});
      // @ts-expect-error there is no function named test
      net.test({});
    };
    expect(call).toBeTypeOf("function");
  });

  it("takes sizes by name where the types know them", () => {
    expectTypeOf<CallInputs<(typeof open)["functions"]["f"]>>().toEqualTypeOf<{
      readonly twice: ArrayLike<number>;
      readonly later: ArrayLike<number>;
    }>();
    const T = dim("T", { max: 5 });
    const xs = input("xs", [T, B, 2]);
    expectTypeOf<CallInputs<{ inputs: [typeof xs, typeof x]; outputs: Record<string, Tensor> }>>().toEqualTypeOf<{
      readonly xs: ArrayLike<number>;
      readonly x: ArrayLike<number>;
      readonly T?: number;
      readonly B?: number;
    }>();
    expect(open.graph.functions[0].inputs).toHaveLength(2);
  });

  it("returns numbers for scalars and the typed array of the dtype for tensors", () => {
    expectTypeOf<CallOutputs<Train>>().toEqualTypeOf<{
      readonly loss: number;
      readonly y: Float32Array;
      readonly exact: Uint8Array;
      readonly wide: Float64Array;
    }>();
    expectTypeOf<CallOutputs<Functions["reading"]>>().toEqualTypeOf<{
      readonly w: Float32Array;
      readonly label: Uint32Array;
    }>();
    expect(digits.graph.functions[0].outputs.map(o => o.value.dtype)).toEqual(["f32", "f32", "bool", "f64"]);
  });

  it("has resident views of the dtypes", () => {
    expectTypeOf<Digits["train"]["inputs"]["label"]>().toEqualTypeOf<Int32Array>();
    expectTypeOf<Digits["train"]["inputs"]["rate"]>().toEqualTypeOf<Float32Array>();
    expectTypeOf<Digits["train"]["outputs"]["exact"]>().toEqualTypeOf<Uint8Array>();
    const run = (net: Digits): void => {
      net.train.run();
      net.train.run({ B: 17 });
      // @ts-expect-error a size is a number
      net.train.run({ B: "17" });
      // @ts-expect-error views are not replaced
      net.train.inputs.x = new Float32Array(1);
    };
    expect(run).toBeTypeOf("function");
  });
});

describe("declarations", () => {
  it("know names, dtypes and which are scalars", () => {
    expectTypeOf(x).toExtend<Tensor<"f32">>();
    expectTypeOf(x).not.toExtend<Scalar>();
    expectTypeOf(rate).toExtend<Scalar<"f32">>();
    expectTypeOf(count).toExtend<Scalar<"i32">>();
    expectTypeOf(w).toExtend<Param<"w", "f32">>();
    expectTypeOf(calls).toExtend<State<"calls", "i32"> & Scalar<"i32">>();
    expectTypeOf(param("s", [])).toExtend<Scalar<"f32">>();
    expect([rate.rank, count.rank, calls.rank]).toEqual([0, 0, 0]);
  });

  it("keep their dtype where a tree of any tensors is expected", () => {
    const same = <const T extends Tree<Tensor>>(tree: T): T => tree;
    expectTypeOf(same(input("x", [2]))).toExtend<Tensor<"f32">>();
    expectTypeOf(same({ w: param("w", [2]) }).w).toExtend<Tensor<"f32">>();
    expectTypeOf(same([state("s", constant([1, 2]))])[0]).toExtend<Tensor<"f32">>();
    expect(same(w)).toBe(w);
  });

  it("have gradients of their own dtype, in their tree", () => {
    const s = param("s", []);
    const gradients = grad(add(loss, s), { w, list: [x, s] });
    expectTypeOf(gradients.w).toEqualTypeOf<Tensor<"f32">>();
    expectTypeOf(gradients.list[1]).toExtend<Tensor<"f32">>();
    expectTypeOf(grad(mul(s, s), s)).toEqualTypeOf<Scalar<"f32">>();
    expect(gradients.list.map(g => g.shape)).toEqual([x.shape, []]);
  });

  it("refuse wrong dtypes, shapes and targets", () => {
    const wrong = (): void => {
      // @ts-expect-error no such dtype
      input("x", [1], "f16");
      // @ts-expect-error parameters are trained, so they are floats
      param("w", [1], undefined, "i32");
      // @ts-expect-error variables have fixed sizes
      param("w", [B]);
      // @ts-expect-error inputs cannot be updated
      set(x, x);
      // @ts-expect-error a parameter is no input
      program("p", { f: { inputs: [w], outputs: { w } } });
      // @ts-expect-error an output is a tensor
      program("p", { f: { inputs: [], outputs: { w: 3 } } });
    };
    expect(wrong).toBeTypeOf("function");
  });
});
