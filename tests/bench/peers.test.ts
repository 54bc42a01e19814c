import { describe, expect, it } from "vitest";
import { OnnxGraph } from "../../bench/peers/onnx-graph.ts";
import { Layout, permute } from "../../bench/peers/ops.ts";
import { encode, Float } from "../../bench/peers/protobuf.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("protocol buffers", () => {
  // The first three are the examples of the encoding's documentation.
  it.each([
    [{ 1: 150 }, "089601"],
    [{ 2: "testing" }, "120774657374696e67"],
    [{ 3: { 1: 150 } }, "1a03089601"],
    [{ 1: -2 }, "08feffffffffffffffff01"],
    [{ 2: new Float(1) }, "150000803f"],
    [{ 4: ["a", "b"], 5: Uint8Array.of(7) }, "2201612201622a0107"],
  ])("%j", (message, bytes) => {
    expect(hex(encode(message))).toBe(bytes);
  });

  it("holds the operators of a graph in their order", () => {
    const graph = new OnnxGraph();
    const x = { name: "x" };
    const y = graph.node("Relu", [graph.node("Abs", [x])]);
    const text = Buffer.from(graph.model({ x: [2] }, y)).toString("latin1");
    expect(text.indexOf("Abs")).toBeGreaterThan(0);
    expect(text.indexOf("Relu")).toBeGreaterThan(text.indexOf("Abs"));
  });
});

describe("layouts of peers", () => {
  const last = { layout: "channelsLast" } as const;
  const first = { layout: "channelsFirst" } as const;
  const model = { model: () => never(), shapes: { x: [1, 2, 2, 3] }, flattened: { w: [2, 2, 3] as const } };
  const image = Float32Array.from({ length: 12 }, (_, i) => i);

  it("moves axes", () => {
    const { values, shape } = permute({ values: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] }, [1, 0]);
    expect([...values]).toEqual([1, 4, 2, 5, 3, 6]);
    expect(shape).toEqual([3, 2]);
  });

  it("keeps the product of a flattened image with its weights", () => {
    const w = { values: Float32Array.from({ length: 24 }, (_, i) => Math.cos(i)), shape: [12, 2] };
    const [a, b] = [last, first].map(ops => {
      const layout = new Layout(model, ops);
      const x = layout.inputs({ x: image }).x.values;
      const { values: rows } = layout.weight("w", w);
      return [0, 1].map(column => Array.from(x).reduce((sum, v, i) => sum + v * rows[2 * i + column], 0));
    });
    expect(b[0]).toBeCloseTo(a[0], 4);
    expect(b[1]).toBeCloseTo(a[1], 4);
    expect([...new Layout(model, first).inputs({ x: image }).x.values]).not.toEqual([...image]);
  });

  it("gives images back with channels last", () => {
    const layout = new Layout({ ...model, image: [1, 2, 2, 3] }, first);
    expect(layout.output(Float32Array.from(layout.inputs({ x: image }).x.values))).toEqual(image);
  });
});

function never(): never {
  throw new Error("not called");
}
