import { attrKey } from "../graph/attrs.ts";
import type { Tensor } from "../graph/tensor.ts";
import * as s from "../loop/build.ts";
import { sizeOf } from "../shared/shape.ts";
import { callKernel, type Frame, type LateStmt } from "./body.ts";
import { KernelBuilder } from "./kernel-builder.ts";
import { formOf, literalOf } from "./reader.ts";
import type { Storage } from "./storage.ts";

/** The number that every element of a value is, where that is known; an expand of a literal, say. */
export function fillOf(value: Tensor): s.Literal | undefined {
  const literal = literalOf(value);
  if (literal) return literal;
  const { node } = value;
  if (node.op.nominal) return undefined;
  const form = formOf(node);
  if (form.form === "alias") return fillOf(node.operands[0]);
  if (form.form !== "pointwise" || form.cost > 0) return undefined;
  const index = value.shape.map((_, axis) => s.variable(`probe${axis}`));
  const element = form.at(
    value.index,
    index,
    operand => fillOf(node.operands[operand]) ?? s.variable("unknown", node.operands[operand].dtype),
  );
  return s.isConst(element) ? element : undefined;
}

/** A kernel call that sets all elements of a storage. */
export function fillStmt(frame: Frame, to: Storage, value: Tensor, element: s.Literal): LateStmt {
  const size = sizeOf(value.shape);
  const key = `${frame.name} ${to.dtype}${attrKey(size)}=${attrKey(element.value)}`;
  const kernel = frame.program.fill(key, () => {
    const builder = new KernelBuilder();
    if (size === 1) builder.store(to, s.int(0), element);
    else builder.loop("i", s.int(0), s.dimExpr(size), i => builder.store(to, i, element), { parallel: true });
    return builder.finish(`${frame.name}_fill`).kernel;
  });
  return callKernel(frame, kernel, [to], [value]);
}
