import type { Tensor } from "../graph/tensor.ts";
import { printNumber } from "../graph/text-attrs.ts";
import { SymbolicDim } from "../shared/dim.ts";
import type { TypedArray } from "../shared/dtype.ts";

/** How a value that is used is called; undefined: it is written out. */
export type Call = (value: Tensor) => string | undefined;

const INFIX: Readonly<Record<string, string | undefined>> = {
  add: "+",
  sub: "−",
  mul: "·",
  div: "/",
  eq: "=",
  ne: "≠",
  lt: "<",
  le: "≤",
  gt: ">",
  ge: "≥",
  and: "∧",
  or: "∨",
};

/** Written out no deeper than this: expressions are for reading. */
const DEPTH = 5;

/** The number that fills a value, where it is one constant repeated. */
export function constantOf(value: Tensor): string | undefined {
  let { node } = value;
  while (node.operands.length === 1 && (node.op.name === "expand" || node.op.name === "reshape")) {
    node = node.operands[0].node;
  }
  const data = node.operands.length === 0 ? (node.attrs.data as TypedArray | undefined) : undefined;
  return data !== undefined && ArrayBuffer.isView(data) && data.length === 1 ? shortest(data) : undefined;
}

/** The fewest digits that name the element: 0.01 for the f32 nearest to it. */
function shortest(data: TypedArray): string {
  const [n] = data;
  if (!(data instanceof Float32Array) || Number.isInteger(n) || !Number.isFinite(n)) return printNumber(n);
  for (let digits = 1; digits < 9; digits++) {
    const text = n.toPrecision(digits);
    if (Math.fround(Number(text)) === n) return String(Number(text));
  }
  return printNumber(n);
}

/** A value as mathematics: `relu(a)`, `g2 · (p − q)`, `matmul(xᵀ, g4)`. */
export function notation(value: Tensor, call: Call, depth = DEPTH): string {
  const { node } = value;
  const { op, operands } = node;
  const constant = constantOf(value);
  if (constant !== undefined) return constant;
  const inner = (x: Tensor): string => call(x) ?? (depth === 0 ? "…" : notation(x, call, depth - 1));
  // Operators inside operators stand in parentheses.
  const factor = (x: Tensor): string => {
    const text = inner(x);
    const open = call(x) === undefined && constantOf(x) === undefined && INFIX[x.node.op.name] !== undefined;
    return open ? `(${text})` : text;
  };
  const infix = INFIX[op.name];
  if (infix !== undefined && operands.length === 2) {
    // Broadcasting is left to the reader, as mathematics does.
    const [x, y] = operands.map(o => factor(unexpanded(o, call)));
    return `${x} ${infix} ${y}`;
  }
  if (op.name === "neg") return `−${factor(operands[0])}`;
  if (op.name === "transpose" && value.rank === 2) return `${factor(operands[0])}ᵀ`;
  if (op.name === "contract") return product(value, factor, inner);
  if (op.name === "where") return `where(${operands.map(o => inner(unexpanded(o, call))).join(", ")})`;
  if (operands.length === 0 && node.attrs.size instanceof SymbolicDim) return String(node.attrs.size);
  const output = node.outputs.length > 1 ? `.${value.index}` : "";
  return `${op.name}(${operands.map(inner).join(", ")})${output}`;
}

/** What an unnamed expand repeats. */
function unexpanded(value: Tensor, call: Call): Tensor {
  let current = value;
  while (current.node.op.name === "expand" && call(current) === undefined) [current] = current.node.operands;
  return current;
}

/** Matrix products under their usual name, everything else as einsum. */
function product(value: Tensor, factor: (x: Tensor) => string, inner: (x: Tensor) => string): string {
  const { operands, attrs } = value.node;
  const [left, right, out] = [attrs.left, attrs.right, attrs.out].map(String);
  const summed = [...left].filter(letter => right.includes(letter) && !out.includes(letter));
  const [x, y] = operands;
  if (left.length === 1 && left === right && out === "") return `dot(${inner(x)}, ${inner(y)})`;
  if (left.length === 2 && right.length === 2 && out.length === 2 && summed.length === 1) {
    const [k] = summed;
    const row = (letters: string, t: Tensor): string => (letters[1] === k ? inner(t) : `${factor(t)}ᵀ`);
    const column = (letters: string, t: Tensor): string => (letters[0] === k ? inner(t) : `${factor(t)}ᵀ`);
    if (left.includes(out[0]) && right.includes(out[1])) return `matmul(${row(left, x)}, ${column(right, y)})`;
    if (right.includes(out[0]) && left.includes(out[1])) return `matmul(${row(right, y)}, ${column(left, x)})`;
  }
  return `einsum("${left},${right}->${out}", ${inner(x)}, ${inner(y)})`;
}
