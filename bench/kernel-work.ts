import type { Expr, Kernel, Stmt } from "../src/loop/ir.ts";
import { operandsOf } from "../src/loop/operands.ts";
import { BYTES } from "../src/shared/dtype.ts";

/** What one run of a kernel does, counted in its loop IR. NaN where that depends on values. */
export interface Work {
  /** Float operations in all lanes, two for a multiply-add. */
  readonly flops: number;
  /** Bytes that its loads and stores name, each time they do. */
  readonly bytes: number;
}

type Environment = Map<string, number>;

const NOTHING: Work = { flops: 0, bytes: 0 };
const plus = (a: Work, b: Work): Work => ({ flops: a.flops + b.flops, bytes: a.bytes + b.bytes });
const timesWork = (n: number, w: Work): Work => ({ flops: n * w.flops, bytes: n * w.bytes });

/** @param extents their values, in the order of the kernel's own */
export function workOf(kernel: Kernel, extents: readonly number[]): Work {
  return block(kernel.body, new Map(kernel.extents.map((name, i) => [name, extents[i]])));
}

const block = (body: readonly Stmt[], env: Environment): Work =>
  body.reduce((sum, s) => plus(sum, statement(s, env)), NOTHING);

function statement(s: Stmt, env: Environment): Work {
  switch (s.op) {
    case "let":
    case "var":
      env.set(s.name, evaluate(s.value, env));
      return expression(s.value);
    case "assign":
      env.set(s.name, Number.NaN);
      return expression(s.value);
    case "array":
    case "barrier":
      return NOTHING;
    case "setElement":
      return expression(s.value);
    case "store":
      return plus(expression(s.value), { flops: 0, bytes: BYTES[s.value.dtype] * s.value.lanes });
    case "for":
      return loop(s, env);
    case "while":
      return { flops: Number.NaN, bytes: Number.NaN };
    case "if": {
      const taken = evaluate(s.condition, env);
      if (!Number.isNaN(taken)) return block(taken ? s.then : (s.otherwise ?? []), env);
      const [a, b] = [block(s.then, env), block(s.otherwise ?? [], env)];
      return a.flops + a.bytes > b.flops + b.bytes ? a : b;
    }
  }
}

function loop(s: Extract<Stmt, { op: "for" }>, env: Environment): Work {
  const [from, to] = [evaluate(s.from, env), evaluate(s.to, env)];
  const trips = Math.max(0, Math.ceil((to - from) / s.step));
  if (trips === 0) return NOTHING;
  const turn = (at: number): Work => {
    env.set(s.name, at);
    return block(s.body, env);
  };
  if (Number.isNaN(trips) || !steers(s.name, s.body)) return timesWork(trips, turn(from));
  let sum = NOTHING;
  for (let i = 0; i < trips; i++) sum = plus(sum, turn(from + i * s.step));
  return sum;
}

/** Does a variable decide how often something in the body runs? */
function steers(name: string, body: readonly Stmt[]): boolean {
  const dependent = new Set([name]);
  const depends = (e: Expr): boolean => (e.op === "var" ? dependent.has(e.name) : operandsOf(e).some(depends));
  const visit = (s: Stmt): boolean => {
    if (s.op === "let" && depends(s.value)) dependent.add(s.name);
    if (s.op === "for") return depends(s.from) || depends(s.to) || s.body.some(visit);
    if (s.op === "if") return depends(s.condition) || s.then.some(visit) || (s.otherwise ?? []).some(visit);
    return false;
  };
  return body.some(visit);
}

/** Operations and loads of an expression. Indices do not count. */
function expression(e: Expr): Work {
  if (e.op === "load") return { flops: 0, bytes: BYTES[e.dtype] * (e.splat ? 1 : e.lanes) };
  const operands = operandsOf(e).reduce((sum, x) => plus(sum, expression(x)), NOTHING);
  const float = e.dtype === "f32" || e.dtype === "f64";
  if (e.op === "call") {
    const own = e.fn.body.reduce((sum, s) => plus(sum, expression(s.value)), expression(e.fn.result));
    return plus(operands, timesWork(e.lanes, own));
  }
  const count = e.op === "fma" ? 2 : e.op === "binary" && float ? 1 : 0;
  return plus(operands, { flops: count * e.lanes, bytes: 0 });
}

/** An integer that extents and loop variables determine; otherwise NaN. */
function evaluate(e: Expr, env: Environment): number {
  switch (e.op) {
    case "const":
      return e.value;
    case "var":
      return env.get(e.name) ?? Number.NaN;
    case "binary":
      return e.dtype === "i32" ? integer(e.fn, evaluate(e.x, env), evaluate(e.y, env)) : Number.NaN;
    case "compare":
      return compare(e.fn, evaluate(e.x, env), evaluate(e.y, env));
    case "select":
    case "guard": {
      const taken = evaluate(e.condition, env);
      return Number.isNaN(taken) ? taken : evaluate(taken ? e.then : e.otherwise, env);
    }
    default:
      return Number.NaN;
  }
}

function integer(fn: string, x: number, y: number): number {
  switch (fn) {
    case "add":
      return x + y;
    case "sub":
      return x - y;
    case "mul":
      return x * y;
    case "div":
      return Math.trunc(x / y);
    case "rem":
      return x % y;
    case "min":
      return Math.min(x, y);
    case "max":
      return Math.max(x, y);
    case "shl":
      return x << y;
    case "shr":
      return x >> y;
    default:
      return Number.NaN;
  }
}

function compare(fn: string, x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const holds = { eq: x === y, ne: x !== y, lt: x < y, le: x <= y, gt: x > y, ge: x >= y }[fn];
  return holds === undefined ? Number.NaN : Number(holds);
}
