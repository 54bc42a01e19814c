import type { Node, Region } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import { stopsEarly } from "../kinds/form.ts";
import * as s from "../loop/build.ts";
import { dimMax } from "../shared/dim.ts";
import { invariant, present } from "../shared/errors.ts";
import { sizeOf } from "../shared/shape.ts";
import { type Frame, type LateStmt, lowerRegion, repeated } from "./body.ts";
import { type Carry, carriesOf, type LoopFrame } from "./carries.ts";
import { fillStmt } from "./fill.ts";
import { formOf } from "./reader.ts";
import { byteSize, Storage } from "./storage.ts";

/**
 * Lowers a scan to a plan loop: carries as told in carries.ts; sequences and stacks are read and written slice by slice
 * where they lie. A condition is computed before the loop and at the end of every round.
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
  const whole: Storage[] = [...operands, ...outputs];
  const loop: LoopFrame = {
    frame,
    time: s.variable(counter),
    scratch: (dtype, shape, label) => {
      const storage = new Storage(dtype, shape, label);
      frame.scratch.push(storage);
      whole.push(storage);
      return storage;
    },
    row: (storage, shape, at) => {
      const bytes = byteSize(storage.dtype, s.dimExpr(sizeOf(shape)));
      return storage.slice(storage.dtype, shape, `slice of ${storage.label}`, place =>
        s.iadd(place, s.imul(at, bytes)),
      );
    },
  };
  const carry: readonly Carry[] = carriesOf(loop, form, operands, outputs);
  for (const c of carry) statements.push(...c.before());
  const named = statements.length;
  if (stopsEarly(form)) {
    for (const [k, stack] of node.outputs.entries()) {
      if (k >= carries) statements.push(fillStmt(frame, outputs[k], stack, s.literal(stack.dtype, 0)));
    }
  }

  const given = (parameter: Tensor, i: number): Storage => {
    if (i < carries) return carry[i].old;
    return i < carries + sequences ? loop.row(operands[i], parameter.shape, loop.time) : operands[i];
  };
  const leavesOf = ({ parameters }: Region): Map<Tensor, Storage> =>
    new Map(parameters.map((p, i) => [p, given(p, i)]));
  const goesOn = condition && loop.scratch("bool", [], "goes on");
  // Lowered for each place where it stands: names are defined once.
  const ask = (): LateStmt[] =>
    condition && goesOn ? lowerRegion(frame, condition.results, leavesOf(condition), () => [goesOn]) : [];
  statements.push(...ask());

  const begin = frame.step++;
  const stacks = new Map(carry.flatMap(({ stack }) => (stack ? [[stack.output, stack.row]] : [])));
  const rounds = form.length === undefined ? 1 : dimMax(form.length);
  const body = repeated(frame, rounds, () =>
    lowerRegion(frame, region.results, leavesOf(region), (schedule, wanted) =>
      region.results.map((result, i) => {
        if (i < carries) return carry[i].target(schedule, wanted);
        return stacks.get(i) ?? loop.row(outputs[i], result.shape, loop.time);
      }),
    ),
  );
  const round = [...carry.flatMap(c => c.enter()), ...body, ...carry.flatMap(c => c.leave())];
  round.push(...repeated(frame, rounds, ask));
  const end = frame.step++;
  statements.splice(named, 0, ...carry.flatMap(c => c.places()));
  for (const storage of whole) {
    storage.touch(begin);
    storage.touch(end);
  }

  const count = form.length === undefined ? undefined : s.dimExpr(form.length);
  const steps = form.steps === undefined ? undefined : operands[form.steps];
  statements.push(() => {
    const body = round.map(late => late());
    if (goesOn && !count) return { op: "while", condition: goesOn.placed(), body };
    return {
      op: "for",
      name: counter,
      count: present(count, "a loop without an end"),
      ...(form.reverse ? { reverse: true } : {}),
      ...(steps ? { atMost: steps.placed() } : {}),
      ...(goesOn ? { goesOn: goesOn.placed() } : {}),
      body,
    };
  });
  for (const c of carry) statements.push(...c.after());
}
