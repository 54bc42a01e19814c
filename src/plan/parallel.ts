import * as s from "../loop/build.ts";
import type { Kernel } from "../loop/ir.ts";
import { THREAD } from "../loop/split.ts";
import { controlBytes } from "../shared/control.ts";
import type { LoweredProgram, PlanFunction, PlanStmt, ThreadLayout } from "./ir.ts";
import { Scheduler } from "./schedule.ts";
import { CallSplitter, KernelCache, MIRROR, PrivateSpan } from "./share.ts";

/** From how many operations on threads pay. An operation (loop/cost.ts) takes 0.04 ns, 0.2 where memory is the limit. */
export interface Thresholds {
  /** A kernel is shared out: 1.3 µs or more. The barriers around it mostly stand there for its neighbours anyway. */
  readonly share: number;
  /** The workers are called at all, of what a function has to share: 40 µs or more, about what waking one takes. */
  readonly call: number;
}

const THRESHOLDS: Thresholds = { share: 2 ** 15, call: 2 ** 20 };

/**
 * The same program for several threads. Every thread walks a function's plan: kernels that are worth it are shared out,
 * thread 0 runs the others, and barriers stand where one thread might touch what another has not finished. Functions with
 * little to share stay as they are, for one thread.
 */
export function parallelize(program: LoweredProgram, thresholds = THRESHOLDS): LoweredProgram {
  const kernels = new KernelCache();
  const span = new PrivateSpan();
  const worthwhile = program.functions.map(fn => {
    const calls = new CallSplitter(fn, kernels, span, thresholds.share);
    const gain = calls.gain(fn.body);
    return gain > 0 && gain >= thresholds.call ? calls : undefined;
  });
  const control = alignUp(program.memory.bytes);
  const dims = Math.max(0, ...program.functions.map(fn => fn.dims.length));
  const mirrors = control + controlBytes(dims);
  worthwhile.forEach((calls, i) => {
    calls?.reserve(program.functions[i].body);
  });
  const layout: ThreadLayout = { control, mirrors, stride: alignUp(span.bytes) };
  const functions = program.functions.map((fn, i) => {
    const calls = worthwhile[i];
    return calls ? { ...fn, parallel: true, body: new Scheduler(calls).schedule(fn.body, mirrorOf(layout, span)) } : fn;
  });
  return { ...program, functions, kernels: kernelsOf(functions), threads: layout };
}

/** To pairs of cache lines, which processors fetch together. */
const alignUp = (bytes: number): number => Math.ceil(bytes / 128) * 128;

function kernelsOf(functions: readonly PlanFunction[]): Kernel[] {
  const found = new Set<Kernel>();
  const visit = (body: readonly PlanStmt[]): void => {
    for (const x of body) {
      if (x.op === "call") found.add(x.kernel);
      else if (x.op === "for" || x.op === "while" || x.op === "single") visit(x.body);
      else if (x.op === "if") {
        visit(x.then);
        visit(x.otherwise);
      }
    }
  };
  for (const fn of functions) visit(fn.body);
  return [...found];
}

/** How far thread t's private buffers lie beyond those of thread 0. */
function mirrorOf({ mirrors, stride }: ThreadLayout, span: PrivateSpan): PlanStmt[] {
  if (stride === 0) return [];
  const thread = s.variable(THREAD);
  const beyond = s.iadd(s.int(mirrors - stride - span.from), s.imul(thread, s.int(stride)));
  return [{ op: "place", name: MIRROR, value: s.select(s.eq(thread, s.int(0)), s.int(0), beyond) }];
}
