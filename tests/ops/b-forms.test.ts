import { describe, expect, it } from "vitest";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import { createNode, type Node } from "../../src/graph/node.ts";
import type { NdArray } from "../../src/graph/op.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { type ContractionForm, isLowerable, type PointwiseForm, type ProcedureForm } from "../../src/kinds/form.ts";
import * as s from "../../src/loop/build.ts";
import { compileKernel } from "../../src/loop/interpret.ts";
import type { Access, Expr, Kernel, Stmt } from "../../src/loop/ir.ts";
import { verifyKernel } from "../../src/loop/verify.ts";
import { OPS } from "../../src/ops/index.ts";
import { pageOf } from "../../src/ops/pages/index.ts";
import { BYTES, type DType, viewOf } from "../../src/shared/dtype.ts";
import { present } from "../../src/shared/errors.ts";
import { resolveShape, stridesOf } from "../../src/shared/shape.ts";
import { input } from "./b-support.ts";
import { INSTANCES, Random } from "./instances.ts";

const fresher = () => {
  let count = 0;
  return (hint: string): string => `${hint}_${count++}`;
};

const indexOf = (x: Tensor, index: readonly Expr[]): Expr => {
  const strides = stridesOf(x.shape);
  return index.reduce((at, i, axis) => s.iadd(at, s.imul(i, s.dimExpr(strides[axis]))), s.int(0));
};

/** The kernel that a node's form describes, without any fusion. */
function kernelOf(node: Node): Stmt[] {
  if (!isLowerable(node.op)) throw new Error(`${node.op.name} has no form`);
  const form = node.op.form(node);
  const fresh = fresher();
  if (form.form === "procedure") return [...(form satisfies ProcedureForm).build(fresh)];
  const [out] = node.outputs;
  const names = out.shape.map(() => fresh("i"));
  const index = names.map(n => s.variable(n));
  const read = (k: number, at: readonly Expr[]): Expr =>
    s.load(`in$${k}`, node.operands[k].dtype, indexOf(node.operands[k], at));
  const nest = (body: readonly Stmt[]): Stmt[] =>
    names.reduceRight<Stmt[]>(
      (inner, n, axis) => [s.forStmt(n, s.int(0), s.dimExpr(out.shape[axis]), inner)],
      [...body],
    );
  if (form.form === "pointwise") {
    return nest([s.store("out$0", indexOf(out, index), (form satisfies PointwiseForm).at(0, index, read))]);
  }
  if (form.form !== "contraction") throw new Error(`no loops for ${form.form}`);
  const { extents, left, right, out: letters } = form satisfies ContractionForm;
  const at = new Map(letters.map((letter, axis) => [letter, index[axis]]));
  const inner = Object.keys(extents).filter(letter => !at.has(letter));
  for (const letter of inner) at.set(letter, s.variable(fresh(letter)));
  const place = (maps: typeof left): Expr[] => maps.map(m => present(at.get(m.terms[0].letter)));
  const total = fresh("total");
  const term = s.mul(read(0, place(left)), read(1, place(right)));
  const sums = inner.reduce<Stmt[]>(
    (body, letter) => [
      s.forStmt((at.get(letter) as Extract<Expr, { op: "var" }>).name, s.int(0), s.dimExpr(extents[letter]), body),
    ],
    [s.assign(total, s.add(s.variable(total, out.dtype), term))],
  );
  return nest([
    s.varStmt(total, s.literal(out.dtype, 0)),
    ...sums,
    s.store("out$0", indexOf(out, index), s.variable(total, out.dtype)),
  ]);
}

/** Runs the kernel on one memory that starts filled with rubbish. */
function runForm(node: Node, inputs: readonly NdArray[]): number[][] {
  const buffers = [
    ...node.operands.map((o, k) => ({ name: `in$${k}`, dtype: o.dtype, access: "read" as Access, shape: o.shape })),
    ...node.outputs.map((o, k) => ({
      name: `out$${k}`,
      dtype: o.dtype,
      access: "readwrite" as Access,
      shape: o.shape,
    })),
  ];
  const kernel: Kernel = {
    name: node.op.name,
    buffers: buffers.map(({ name, dtype, access }) => ({ name, dtype, access })),
    extents: [],
    body: kernelOf(node),
  };
  verifyKernel(kernel);
  let bytes = 0;
  const places = buffers.map(({ dtype, shape }) => {
    const place = bytes;
    const length = resolveShape(shape, {}).reduce((p, n) => p * n, 1) * BYTES[dtype];
    bytes += Math.ceil(length / 8) * 8;
    return { place, dtype, length: length / BYTES[dtype] };
  });
  const memory = new ArrayBuffer(bytes);
  new Uint8Array(memory).fill(77);
  inputs.forEach((x, k) => {
    viewOf(x.dtype as DType, memory, places[k].place, places[k].length).set(x.data);
  });
  compileKernel(kernel, memory)(
    places.map(p => p.place),
    [],
  );
  return places.slice(inputs.length).map(p => Array.from(viewOf(p.dtype, memory, p.place, p.length)));
}

const NAMES = [
  ...["contract", "cumsum", "gather", "gatherAlong", "scatterAdd", "scatterAddAlong", "oneHot", "topK"],
  ...["cholesky", "triangularSolve", "lu"],
] as const;

describe.each(NAMES)("%s: what lowering gets is what evaluation computes", name => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])("instance %i", seed => {
    const { operands, attrs } = INSTANCES[name](new Random(seed));
    const inputs = operands.map((o, k) => input(`x${k}`, o.shape, o.dtype));
    const node = createNode(present(OPS.get(name)), inputs, attrs);
    const expected = evaluateGraph(node.outputs, new Map(inputs.map((x, k) => [x, operands[k]])));
    runForm(node, operands).forEach((actual, k) => {
      expect(actual).toHaveLength(expected[k].data.length);
      actual.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[k].data[i], 12);
      });
    });
  });

  it("samples, out of range and not a number included", () => {
    for (const sample of pageOf(present(OPS.get(name))).samples) {
      const inputs = sample.inputs.map(({ dtype, shape }, k) => input(`x${k}`, shape, dtype ?? "f32"));
      const arrays = sample.inputs.map(({ dtype = "f32", shape, data }) => {
        const values = viewOf(dtype, new ArrayBuffer(data.length * BYTES[dtype]), 0, data.length);
        values.set(data);
        return { dtype, shape, data: values };
      });
      const node = createNode(present(OPS.get(name)), inputs, sample.attrs);
      runForm(node, arrays).forEach((actual, k) => {
        expect(actual).toEqual([...sample.outputs[k].data]);
      });
    }
  });
});
