import * as s from "../loop/build.ts";
import { costOf } from "../loop/cost.ts";
import type { Kernel } from "../loop/ir.ts";
import { type Phase, phasesOf } from "../loop/phases.ts";
import { splitKernel, THREAD, THREADS } from "../loop/split.ts";
import type { PlanFunction, PlanStmt } from "./ir.ts";
import { NameRanges, type Ranges } from "./ranges.ts";

/** Added to the places of private buffers: 0 for thread 0. */
export const MIRROR = "mirror$";

/** Where the private buffers of all functions lie. */
export class PrivateSpan {
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

interface PhaseKernels {
  readonly phase: Phase;
  readonly split: Kernel | undefined;
}

/** Phases of kernels, each made once. */
export class KernelCache {
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
export interface Access {
  readonly bytes: Ranges;
  readonly writes: boolean;
  /** Thread 0 alone. */
  readonly one: boolean;
}

/** A kernel call, or a phase of one. */
export interface Step {
  readonly call: Call;
  readonly shared: boolean;
  readonly cost: number;
  readonly accesses: readonly Access[];
}

type Call = Extract<PlanStmt, { op: "call" }>;

/** Decides for the calls of one function which are shared out. */
export class CallSplitter {
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
