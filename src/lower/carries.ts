import type { Tensor } from "../graph/tensor.ts";
import { type ScanForm, stopsEarly } from "../kinds/form.ts";
import * as s from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import type { DType } from "../shared/dtype.ts";
import type { Shape } from "../shared/shape.ts";
import { copyStmt, type Frame, type LateStmt } from "./body.ts";
import type { Schedule } from "./cluster.ts";
import { baseOf } from "./materialise.ts";
import type { Storage } from "./storage.ts";
import { planUpdates } from "./updates.ts";

/** What a loop is lowered with: room that lives as long as it does, and where it stands. */
export interface LoopFrame {
  readonly frame: Frame;
  /** The round, as the plan counts: from 0, or down to it. */
  readonly time: Expr;
  scratch(dtype: DType, shape: Shape, label: string): Storage;
  /** A row of a sequence or stack, by its number. */
  row(storage: Storage, shape: Shape, at: Expr): Storage;
}

/** Where a carry of a loop lies, and what has to be done for it. */
export interface Carry {
  /** Its value at the beginning of a round. */
  readonly old: Storage;
  /** An output of the loop whose rows the carry's values are, and the row of the round. */
  readonly stack?: { readonly output: number; readonly row: Storage };
  /** Copies before the loop. */
  before(): LateStmt[];
  /** Where the body puts the new value. */
  target(schedule: Schedule, wanted: (value: Tensor) => Tensor | undefined): Storage;
  /** The names that it needs before the loop. */
  places(): LateStmt[];
  /** At the beginning and at the end of a round. */
  enter(): LateStmt[];
  leave(): LateStmt[];
  /** Copies after the loop. */
  after(): LateStmt[];
}

const none = (): LateStmt[] => [];

interface Request {
  readonly loop: LoopFrame;
  readonly form: ScanForm;
  /** Its number. */
  readonly carry: number;
  /** The value before the first round, and after the last. */
  readonly operand: Storage;
  readonly outputs: readonly Storage[];
}

/**
 * The carries of a loop. One whose values are stacked, before or after each round, lies in the stack: nothing is copied.
 * One that its kernel may overwrite has one buffer. The others have two: the body reads the old value, writes the new one,
 * and the places are swapped.
 */
export function carriesOf(
  loop: LoopFrame,
  form: ScanForm,
  operands: readonly Storage[],
  outputs: readonly Storage[],
): Carry[] {
  const { parameters, results } = form.region;
  const fixed = typeof form.length === "number" && form.length > 0 && !stopsEarly(form) ? form.length : undefined;
  return parameters.slice(0, form.carries).map((parameter, carry) => {
    const request = { loop, form, carry, operand: operands[carry], outputs };
    const stackOf = (value: Tensor): number => results.indexOf(value, form.carries);
    if (fixed !== undefined) {
      const [first, last] = form.reverse ? [fixed - 1, 0] : [0, fixed - 1];
      const rows = { first: s.int(first), last: s.int(last), forth: form.reverse ? -1 : 1 };
      if (stackOf(parameter) >= 0) return stackedBefore(request, stackOf(parameter), rows);
      if (stackOf(results[carry]) >= 0) return stackedAfter(request, stackOf(results[carry]), rows);
    }
    return buffered(request);
  });
}

/** The rows of a stack: that of the first round, that of the last, and how far the next one is from each. */
interface Rows {
  readonly first: Expr;
  readonly last: Expr;
  readonly forth: number;
}

/** Row t is the value before round t: the body writes the next row, in the last round the result. */
function stackedBefore({ loop, form, carry, operand, outputs }: Request, output: number, rows: Rows): Carry {
  const { dtype, shape } = form.region.parameters[carry];
  const stack = outputs[output];
  const old = loop.row(stack, shape, loop.time);
  const next = loop.row(stack, shape, s.iadd(loop.time, s.int(rows.forth)));
  const name = loop.frame.fresh("q");
  return {
    old,
    stack: { output, row: old },
    before: () => [copyStmt(loop.frame, loop.row(stack, shape, rows.first), operand, shape)],
    target: () => stack.slice(dtype, shape, `carry ${carry}`, () => s.variable(name)),
    places: none,
    enter: () => [
      () => ({
        op: "place",
        name,
        value: s.select(s.eq(loop.time, rows.last), outputs[carry].placed(), next.placed()),
      }),
    ],
    leave: none,
    after: none,
  };
}

/** Row t is the value after round t: the body reads the row before, in the first round what is given. */
function stackedAfter({ loop, form, carry, operand, outputs }: Request, output: number, rows: Rows): Carry {
  const { dtype, shape } = form.region.parameters[carry];
  const stack = outputs[output];
  const row = loop.row(stack, shape, loop.time);
  const back = loop.row(stack, shape, s.iadd(loop.time, s.int(-rows.forth)));
  const name = loop.frame.fresh("p");
  return {
    old: stack.slice(dtype, shape, `carry ${carry}`, () => s.variable(name)),
    stack: { output, row },
    before: none,
    target: () => row,
    places: none,
    enter: () => [
      () => ({ op: "place", name, value: s.select(s.eq(loop.time, rows.first), operand.placed(), back.placed()) }),
    ],
    leave: none,
    after: () => [copyStmt(loop.frame, outputs[carry], loop.row(stack, shape, rows.last), shape)],
  };
}

/** One buffer where the new value may be computed in place, else two, named by places that swap. */
function buffered({ loop, form, carry, operand, outputs }: Request): Carry {
  const { parameters, results } = form.region;
  const parameter = parameters[carry];
  const { dtype, shape } = parameter;
  const name = loop.frame.fresh("p");
  const buffer = loop.scratch(dtype, shape, `carry ${carry}`);
  const old = buffer.slice(dtype, shape, `carry ${carry}`, () => s.variable(name));
  let second: { readonly name: string; readonly buffer: Storage } | undefined;
  /** What else becomes the old value is copied at the end of a round: it must still be there. */
  const isResult = results.some((r, k) => k !== carry && baseOf(r) === parameter);
  return {
    old,
    before: () => [copyStmt(loop.frame, buffer, operand, shape)],
    target: (schedule, wanted) => {
      const update = { target: parameter, value: results[carry] };
      const [{ inPlace }] = planUpdates({ updates: [update] }, schedule, wanted, new Set());
      if (inPlace && !isResult) return old;
      const q = loop.frame.fresh("q");
      second = { name: q, buffer: loop.scratch(dtype, shape, `carry ${carry} (new)`) };
      return second.buffer.slice(dtype, shape, `carry ${carry} (new)`, () => s.variable(q));
    },
    places: () => {
      const both = second ? [{ name, buffer }, second] : [{ name, buffer }];
      return both.map(b => () => ({ op: "place", name: b.name, value: b.buffer.placed() }));
    },
    enter: none,
    leave: () => {
      const q = second?.name;
      return q === undefined ? [] : [() => ({ op: "swap", a: name, b: q })];
    },
    after: () => [copyStmt(loop.frame, outputs[carry], old, shape)],
  };
}
