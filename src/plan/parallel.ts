import * as s from "../loop/build.ts";
import { costOf } from "../loop/cost.ts";
import type { Expr, Kernel } from "../loop/ir.ts";
import { type Phase, phasesOf } from "../loop/phases.ts";
import { splitKernel, THREAD, THREADS } from "../loop/split.ts";
import { controlBytes } from "../shared/control.ts";
import type { LoweredProgram, PlanFunction, PlanStmt, ThreadLayout } from "./ir.ts";
import { NameRanges, overlap, type Ranges } from "./ranges.ts";

/** From how many operations (loop/cost.ts) on threads pay. */
export interface Thresholds {
  /** A kernel is shared out: about 5 µs of work, against less than 1 for a barrier. */
  readonly share: number;
  /** The workers are called at all, of what a function has to share: about 30 µs. */
  readonly call: number;
}

const THRESHOLDS: Thresholds = { share: 2 ** 14, call: 2 ** 17 };

/** Added to the places of private buffers: 0 for thread 0. */
const MIRROR = "mirror$";
const CACHE_LINES = 128;

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

const alignUp = (bytes: number): number => Math.ceil(bytes / CACHE_LINES) * CACHE_LINES;

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

/** Where the private buffers of all functions lie. */
class PrivateSpan {
  from = Number.POSITIVE_INFINITY;
  to = 0;

  get bytes(): number {
    return Math.max(0, this.to - this.from);
  }

  add(from: number, to: number): void {
    this.from = Math.min(this.from, from);
    this.to = Math.max(this.to, to);
  }
}

/** How far thread t's private buffers lie beyond those of thread 0. */
function mirrorOf({ mirrors, stride }: ThreadLayout, span: PrivateSpan): PlanStmt[] {
  if (stride === 0) return [];
  const thread = s.variable(THREAD);
  const beyond = s.iadd(s.int(mirrors - stride - span.from), s.imul(thread, s.int(stride)));
  return [{ op: "place", name: MIRROR, value: s.select(s.eq(thread, s.int(0)), s.int(0), beyond) }];
}

interface PhaseKernels {
  readonly phase: Phase;
  readonly split: Kernel | undefined;
}

/** Phases of kernels, each made once. */
class KernelCache {
  readonly #known = new Map<Kernel, PhaseKernels[]>();

  of(kernel: Kernel): PhaseKernels[] {
    let phases = this.#known.get(kernel);
    if (!phases) {
      phases = phasesOf(kernel).map(phase => ({
        phase,
        split: phase.parallel ? splitKernel(phase.kernel) : undefined,
      }));
      this.#known.set(kernel, phases);
    }
    return phases;
  }
}

/** What a statement touches. */
interface Access {
  readonly bytes: Ranges;
  readonly writes: boolean;
  /** Thread 0 alone. */
  readonly one: boolean;
}

/** A kernel call, or a phase of one. */
interface Step {
  readonly call: Call;
  readonly shared: boolean;
  readonly cost: number;
  readonly accesses: readonly Access[];
}

type Call = Extract<PlanStmt, { op: "call" }>;

/** Decides for the calls of one function which are shared out. */
class CallSplitter {
  readonly names: NameRanges;
  readonly #kernels: KernelCache;
  readonly #span: PrivateSpan;
  readonly #shareFrom: number;
  readonly #steps = new Map<Call, readonly Step[]>();

  constructor(fn: PlanFunction, kernels: KernelCache, span: PrivateSpan, shareFrom: number) {
    this.#shareFrom = shareFrom;
    this.names = new NameRanges(fn);
    this.#kernels = kernels;
    this.#span = span;
  }

  stepsOf(call: Call): readonly Step[] {
    let steps = this.#steps.get(call);
    if (!steps) {
      steps = this.#kernels.of(call.kernel).map(phase => this.#step(call, phase));
      this.#steps.set(call, steps);
    }
    return steps;
  }

  #costOf(call: Call, kernel: Kernel): number {
    const values = kernel.extents.map((name, i) => [name, this.names.largest(call.extents[i])] as const);
    return costOf(kernel.body, new Map(values));
  }

  #step(call: Call, { phase, split }: PhaseKernels): Step {
    const { kernel, buffers } = phase;
    const places = buffers.map(i => call.places[i]);
    const bytes = call.bytes && buffers.map(i => call.bytes?.[i] ?? Number.POSITIVE_INFINITY);
    const fixed = kernel.buffers.every((b, i) => !b.private || (bytes && s.isConst(places[i])));
    const cost = this.#costOf(call, kernel);
    const shared = split !== undefined && fixed && cost >= this.#shareFrom;
    const accesses = kernel.buffers.flatMap((b, i): Access[] => {
      const at = this.names.bytesAt(places[i], bytes?.[i] ?? Number.POSITIVE_INFINITY);
      // Other threads have private buffers elsewhere.
      const one = !shared || Boolean(b.private);
      return [{ bytes: at, writes: b.access !== "read", one }];
    });
    if (!shared) return { call: { ...call, kernel, places, ...(bytes ? { bytes } : {}) }, shared, cost, accesses };
    const mirrored = places.map((p, i) => (kernel.buffers[i].private ? s.iadd(p, s.variable(MIRROR)) : p));
    const extents = [...call.extents, s.variable(THREAD), s.variable(THREADS)];
    return { call: { ...call, kernel: split, places: mirrored, bytes, extents }, shared, cost, accesses };
  }

  /** Operations that several threads could share. */
  gain(body: readonly PlanStmt[]): number {
    return body.reduce((total, x) => {
      switch (x.op) {
        case "call":
          return this.stepsOf(x)
            .filter(step => step.shared)
            .reduce((sum, step) => sum + step.cost, total);
        case "for":
          return total + this.names.largest(x.count) * this.gain(x.body);
        case "while":
        case "single":
          return total + this.gain(x.body);
        case "if":
          return total + Math.max(this.gain(x.then), this.gain(x.otherwise));
        default:
          return total;
      }
    }, 0);
  }

  /** Room for the private buffers of the calls that are shared out. */
  reserve(body: readonly PlanStmt[]): void {
    for (const x of body) {
      if (x.op === "for" || x.op === "while") this.reserve(x.body);
      if (x.op === "if") {
        this.reserve(x.then);
        this.reserve(x.otherwise);
      }
      if (x.op !== "call" || !this.stepsOf(x).some(step => step.shared)) continue;
      x.kernel.buffers.forEach((b, i) => {
        const place = x.places[i];
        if (b.private && s.isConst(place)) this.#span.add(place.value, place.value + (x.bytes?.[i] ?? 0));
      });
    }
  }
}

/** Statements, and what they have touched since the last barrier. */
interface Scheduled {
  readonly statements: PlanStmt[];
  readonly open: readonly Access[];
}

/** Writes the plan that all threads walk. */
class Scheduler {
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
        case "copy":
          step(x, false, this.#copied(x));
          break;
        case "for": {
          // A round follows what stands before the loop, or another round.
          const first = this.#block(x.body, open);
          const again = this.#block(x.body, [...open, ...first.open]);
          statements.push({ ...x, body: again.statements });
          open = [...open, ...again.open];
          break;
        }
        case "while": {
          barrier();
          const flag = this.#flag(x.condition);
          const { statements: inner } = this.#block(x.body, [flag]);
          statements.push({ ...x, body: [...inner, { op: "barrier" }] });
          open = [flag];
          break;
        }
        case "if": {
          barrier();
          const flag = this.#flag(x.condition);
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

  #copied({ to, from, bytes }: Extract<PlanStmt, { op: "copy" }>): Access[] {
    const { names } = this.#calls;
    const size = names.largest(bytes);
    return [
      { bytes: names.bytesAt(to, size), writes: true, one: true },
      { bytes: names.bytesAt(from, size), writes: false, one: true },
    ];
  }

  /** All threads read a condition. */
  #flag(place: Expr): Access {
    return { bytes: this.#calls.names.bytesAt(place, 1), writes: false, one: false };
  }
}

const conflict = (a: Access, b: Access): boolean =>
  (a.writes || b.writes) && !(a.one && b.one) && overlap(a.bytes, b.bytes);
