import { describe, expect, test } from "vitest";
import { createNet, type NetBase, type NetFunction, type NetOptions } from "../../src/runtime/net.ts";
import { executable, manifest } from "./fixture.ts";

type Toy = NetBase & { train: NetFunction; predict: NetFunction; draw: NetFunction };

function toy(options?: NetOptions): { net: Toy; bytes: Uint8Array } {
  const code = executable();
  return { net: createNet(manifest, code, options) as Toy, bytes: new Uint8Array(code.memory) };
}

describe("calls", () => {
  test("infer the batch, fill defaults and return numbers for scalars", () => {
    const { net } = toy();
    expect(net.train({ x: new Float32Array(8).fill(1), label: [3, 4] })).toEqual({ loss: 11 });
    expect(net.train({ x: [1, 2, 3, 4], label: Int32Array.of(9), scale: 2 })).toEqual({ loss: 29 });
    // The default holds again, whatever the call before was given.
    expect(net.train({ x: [1, 2, 3, 4], label: [0] })).toEqual({ loss: 5 });
  });

  test("return copies of exactly the resolved size", () => {
    const { net } = toy();
    const first = net.predict({ x: [1, 2, 3, 4, 5, 6, 7, 8], mask: [true, 0] as unknown as number[] });
    expect(first).toEqual({ y: Float32Array.of(2, 4, 6, 8, 0, 0, 0, 0), rows: 2 });
    net.predict({ x: [9, 9, 9, 9], mask: [1] });
    expect(first.y).toEqual(Float32Array.of(2, 4, 6, 8, 0, 0, 0, 0));
  });

  test("a dimension that no input tells is an argument, at its bound by default", () => {
    const { net } = toy();
    expect(net.draw({ N: 1 })).toEqual({ out: Int32Array.of(0, 1, 2) });
    expect((net.draw() as { out: Int32Array }).out.length).toBe(9);
    expect(() => net.draw({ N: 5 })).toThrow("draw: N is out of range\n  expected  1 ≤ N ≤ 4\n  received  5");
  });

  test("resident views and run", () => {
    const { net } = toy();
    expect(net.train.inputs.x.length).toBe(32);
    net.train.inputs.x.fill(1);
    net.train.inputs.label.fill(1);
    net.train.run({ B: 3 });
    expect(net.train.outputs.loss[0]).toBe(9);
    net.train.run();
    expect(net.train.outputs.loss[0]).toBe(24);
    net.train.inputs.label[2] = 10;
    net.train.run({ B: 2 });
    expect(() => net.train.run({ B: 3 })).toThrow("train: label is out of range at 2");
    expect(() => net.train.run({ B: 0 })).toThrow("1 ≤ B ≤ 8");
  });
});

const ROW = [1, 2, 3, 4];
const WRONG: readonly { what: string; args: unknown; message: string }[] = [
  {
    what: "missing input",
    args: { x: ROW },
    message: "train: label is missing\n  expected  i32 [B]\n  code      missing-input",
  },
  {
    what: "no arguments",
    args: undefined,
    message: "train: x is missing\n  expected  f32 [B, 4]\n  code      missing-input",
  },
  {
    what: "unknown input",
    args: { x: ROW, label: [1], lable: [1] },
    message: "train has no input lable\n  expected  x, label, scale, B\n  received  lable\n  code      unknown-name",
  },
  {
    what: "part of a row",
    args: { x: [1, 2, 3], label: [1] },
    message:
      "train: x has the wrong length\n  expected  f32 [B, 4]: 4, B = 1 ≤ 8\n  received  3\n  code      input-length",
  },
  {
    what: "too many rows",
    args: { x: new Float32Array(36), label: new Int32Array(9) },
    message:
      "train: x has the wrong length\n  expected  f32 [B, 4]: 32, B = 8 ≤ 8\n  received  36\n  code      input-length",
  },
  {
    what: "empty batch",
    args: { x: [], label: [] },
    message:
      "train: x has the wrong length\n  expected  f32 [B, 4]: 4, B = 1 ≤ 8\n  received  0\n  code      input-length",
  },
  {
    what: "batches that disagree",
    args: { x: [...ROW, ...ROW], label: [1] },
    message:
      "train: label has the wrong length\n  expected  i32 [B]: 2, B = 2 ≤ 8\n  received  1\n  code      input-length",
  },
  {
    what: "label out of range",
    args: { x: [...ROW, ...ROW], label: [3, 10] },
    message:
      "train: label is out of range at 1\n  expected  an integer, 0 ≤ label < 10\n  received  10\n  code      input-range",
  },
  {
    what: "fraction as label",
    args: { x: ROW, label: [1.5] },
    message:
      "train: label is out of range at 0\n  expected  an integer, 0 ≤ label < 10\n  received  1.5\n  code      input-range",
  },
  {
    what: "NaN as label",
    args: { x: ROW, label: [Number.NaN] },
    message:
      "train: label is out of range at 0\n  expected  an integer, 0 ≤ label < 10\n  received  NaN\n  code      input-range",
  },
  {
    what: "a string",
    args: { x: "1,2,3,4", label: [1] },
    message: "train: x is not made of numbers\n  expected  f32 [B, 4]\n  received  string\n  code      input-type",
  },
  {
    what: "null",
    args: { x: null, label: [1] },
    message: "train: x is not made of numbers\n  expected  f32 [B, 4]\n  received  null\n  code      input-type",
  },
  {
    what: "a string among numbers",
    args: { x: [1, 2, "3", 4], label: [1] },
    message: "train: x is not made of numbers\n  expected  f32 [B, 4]\n  received  string at 2\n  code      input-type",
  },
  {
    what: "big integers",
    args: { x: ROW, label: BigInt64Array.of(1n) },
    message: "train: label is not made of numbers\n  expected  i32 [B]\n  received  object\n  code      input-type",
  },
  {
    what: "a number for a tensor",
    args: { x: 1, label: [1] },
    message: "train: x is not made of numbers\n  expected  f32 [B, 4]\n  received  number\n  code      input-type",
  },
  {
    what: "an object for a scalar",
    args: { x: ROW, label: [1], scale: {} },
    message: "train: scale is not made of numbers\n  expected  f32 []\n  received  object\n  code      input-type",
  },
];

describe("door", () => {
  test.each(WRONG)("$what: the message, and nothing is written", ({ args, message }) => {
    const { net, bytes } = toy();
    const before = bytes.slice();
    let error: unknown;
    try {
      net.train(args as never);
    } catch (e) {
      error = e;
    }
    expect((error as Error).name).toBe("GradcError");
    expect((error as Error).message).toBe(message);
    expect(message.endsWith((error as { code: string }).code)).toBe(true);
    expect(bytes).toEqual(before);
  });

  test("bool arrays hold 0 and 1", () => {
    expect(() => toy().net.predict({ x: ROW, mask: [2] })).toThrow("an integer, 0 ≤ mask < 2\n  received  2");
  });
});

describe("variables", () => {
  test("are copied out and in", () => {
    const { net } = toy();
    expect(net.variables.w.get()).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
    net.variables.w.set([6, 5, 4, 3, 2, 1]);
    const into = new Float64Array(6);
    expect(net.variables.w.get(into)).toBe(into);
    expect([...into]).toEqual([6, 5, 4, 3, 2, 1]);
    net.variables.steps.set(7);
    expect(net.variables.steps.get()).toEqual(Uint32Array.of(7));
  });

  test("are checked", () => {
    const { net } = toy();
    expect(() => net.variables.w.set([1])).toThrow(
      "variables: w has the wrong length\n  expected  f32 [2, 3]: 6\n  received  1",
    );
    expect(() => net.variables.w.get(new Float32Array(5))).toThrow("received  5");
    expect(() => net.variables.w.set("123456" as never)).toThrow("variables: w is not made of numbers");
    expect(() => net.variables.steps.set([-1])).toThrow("0 ≤ steps < 4294967296");
    expect(net.variables.w.get()).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
  });

  test("reset writes the seed", () => {
    const { net } = toy({ seed: 5 });
    expect(net.variables.w.get()[0]).toBe(5);
    net.reset(9);
    expect(net.variables.w.get()[0]).toBe(9);
    net.reset();
    expect(net.variables.w.get()[0]).toBe(5);
  });

  test("a program without initialisers cannot be reset", () => {
    const { seed: _, ...bare } = manifest;
    expect(() => createNet(bare, executable()).reset()).toThrow("toy holds no initialisers");
  });
});

test("a closed net refuses everything", () => {
  const { net } = toy();
  net[Symbol.dispose]();
  for (const use of [
    () => net.train({}),
    () => net.train.run(),
    () => net.save(),
    () => net.restore(new Uint8Array()),
    () => net.reset(),
    () => net.variables.w.get(),
    () => net.variables.w.set([]),
  ]) {
    expect(use).toThrow("toy is closed\n  code      closed");
  }
});

test("compile() may hand in the class of its errors", () => {
  class Mine extends Error {}
  const { net } = toy({ fail: (code, problem) => new Mine(`${code}: ${problem}`) });
  expect(() => net.train({})).toThrow(new Mine("missing-input: train: x is missing"));
});
