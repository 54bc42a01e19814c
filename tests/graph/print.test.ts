import { describe, expect, it } from "vitest";
import type { Attrs } from "../../src/graph/attrs.ts";
import { attrKey } from "../../src/graph/attrs.ts";
import { inputOp, regionParameter } from "../../src/graph/leaves.ts";
import { createNode } from "../../src/graph/node.ts";
import type { Op } from "../../src/graph/op.ts";
import { type OpTable, parseGraph } from "../../src/graph/parse.ts";
import { printGraph } from "../../src/graph/print.ts";
import { named, scope } from "../../src/graph/provenance.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import { dim } from "../../src/shared/dim.ts";
import type { TensorType } from "../../src/shared/shape.ts";

/** An op whose types follow from its operands: enough to test texts without a catalogue. */
function plainOp(name: string, types: (operands: readonly TensorType[], attrs: Attrs) => readonly TensorType[]): Op {
  return {
    name,
    kind: "test",
    nominal: false,
    commutative: false,
    derivative: null,
    operands: [],
    dtypes: [],
    inferTypes: types,
    evaluate: () => [],
  };
}

const same = plainOp("same", ([x]) => [{ dtype: x.dtype, shape: x.shape }]);
const pair = plainOp("pair", ([x]) => [
  { dtype: x.dtype, shape: x.shape },
  { dtype: "i32", shape: [] },
]);
const source = plainOp("source", () => [{ dtype: "f32", shape: [2] }]);
const loop = plainOp("loop", ([x]) => [{ dtype: x.dtype, shape: x.shape }]);
const OPS: OpTable = new Map([same, pair, source, loop].map(op => [op.name, op]));

const B = dim("B", { max: 64 });
const input = (name: string, shape: TensorType["shape"]) =>
  createNode(inputOp, [], { name, dtype: "f32", shape }).outputs[0];

/** A NaN whose bits are not the usual ones. */
function oddNaN(): Float32Array {
  const data = new Float32Array([NaN, NaN, -0, 1 / 3]);
  new DataView(data.buffer).setUint32(4, 0xffc12345, true);
  return data;
}

const ATTRS: Attrs = {
  numbers: [1, -0, NaN, Infinity, -Infinity, 1e-300, 0.1],
  text: 'a "quoted" # line\n\u2028',
  flags: [true, false, null, undefined],
  size: B,
  more: { "odd key": { deep: [[]] }, __proto__x: 1 },
  f32: oddNaN(),
  f64: new Float64Array([NaN, -0, 0.1, 5e-324]),
  i32: new Int32Array([-(2 ** 31), 2 ** 31 - 1]),
  u32: new Uint32Array([2 ** 32 - 1]),
  bool: new Uint8Array([0, 1]),
};

describe("text graphs", () => {
  const x = input("x", [B, 3]);
  const a = scope("encoder", () => named("h", createNode(same, [x], ATTRS).outputs[0]));
  const many = createNode(pair, [a], {});

  it("prints in topological order, with names as comments", () => {
    const text = printGraph([createNode(same, [many.outputs[1]], { k: 1 }).outputs[0], x]);
    const lines = text.split("\n");
    expect(lines.slice(0, 3)).toEqual([
      "gradc graph 1",
      "dim B <= 64",
      '%0 = input() {name: "x", dtype: "f32", shape: [<B>, 3]} : f32 [B, 3]',
    ]);
    expect(lines[3]).toMatch(/^%1 = same\(%0\) \{numbers: \[1, -0, NaN, Infinity.* # h in encoder$/);
    expect(lines.slice(4)).toEqual([
      "%2, %3 = pair(%1) : f32 [B, 3], i32 []",
      "%4 = same(%3) {k: 1} : i32 []",
      "return %4, %0",
      "",
    ]);
  });

  it("reads back exactly, attributes bit for bit", () => {
    const text = printGraph([many.outputs[1]]);
    const [root] = parseGraph(text, OPS);
    expect(root.index).toBe(1);
    expect(printGraph([root]).replaceAll(/ #.*/g, "")).toBe(text.replaceAll(/ #.*/g, ""));
    expect(attrKey(root.node.operands[0].node.attrs)).toBe(attrKey(ATTRS));
    verifyGraph([root]);
  });

  it("reads regions back, sources inside standing again", () => {
    const shared = createNode(source, [], {}).outputs[0];
    const p = regionParameter({ dtype: "f32", shape: [2] }, "p");
    const q = regionParameter({ dtype: "f32", shape: [2] }, "unused");
    const inner = createNode(loop, [p], {}, [{ parameters: [], results: [shared] }]).outputs[0];
    const region = { parameters: [p, q], results: [inner, shared, p] };
    const root = createNode(loop, [shared], {}, [region]).outputs[0];
    const text = printGraph([root]);
    const [again] = parseGraph(text, OPS);
    expect(printGraph([again])).toBe(text);
    expect(again.node.regions[0].parameters).toHaveLength(2);
    verifyGraph([again]);
  });
});

describe("malformed text graphs", () => {
  const head = "gradc graph 1\n";
  const cases: [name: string, text: string, code: string, message: RegExp][] = [
    ["no header", "%0 = x()", "parse", /gradc graph 1/],
    ["another version", "gradc graph 2\nreturn", "parse", /line 1, column 1/],
    ["an unknown op", `${head}%0 = conv9d() : f32 []\nreturn %0`, "unknown-op", /no operation conv9d/],
    ["a value that is not there", `${head}%0 = same(%7) : f32 []\nreturn`, "parse", /line 2, column 11/],
    ["a wrong type", `${head}%0 = source() : f32 [3]\nreturn %0`, "parse", /f32 \[2\]/],
    ["a number taken", `${head}%0 = source() : f32 [2]\n%0 = source() : f32 [2]\nreturn`, "parse", /line 3/],
    ["a truncated attribute", `${head}%0 = source() {a: [1, 2`, "parse", /the end of the text/],
    ["deep nesting", `${head}%0 = source() {a: ${"[".repeat(5000)}`, "parse", /nesting/],
    ["an unknown dimension", `${head}%0 = source() : f32 [Q]\nreturn`, "parse", /declared dimensions/],
    ["a number that does not fit", `${head}%0 = source() {a: u32[-1]} : f32 [2]`, "parse", /u32/],
    ["a leaf without a type", `${head}%0 = input() {name: "x"} : f32 []\nreturn`, "parse", /input/],
    ["a leaf of a strange type", `${head}%0 = input() {dtype: "f8", shape: {}} : f32 []`, "parse", /input/],
    ["something after the end", `${head}return\n%0`, "parse", /value|end/],
    ["a bound that is none", `${head}dim B <= 0\nreturn`, "dimension", /bound/],
    ["a bad string", `${head}%0 = source() {a: "\\x"} : f32 [2]`, "parse", /JSON/],
  ];
  it.each(cases)("%s", (_name, text, code, message) => {
    const fail = () => parseGraph(text, OPS);
    expect(fail).toThrow(message);
    expect(fail).toThrow(expect.objectContaining({ code }));
  });
});
