import * as s from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import { operandsOf } from "../loop/operands.ts";
import { mapExpr } from "../loop/substitute.ts";
import type { DType } from "../shared/dtype.ts";
import { invariant } from "../shared/errors.ts";
import { type Shape, sizeOf } from "../shared/shape.ts";
import type { Stage } from "./cluster.ts";
import type { KernelEmitter, PointStore } from "./emit.ts";
import { delinearize, some } from "./indices.ts";
import type { Storage } from "./storage.ts";

/** Rounds of a block: what is kept of one step for the next stays in the first-level cache. */
const LEAST_BLOCK = 128;
const MOST_BLOCK = 1024;
const VECTOR = 4;

/**
 * Machine cycles until a result is there, roughly. Processors look some 150 operations ahead: of expressions that take
 * longer than this, only two or three elements are in flight at once.
 */
const LONG_CHAIN = 120;
const CALL_LATENCY = 60;
const SLOW_LATENCY = 12;
const LATENCY = 4;

/**
 * Elements whose expressions call one scalar function on the result of another, block by block: all calls of a level
 * for the whole block, kept in a row of scratch, then those of the next one. So each loop has a short chain of
 * operations, and many elements are computed at once.
 * @returns false where the expressions are short; nothing has been emitted then
 */
export function emitInBlocks(
  e: KernelEmitter,
  stages: readonly Stage[],
  outer: Shape,
  scratch: (label: string, shape: Shape, dtype: DType) => Storage,
): boolean {
  const size = sizeOf(outer);
  if (typeof size === "number" && size < 2 * LEAST_BLOCK) return false;
  const probe = s.variable("trial$");
  const trial = callsOf(e.pointStores(stages, delinearize(probe, outer)), [probe]);
  if (!trial.long || trial.levels < 2) return false;
  const b = e.builder;
  const block = blockOf(size);
  const rooms = trial.calls.map(({ call, level }) => {
    if (level === trial.levels) return undefined;
    const room = scratch("a block of calls", [block], call.dtype);
    room.isPrivate = true;
    b.willWrite(room);
    return room;
  });
  const even = typeof size === "number" && size % block === 0;
  b.loop(
    "block",
    s.int(0),
    s.dimExpr(size),
    start => {
      const count = even ? s.int(block) : b.name(s.min(s.int(block), s.isub(s.dimExpr(size), start)), "n");
      for (let level = 1; level <= trial.levels; level++) {
        b.loop(
          "i",
          s.int(0),
          count,
          i => {
            const stores = e.pointStores(stages, delinearize(s.iadd(start, i), outer));
            const { calls } = callsOf(stores, [start, i]);
            invariant(calls.length === rooms.length, "other calls than in the trial");
            const kept = new Map<Expr, Expr>();
            calls.forEach(({ call, level: own }, k) => {
              const room = rooms[k];
              if (room && own < level) kept.set(call, b.load(room, i));
            });
            const seen = new Map<Expr, Expr>(kept);
            const read = (x: Expr): Expr => mapExpr(x, y => y, seen);
            if (level === trial.levels) {
              // All values before the first store: what is updated in place is read as it was.
              const values = stores.map(({ value }) => b.name(read(value)));
              stores.forEach(({ storage, index }, k) => {
                b.store(storage, index, values[k]);
              });
            } else {
              calls.forEach(({ call, level: own }, k) => {
                const room = rooms[k];
                if (room && own === level) b.store(room, i, read(call));
              });
            }
          },
          { parallel: true },
        );
      }
    },
    { step: block, parallel: true },
  );
  return true;
}

/** The largest number of rounds that divides the size, if there is one. */
function blockOf(size: ReturnType<typeof sizeOf>): number {
  if (typeof size !== "number") return MOST_BLOCK;
  for (let block = MOST_BLOCK; block >= LEAST_BLOCK; block -= VECTOR) if (size % block === 0) return block;
  return MOST_BLOCK;
}

interface Calls {
  /** In the order of a walk over the expressions, each with the number of calls on the longest way to it, itself included. */
  readonly calls: readonly { readonly call: Expr; readonly level: number }[];
  readonly levels: number;
  /** Worth cutting, and nothing is guarded, so that every part may be computed by itself. */
  readonly long: boolean;
}

interface Chain {
  readonly level: number;
  readonly latency: number;
  /** The same for all elements: computed before the loops. */
  readonly fixed: boolean;
}

const FIXED: Chain = { level: 0, latency: 0, fixed: true };

/** @param positions what the place of the element is made of */
function callsOf(stores: readonly PointStore[], positions: readonly Expr[]): Calls {
  const calls: { call: Expr; level: number }[] = [];
  const moving = new Set(positions.map(x => (x.op === "var" ? x.name : "")));
  const known = new Map<Expr, Chain>();
  const visit = (e: Expr): Chain => {
    const old = known.get(e);
    if (old) return old;
    const below = operandsOf(e).map(visit);
    if (below.every(x => x.fixed) && !(e.op === "var" && moving.has(e.name))) {
      known.set(e, FIXED);
      return FIXED;
    }
    const isCall = e.op === "call" || (e.op === "unary" && e.fn === "sqrt");
    const level = Math.max(0, ...below.map(x => x.level)) + Number(isCall);
    const latency = Math.max(0, ...below.map(x => x.latency)) + latencyOf(e);
    if (isCall) calls.push({ call: e, level });
    const found = { level, latency, fixed: false };
    known.set(e, found);
    return found;
  };
  const all = stores.map(x => visit(x.value));
  const guarded = stores.some(x => some(x.value, y => y.op === "guard"));
  const levels = Math.max(0, ...all.map(x => x.level));
  return { calls, levels, long: !guarded && Math.max(0, ...all.map(x => x.latency)) > LONG_CHAIN };
}

function latencyOf(e: Expr): number {
  if (e.op === "call") return CALL_LATENCY;
  const isSlow = (e.op === "binary" && e.fn === "div") || (e.op === "unary" && e.fn === "sqrt");
  if (isSlow) return SLOW_LATENCY;
  return e.op === "const" || e.op === "var" || e.dtype === "i32" ? 0 : LATENCY;
}
