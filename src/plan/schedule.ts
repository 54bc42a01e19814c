import * as s from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import { shareOf } from "../loop/split.ts";
import type { PlanStmt } from "./ir.ts";
import { overlap } from "./ranges.ts";
import type { Access, CallSplitter } from "./share.ts";

const CACHE_LINE = 64;
/** Copies of so many bytes are shared out: they take some microseconds. */
const COPY_FROM = 2 ** 15;

type Copy = Extract<PlanStmt, { op: "copy" }>;

/** Statements, and what they have touched since the last barrier. */
interface Scheduled {
  readonly statements: PlanStmt[];
  readonly open: readonly Access[];
}

/** Writes the plan that all threads walk. */
export class Scheduler {
  readonly #calls: CallSplitter;

  constructor(calls: CallSplitter) {
    this.#calls = calls;
  }

  schedule(body: readonly PlanStmt[], before: readonly PlanStmt[]): PlanStmt[] {
    // A call is over when all threads have finished.
    return [...before, ...this.#block(body, []).statements, { op: "barrier" }];
  }

  #block(body: readonly PlanStmt[], entry: readonly Access[]): Scheduled {
    const statements: PlanStmt[] = [];
    let open = entry;
    const barrier = (): void => {
      statements.push({ op: "barrier" });
      open = [];
    };
    const step = (statement: PlanStmt, shared: boolean, accesses: readonly Access[]): void => {
      if (accesses.some(a => open.some(b => conflict(a, b)))) barrier();
      const last = statements.at(-1);
      if (shared) statements.push(statement);
      else if (last?.op === "single") statements[statements.length - 1] = { ...last, body: [...last.body, statement] };
      else statements.push({ op: "single", body: [statement] });
      open = [...open, ...accesses];
    };
    for (const x of body) {
      switch (x.op) {
        case "call":
          for (const { call, shared, accesses } of this.#calls.stepsOf(x)) step(call, shared, accesses);
          break;
        case "copy": {
          const shared = this.#calls.names.largest(x.bytes) >= COPY_FROM;
          step(shared ? shareCopy(x) : x, shared, this.#copied(x, shared));
          break;
        }
        case "for": {
          const read = [...(x.atMost ? [this.#read(x.atMost, 4)] : []), ...(x.goesOn ? [this.#read(x.goesOn, 1)] : [])];
          if (read.length > 0) barrier();
          // A round follows what stands before the loop, or another round.
          const entered = [...open, ...read];
          const first = this.#block(x.body, entered);
          const again = this.#block(x.body, [...entered, ...first.open]);
          // What decides whether to go on is written in the round.
          const last: PlanStmt[] = x.goesOn ? [{ op: "barrier" }] : [];
          statements.push({ ...x, body: [...again.statements, ...last] });
          open = [...entered, ...again.open];
          break;
        }
        case "while": {
          barrier();
          const flag = this.#read(x.condition, 1);
          const { statements: inner } = this.#block(x.body, [flag]);
          statements.push({ ...x, body: [...inner, { op: "barrier" }] });
          open = [flag];
          break;
        }
        case "if": {
          barrier();
          const flag = this.#read(x.condition, 1);
          const [then, otherwise] = [x.then, x.otherwise].map(part => this.#block(part, [flag]));
          statements.push({ ...x, then: then.statements, otherwise: otherwise.statements });
          open = [...then.open, ...otherwise.open];
          break;
        }
        default:
          statements.push(x);
      }
    }
    return { statements, open };
  }

  #copied({ to, from, bytes }: Copy, shared: boolean): Access[] {
    const { names } = this.#calls;
    const size = names.largest(bytes);
    return [
      { bytes: names.bytesAt(to, size), writes: true, one: !shared },
      { bytes: names.bytesAt(from, size), writes: false, one: !shared },
    ];
  }

  /** All threads read a condition, or a count. */
  #read(place: Expr, bytes: number): Access {
    return { bytes: this.#calls.names.bytesAt(place, bytes), writes: false, one: false };
  }
}

/** The part of a copy that is this thread's: whole cache lines. */
function shareCopy({ to, from, bytes, ...rest }: Copy): Copy {
  const { first, last } = shareOf(s.idiv(s.iadd(bytes, s.int(CACHE_LINE - 1)), s.int(CACHE_LINE)));
  const start = s.imul(first, s.int(CACHE_LINE));
  const end = s.min(s.imul(last, s.int(CACHE_LINE)), bytes);
  return { ...rest, to: s.iadd(to, start), from: s.iadd(from, start), bytes: s.isub(end, start) };
}

const conflict = (a: Access, b: Access): boolean =>
  (a.writes || b.writes) && !(a.one && b.one) && overlap(a.bytes, b.bytes);
