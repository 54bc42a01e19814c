import type { Node, Region } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import { stopsEarly } from "../kinds/form.ts";
import * as s from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import { dimMax } from "../shared/dim.ts";
import type { DType } from "../shared/dtype.ts";
import { invariant, present } from "../shared/errors.ts";
import { type Shape, sizeOf } from "../shared/shape.ts";
import { copyStmt, type Frame, type LateStmt, lowerRegion, repeated } from "./body.ts";
import { fillStmt } from "./fill.ts";
import { formOf } from "./reader.ts";
import { byteSize, Storage } from "./storage.ts";

/**
 * Lowers a scan to a plan loop. Carries are double-buffered: the body reads the old ones, writes the new ones, and the
 * places are swapped; sequences and stacks are read and written slice by slice where they lie. A condition is computed
 * before the loop and at the end of every round.
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
  const { region, carries, sequences, condition } = form;
  const counter = frame.fresh("t");
  const time = s.variable(counter);
  const whole: Storage[] = [...operands, ...outputs];
  const scratch = (dtype: DType, shape: Shape, label: string): Storage => {
    const storage = new Storage(dtype, shape, label);
    frame.scratch.push(storage);
    whole.push(storage);
    return storage;
  };

  // Two buffers per carry, named by places that swap.
  const carry = region.parameters.slice(0, carries).map((parameter, i) => {
    const buffers = ["old", "new"].map(role => scratch(parameter.dtype, parameter.shape, `carry ${i} (${role})`));
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
  if (stopsEarly(form)) {
    for (const [k, stack] of node.outputs.entries()) {
      if (k >= carries) statements.push(fillStmt(frame, outputs[k], stack, s.literal(stack.dtype, 0)));
    }
  }

  const sliceOf = (storage: Storage, shape: Shape): Storage => {
    const bytes = byteSize(storage.dtype, s.dimExpr(sizeOf(shape)));
    const advance = (place: Expr): Expr => s.iadd(place, s.imul(time, bytes));
    return storage.slice(storage.dtype, shape, `slice of ${storage.label}`, advance);
  };
  const given = (parameter: Tensor, i: number): Storage => {
    if (i < carries) return carry[i].old;
    return i < carries + sequences ? sliceOf(operands[i], parameter.shape) : operands[i];
  };
  const leavesOf = ({ parameters }: Region): Map<Tensor, Storage> =>
    new Map(parameters.map((p, i) => [p, given(p, i)]));
  const goesOn = condition && scratch("bool", [], "goes on");
  // Lowered for each place where it stands: names are defined once.
  const ask = (): LateStmt[] =>
    condition && goesOn ? lowerRegion(frame, condition.results, leavesOf(condition), [goesOn]) : [];
  statements.push(...ask());

  const begin = frame.step++;
  const targets = region.results.map((result, i) => (i < carries ? carry[i].next : sliceOf(outputs[i], result.shape)));
  const rounds = form.length === undefined ? 1 : dimMax(form.length);
  const body = repeated(frame, rounds, () => lowerRegion(frame, region.results, leavesOf(region), targets));
  for (const { names } of carry) body.push(() => ({ op: "swap", a: names[0], b: names[1] }));
  body.push(...repeated(frame, rounds, ask));
  const end = frame.step++;
  for (const storage of whole) {
    storage.touch(begin);
    storage.touch(end);
  }

  const count = form.length === undefined ? undefined : s.dimExpr(form.length);
  const steps = form.steps === undefined ? undefined : operands[form.steps];
  statements.push(() => {
    const round = body.map(late => late());
    if (goesOn && !count) return { op: "while", condition: goesOn.placed(), body: round };
    return {
      op: "for",
      name: counter,
      count: present(count, "a loop without an end"),
      ...(form.reverse ? { reverse: true } : {}),
      ...(steps ? { atMost: steps.placed() } : {}),
      ...(goesOn ? { goesOn: goesOn.placed() } : {}),
      body: round,
    };
  });
  carry.forEach(({ old, shape }, i) => {
    statements.push(copyStmt(frame, outputs[i], old, shape));
  });
}
