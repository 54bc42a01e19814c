import type { Expr, Kernel, NumericMode, TargetProfile } from "../loop/ir.ts";
import type { Dim, DimSymbol } from "../shared/dim.ts";
import type { DType } from "../shared/dtype.ts";

/**
 * The plan: what a function does above kernels. Byte offsets and counts are i32 expressions of the loop IR over the
 * function's dimension symbols (by name), plan loop variables and place variables; no loads.
 */
export type PlanStmt =
  | {
      readonly op: "call";
      readonly kernel: Kernel;
      /** Byte offsets, one per buffer of the kernel. */
      readonly places: readonly Expr[];
      /** How far each buffer extends, at the bounds of the dimensions; without it, anywhere. */
      readonly bytes?: readonly number[];
      /** One per extent of the kernel. */
      readonly extents: readonly Expr[];
      /** Indices into LoweredProgram.origins: what the kernel computes, for the manifest. */
      readonly origins: readonly number[];
    }
  /** Copies bytes; the ranges do not overlap. */
  | { readonly op: "copy"; readonly to: Expr; readonly from: Expr; readonly bytes: Expr }
  /** A variable that holds a byte offset; `swap` exchanges two (double-buffered carries). */
  | { readonly op: "place"; readonly name: string; readonly value: Expr }
  | { readonly op: "swap"; readonly a: string; readonly b: string }
  /**
   * name = 0 … count − 1; `reverse`: count − 1 … 0. `atMost`: the place of an i32 that is the count where it is less;
   * `goesOn`: before every round, the bool byte there ends the loop where it is 0.
   */
  | {
      readonly op: "for";
      readonly name: string;
      readonly count: Expr;
      readonly reverse?: boolean;
      readonly atMost?: Expr;
      readonly goesOn?: Expr;
      readonly body: readonly PlanStmt[];
    }
  /** While the bool byte at `condition` is not 0; the body recomputes it. */
  | { readonly op: "while"; readonly condition: Expr; readonly body: readonly PlanStmt[] }
  | {
      readonly op: "if";
      readonly condition: Expr;
      readonly then: readonly PlanStmt[];
      readonly otherwise: readonly PlanStmt[];
    }
  /** All threads have finished what stands before. One thread: nothing. */
  | { readonly op: "barrier" }
  /** Thread 0 alone runs the body: kernel calls and copies. */
  | { readonly op: "single"; readonly body: readonly PlanStmt[] };

/** One callable: parameters are the values of `dims`, in order. */
export interface PlanFunction {
  readonly name: string;
  readonly dims: readonly DimSymbol[];
  readonly body: readonly PlanStmt[];
  /** All threads run it at once; the names THREAD and THREADS of the loop IR are defined in it. */
  readonly parallel?: boolean;
}

/** How the memory of a program for several threads goes on after `memory.bytes`. */
export interface ThreadLayout {
  /** Where the threads' signals lie: `src/shared/control.ts`. */
  readonly control: number;
  /** Copies of private buffers, for thread 1 and on. */
  readonly mirrors: number;
  /** Size of the copies for one thread. */
  readonly stride: number;
}

/** A named place in the memory. */
export interface Slot {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly Dim[];
  /** Bytes from the start of the memory; a multiple of 16. */
  readonly offset: number;
}

export interface InputSlot extends Slot {
  /** A scalar's value when the caller gives none. */
  readonly default?: number;
  /** Values are used as indices: 0 ≤ value < each of these. */
  readonly below?: readonly Dim[];
}

export interface FunctionInterface {
  readonly name: string;
  readonly dims: readonly DimSymbol[];
  readonly inputs: readonly InputSlot[];
  readonly outputs: readonly Slot[];
}

export interface VariableSlot extends Slot {
  readonly role: "param" | "state";
}

/** What lowering counts about a function, for the manifest. */
export interface FunctionReport {
  readonly name: string;
  /** Floating-point operations per call, at the bounds of the dimensions. */
  readonly flops: number;
  /** Bytes that kernels read and write per call, at the bounds. */
  readonly bytesMoved: number;
  readonly scratchBytes: number;
  /** The most bytes alive at once in the chosen order: no plan of this order needs less. */
  readonly livenessBytes: number;
}

/** The whole program, lowered: what a backend turns into code. */
export interface LoweredProgram {
  readonly name: string;
  readonly mode: NumericMode;
  readonly profile: TargetProfile;
  /** Distinct kernels, in order of first call. */
  readonly kernels: readonly Kernel[];
  /** The program's functions, and `reset` (no dims): variables get their initial values from the seed. */
  readonly functions: readonly PlanFunction[];
  readonly interfaces: readonly FunctionInterface[];
  readonly variables: readonly VariableSlot[];
  /** u32 [] that `reset` reads. Absent when emitted without initialisers. */
  readonly seed?: Slot;
  readonly memory: {
    readonly bytes: number;
    /** Initial contents (constants); the rest is zero. */
    readonly data: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
  };
  /** Of a program for several threads. */
  readonly threads?: ThreadLayout;
  readonly reports: readonly FunctionReport[];
  /** Text per origin: value and the user's lines, for the manifest. */
  readonly origins: readonly { readonly value: string; readonly sites: readonly string[] }[];
}
