import type { Node } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import * as s from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import { invariant } from "../shared/errors.ts";
import { type Shape, sizeOf } from "../shared/shape.ts";
import { copyStmt, type Frame, type LateStmt, lowerRegion } from "./body.ts";
import { formOf } from "./reader.ts";
import { byteSize, Storage } from "./storage.ts";

/**
 * Lowers a scan to a plan loop. Carries are double-buffered: the body reads the old ones, writes the new ones, and the
 * places are swapped; sequences and stacks are read and written slice by slice where they lie.
 */
export function lowerScan(
  frame: Frame,
  node: Node,
  operands: readonly Storage[],
  outputs: readonly Storage[],
  statements: LateStmt[],
): void {
  const form = formOf(node);
  invariant(form.form === "scan", "not a loop");
  const { region, carries, sequences } = form;
  const counter = frame.fresh("t");
  const time = s.variable(counter);
  const whole: Storage[] = [...operands, ...outputs];

  // Two buffers per carry, named by places that swap.
  const carry = region.parameters.slice(0, carries).map((parameter, i) => {
    const buffers = ["old", "new"].map(role => new Storage(parameter.dtype, parameter.shape, `carry ${i} (${role})`));
    frame.scratch.push(...buffers);
    whole.push(...buffers);
    statements.push(copyStmt(frame, buffers[0], operands[i], parameter.shape));
    const names = [frame.fresh("p"), frame.fresh("q")];
    names.forEach((name, k) => {
      statements.push(() => ({ op: "place", name, value: buffers[k].placed() }));
    });
    const named = names.map((name, k) =>
      buffers[k].slice(parameter.dtype, parameter.shape, `carry ${i}`, () => s.variable(name)),
    );
    return { old: named[0], next: named[1], names, shape: parameter.shape };
  });

  const begin = frame.step++;
  const sliceOf = (storage: Storage, shape: Shape): Storage => {
    const bytes = byteSize(storage.dtype, s.dimExpr(sizeOf(shape)));
    const advance = (place: Expr): Expr => s.iadd(place, s.imul(time, bytes));
    return storage.slice(storage.dtype, shape, `slice of ${storage.label}`, advance);
  };
  const leaves = new Map<Tensor, Storage>();
  region.parameters.forEach((parameter, i) => {
    if (i < carries) leaves.set(parameter, carry[i].old);
    else if (i < carries + sequences) leaves.set(parameter, sliceOf(operands[i], parameter.shape));
    else leaves.set(parameter, operands[i]);
  });
  const targets = region.results.map((result, i) => (i < carries ? carry[i].next : sliceOf(outputs[i], result.shape)));

  const body = lowerRegion(frame, region.results, leaves, targets);
  for (const { names } of carry) body.push(() => ({ op: "swap", a: names[0], b: names[1] }));
  const end = frame.step++;
  for (const storage of whole) {
    storage.touch(begin);
    storage.touch(end);
  }
  const count = s.dimExpr(form.length);
  statements.push(() => ({
    op: "for",
    name: counter,
    count,
    ...(form.reverse ? { reverse: true } : {}),
    body: body.map(late => late()),
  }));
  carry.forEach(({ old, shape }, i) => {
    statements.push(copyStmt(frame, outputs[i], old, shape));
  });
}
