import { describe, expect, test } from "vitest";
import type { Attrs } from "../../src/graph/attrs.ts";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import { createNode } from "../../src/graph/node.ts";
import type { NdArray, Op } from "../../src/graph/op.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { isLowerable, type PointwiseForm, type ReductionForm } from "../../src/kinds/form.ts";
import * as s from "../../src/loop/build.ts";
import { compileKernel } from "../../src/loop/interpret.ts";
import type { BufferParam, Expr, Kernel, Stmt } from "../../src/loop/ir.ts";
import { CATALOGUE } from "../../src/ops/index.ts";
import { pageOf } from "../../src/ops/pages/index.ts";
import { type Dim, dim, dimSymbols, resolveDim } from "../../src/shared/dim.ts";
import { BYTES, type DType, viewOf } from "../../src/shared/dtype.ts";
import { resolveShape, type Shape, sizeOf } from "../../src/shared/shape.ts";
import { array, INSTANCES, type Instance, Random } from "./instances.ts";
import { applied, leaf } from "./support.ts";

/*
 * Two definitions of every op: its reference evaluation in plain numbers and its form in loop IR. Here each node becomes
 * one kernel by the most simple-minded lowering there is, and the interpreter's results are held against the reference.
 */

function flatIndex(index: readonly Expr[], shape: Shape): Expr {
  return index.reduce((flat, i, axis) => s.iadd(s.imul(flat, s.dimExpr(shape[axis])), i), s.int(0));
}

/** Loops over all indices of a shape around what `body` makes of them. */
function loops(shape: Shape, prefix: string, body: (index: Expr[]) => Stmt[]): Stmt[] {
  const names = shape.map((_, axis) => `${prefix}${axis}`);
  return shape.reduceRight(
    (inner, n, axis) => [s.forStmt(names[axis], s.int(0), s.dimExpr(n), inner)],
    body(names.map(name => s.variable(name))),
  );
}

const readerOf =
  (operands: readonly Tensor[]) =>
  (k: number, index: readonly Expr[]): Expr =>
    s.load(`in$${k}`, operands[k].dtype, flatIndex(index, operands[k].shape));

function pointwiseBody(form: PointwiseForm, operands: readonly Tensor[], outputs: readonly Tensor[]): Stmt[] {
  return outputs.flatMap((y, k) =>
    loops(y.shape, `i${k}_`, index => [
      s.store(`out$${k}`, flatIndex(index, y.shape), form.at(k, index, readerOf(operands))),
    ]),
  );
}

function reductionBody(form: ReductionForm, operands: readonly Tensor[], [y]: readonly Tensor[]): Stmt[] {
  const states = form.states.map((state, k) => s.variable(`s${k}`, state.dtype));
  return loops(y.shape, "i", index => [
    ...form.states.map((state, k) => s.varStmt(`s${k}`, s.literal(state.dtype, state.init))),
    ...loops(form.extents, "r", reduced => {
      const next = form.combine(states, form.element(index, reduced, readerOf(operands)));
      return [
        ...next.map((value, k) => s.letStmt(`n${k}`, value)),
        ...next.map((value, k) => s.assign(`s${k}`, s.variable(`n${k}`, value.dtype))),
      ];
    }),
    s.store("out$0", flatIndex(index, y.shape), form.finish(states)[0]),
  ]);
}

/** The results by the node's form, or undefined where the form is of another sort. */
function runForm(
  op: Op,
  x: readonly Tensor[],
  y: readonly Tensor[],
  data: readonly NdArray[],
  env: Record<string, number> = {},
): number[][] | undefined {
  if (!isLowerable(op)) return undefined;
  const form = op.form(y[0].node);
  if (form.form !== "pointwise" && form.form !== "reduction") return undefined;
  const body = form.form === "pointwise" ? pointwiseBody(form, x, y) : reductionBody(form, x, y);
  const param = (name: string, dtype: DType, access: BufferParam["access"]): BufferParam => ({ name, dtype, access });
  const buffers = [
    ...x.map((t, k) => param(`in$${k}`, t.dtype, "read")),
    ...y.map((t, k) => param(`out$${k}`, t.dtype, "write")),
  ];
  const sizes = [...x, ...y].map(t => resolveDim(sizeOf(t.shape), env));
  const symbols = dimSymbols([...x, ...y].flatMap(t => t.shape)).map(symbol => symbol.name);
  const kernel: Kernel = { name: op.name, buffers, extents: symbols, body };
  let bytes = 0;
  const places = buffers.map((b, i) => {
    const at = bytes;
    bytes += Math.ceil((BYTES[b.dtype] * sizes[i]) / 16) * 16;
    return at;
  });
  const memory = new ArrayBuffer(bytes + 16);
  const views = buffers.map((b, i) => viewOf(b.dtype, memory, places[i], sizes[i]));
  for (const [k, a] of data.entries()) views[k].set(a.data);
  compileKernel(kernel, memory)(
    places,
    symbols.map(name => env[name]),
  );
  return y.map((_, k) => Array.from(views[x.length + k]));
}

function expectSame(op: Op, actual: readonly number[][], expected: readonly NdArray[], tolerance: number): void {
  expected.forEach((e, k) => {
    Array.from(e.data).forEach((want, i) => {
      const got = actual[k][i];
      const close = Object.is(got, want) || got === want || Math.abs(got - want) <= tolerance * (1 + Math.abs(want));
      expect(close, `${op.name}: element ${i} of output ${k} is ${got} in loop IR, ${want} by reference`).toBe(true);
    });
  });
}

/** The same instance in f32. */
function narrowed({ operands, attrs }: Instance): Instance {
  const f32 = (a: NdArray): NdArray => (a.dtype === "f64" ? array("f32", a.shape, a.data) : a);
  const dtype = attrs.dtype === "f64" ? { dtype: "f32" } : {};
  const data = attrs.data instanceof Float64Array ? { data: Float32Array.from(attrs.data) } : {};
  return { operands: operands.map(f32), attrs: { ...attrs, ...dtype, ...data } };
}

describe.each(CATALOGUE.filter(op => op.kind !== "region").map(op => [op.name, op] as const))("%s", (name, op) => {
  test("its loop IR equals its reference on random instances, in f64 and f32", () => {
    for (let round = 0; round < 20; round++) {
      const instance = INSTANCES[name](new Random(round * 104729 + name.length));
      for (const [{ operands, attrs }, tolerance] of [
        [instance, 1e-13],
        [narrowed(instance), 3e-6],
      ] as const) {
        const { x, y } = applied(op, operands, attrs);
        const actual = runForm(op, x, y, operands);
        if (!actual) return;
        expectSame(op, actual, evaluateGraph(y, new Map(x.map((t, i) => [t, operands[i]]))), tolerance);
      }
    }
  });
});

const SPECIAL = [Number.NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -2.5, 1e-40, -1e-310, 3e38, -700, 88.5, 1e15];
const PERIODIC = new Set(["sin", "cos", "tan"]);

describe("special values", () => {
  const ops = CATALOGUE.filter(
    op => op.kind === "elementwise" && op.dtypes.includes("f64") && pageOf(op).attributes.length === 0,
  );
  test.each(ops.map(op => [op.name, op] as const))("%s: loop IR equals the reference", (_name, op) => {
    const [sample] = pageOf(op).samples;
    // sin, cos and tan are exact to a few ulp up to 10⁵; beyond they are only bounded.
    // Above 0 expNonPositive need not know of overflow.
    const covered = op.name === "expNonPositive" ? SPECIAL.filter(v => !(v > 0)) : SPECIAL;
    const special = PERIODIC.has(op.name) ? covered.filter(v => !(Math.abs(v) > 1e5 && Number.isFinite(v))) : covered;
    const count = sample.inputs.filter(a => a.dtype !== "bool").length;
    const pairs = special.flatMap(a => special.map(b => (count === 1 ? [a] : [a, b])));
    const rows = count === 1 ? special.map(a => [a]) : pairs;
    for (const dtype of ["f64", "f32"] as const) {
      const floats = Array.from({ length: count }, (_, k) =>
        array(
          dtype,
          [rows.length],
          rows.map(row => row[k]),
        ),
      );
      const condition = array(
        "bool",
        [rows.length],
        rows.map((_, i) => i % 2),
      );
      const data = sample.inputs[0].dtype === "bool" ? [condition, ...floats] : floats;
      const { x, y } = applied(op, data, {});
      const actual = runForm(op, x, y, data);
      if (!actual) throw new Error("not pointwise");
      const expected = evaluateGraph(y, new Map(x.map((t, i) => [t, data[i]])));
      expectSame(op, actual, expected, dtype === "f64" ? 1e-12 : 3e-6);
    }
  });
});

describe("symbolic sizes", () => {
  const B: Dim = dim("B", { max: 9 });
  const cases: readonly (readonly [string, readonly Shape[], Attrs])[] = [
    ["flip", [[B, 2]], { axes: [0] }],
    [
      "concat",
      [
        [B, 2],
        [3, 2],
        [B, 2],
      ],
      { axis: 0 },
    ],
    ["pad", [[B]], { low: [1], high: [2], interior: [1], value: 5 }],
    ["slice", [[B, 3]], { starts: [0, 1], sizes: [B, 2], steps: [1, 1] }],
    ["expand", [[2]], { shape: [B, 2], axes: [1] }],
    ["transpose", [[B, 3]], { perm: [1, 0] }],
    ["sum", [[B, 3]], { axes: [0] }],
    ["argmax", [[B, 3]], { axis: 0 }],
    ["iota", [], { dtype: "f64", shape: [B], axis: 0 }],
  ];
  test.each(cases)("%s", (name, shapes, attrs) => {
    const op = CATALOGUE.find(o => o.name === name);
    if (!op) throw new Error(name);
    const x = shapes.map(shape => leaf({ dtype: "f64", shape }));
    const { outputs: y } = createNode(op, x, attrs);
    for (const value of [1, 4, 9]) {
      const env = { B: value };
      const r = new Random(value);
      const data = x.map(t => {
        const shape = resolveShape(t.shape, env);
        const length = shape.reduce((p, n) => p * n, 1);
        return array(
          "f64",
          shape,
          Array.from({ length }, () => r.next()),
        );
      });
      const actual = runForm(op, x, y, data, env);
      if (!actual) throw new Error("another form");
      expectSame(op, actual, evaluateGraph(y, new Map(x.map((t, i) => [t, data[i]])), env), 1e-13);
    }
  });
});
