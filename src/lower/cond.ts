import type { Node, Region } from "../graph/node.ts";
import { invariant } from "../shared/errors.ts";
import { type Frame, type LateStmt, lowerRegion } from "./body.ts";
import { formOf } from "./reader.ts";
import type { Storage } from "./storage.ts";

/** Lowers a choice to a plan `if`: both bodies write the outputs where they lie. */
export function lowerCond(
  frame: Frame,
  node: Node,
  operands: readonly Storage[],
  outputs: readonly Storage[],
  statements: LateStmt[],
): void {
  const form = formOf(node);
  invariant(form.form === "cond", "not a choice");
  const [condition, ...captures] = operands;
  const begin = frame.step++;
  for (const storage of [...operands, ...outputs]) storage.touch(begin);
  const lower = (region: Region): LateStmt[] =>
    lowerRegion(frame, region.results, new Map(region.parameters.map((p, i) => [p, captures[i]])), () => outputs);
  const { flops, bytesMoved } = frame;
  const then = lower(form.then);
  const first = { flops: frame.flops, bytesMoved: frame.bytesMoved };
  Object.assign(frame, { flops, bytesMoved });
  const otherwise = lower(form.otherwise);
  // Reports count the body that does more.
  frame.flops = Math.max(frame.flops, first.flops);
  frame.bytesMoved = Math.max(frame.bytesMoved, first.bytesMoved);
  const end = frame.step++;
  for (const storage of [...operands, ...outputs]) storage.touch(end);
  statements.push(() => ({
    op: "if",
    condition: condition.placed(),
    then: then.map(late => late()),
    otherwise: otherwise.map(late => late()),
  }));
}
