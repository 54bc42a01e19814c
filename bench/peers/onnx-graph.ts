import type { HostTensor, Ops, Value } from "./ops.ts";
import { encode, Float, type Message } from "./protobuf.ts";

/** The name of a value in an ONNX graph. */
export interface Name {
  readonly name: string;
}

type Attribute = number | string | readonly number[];

const FLOAT = 1;
const INT64 = 7;
/** Numbers of the ONNX schema (onnx.proto3): which operators there are, and the format of the file. */
const OPERATOR_SET = 17;
const FORMAT = 8;

/** Operations on images, as everywhere in ONNX: channels first. Those that inference does not need are not there. */
export class OnnxGraph {
  readonly #nodes: Message[] = [];
  readonly #initialisers: Message[] = [];
  #names = 0;

  /** Weights, or a constant. */
  initialiser({
    values,
    shape,
  }: HostTensor | { readonly values: BigInt64Array; readonly shape: readonly number[] }): Name {
    const name = `c${this.#names++}`;
    const type = values instanceof BigInt64Array ? INT64 : FLOAT;
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#initialisers.push({ 1: [...shape], 2: type, 8: name, 9: raw });
    return { name };
  }

  node(op: string, inputs: readonly Name[], attributes: Readonly<Record<string, Attribute>> = {}): Name {
    const name = `v${this.#names++}`;
    this.#nodes.push({
      1: inputs.map(i => i.name),
      2: name,
      4: op,
      5: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    });
    return { name };
  }

  /** The bytes of a model with one output. */
  model(inputs: Readonly<Record<string, readonly number[]>>, output: Name): Uint8Array {
    const type = (shape: readonly number[]): Message => ({
      1: { 1: FLOAT, 2: { 1: shape.map(size => ({ 1: size })) } },
    });
    const anyShape: Message = { 1: { 1: FLOAT } };
    const graph: Message = {
      1: this.#nodes,
      2: "graph",
      5: this.#initialisers,
      11: Object.entries(inputs).map(([name, shape]) => ({ 1: name, 2: type(shape) })),
      12: { 1: output.name, 2: anyShape },
    };
    return encode({ 1: FORMAT, 7: graph, 8: { 1: "", 2: OPERATOR_SET } });
  }
}

function attribute(name: string, value: Attribute): Message {
  if (typeof value === "string") return { 1: name, 4: value, 20: 3 };
  if (typeof value === "number")
    return Number.isInteger(value) ? { 1: name, 3: value, 20: 2 } : { 1: name, 2: new Float(value), 20: 1 };
  return { 1: name, 8: [...value], 20: 7 };
}

function untrained(what: string): never {
  throw new Error(`this peer only infers: no ${what}`);
}

/** Writes operations into a graph. */
export function onnxOps(graph: OnnxGraph): Ops<Name> {
  const operand = (x: Value<Name>): Name =>
    typeof x === "number" ? graph.initialiser({ values: Float32Array.of(x), shape: [] }) : x;
  const unary = (op: string) => (x: Name) => graph.node(op, [x]);
  const binary = (op: string) => (x: Value<Name>, y: Value<Name>) => graph.node(op, [operand(x), operand(y)]);
  const reshape = (x: Name, shape: readonly number[]): Name =>
    graph.node("Reshape", [x, graph.initialiser({ values: BigInt64Array.from(shape, BigInt), shape: [shape.length] })]);
  const activations = { relu: "Relu", sigmoid: "Sigmoid" };
  return {
    layout: "channelsFirst",
    add: binary("Add"),
    sub: binary("Sub"),
    mul: binary("Mul"),
    div: binary("Div"),
    maximum: binary("Max"),
    abs: unary("Abs"),
    sqrt: unary("Sqrt"),
    exp: unary("Exp"),
    relu: unary("Relu"),
    sigmoid: unary("Sigmoid"),
    tanh: unary("Tanh"),
    softplus: unary("Softplus"),
    softmax: x => graph.node("Softmax", [x], { axis: -1 }),
    matmul: (x, y, transposed) => {
      if (!transposed) return graph.node("MatMul", [x, y]);
      return graph.node("Gemm", [x, y], transposed === "left" ? { transA: 1 } : { transB: 1 });
    },
    dense: (x, w, b, activation) => {
      const y = graph.node("Gemm", [x, w, b]);
      return activation ? graph.node(activations[activation], [y]) : y;
    },
    conv: (x, w, { strides, padding }) =>
      graph.node("Conv", [x, w], {
        strides: [strides, strides],
        auto_pad: padding === "same" ? "SAME_UPPER" : "VALID",
      }),
    maxPool: x => graph.node("MaxPool", [x], { kernel_shape: [2, 2], strides: [2, 2] }),
    perChannel: x => reshape(x, [-1, 1, 1]),
    reshape,
    transpose: (x, order) => graph.node("Transpose", [x], { perm: order }),
    gelu: () => untrained("gelu"),
    square: () => untrained("square"),
    rsqrt: () => untrained("rsqrt"),
    zeros: () => untrained("zeros"),
    split: () => untrained("split"),
    concat: () => untrained("concat"),
    rows: () => untrained("rows"),
    sum: () => untrained("sum"),
    mean: () => untrained("mean"),
    crossEntropy: () => untrained("loss"),
  };
}
