import type { Attrs } from "../graph/attrs.ts";
import type { Op } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Bindings, OpPattern, Value } from "./pattern.ts";

export type { Bindings, Value };

/**
 * What both sides of a rule agree on. `exact`: every bit, for all inputs (one NaN is as good as another).
 * `finite-only`: for inputs and intermediate values that are finite, up to the sign of zeros.
 * `reassociates`: up to rounding, for inputs whose intermediate values stay in range.
 */
export type Contract = "exact" | "finite-only" | "reassociates";

/** As in the loop IR: `reproducible` keeps results bit for bit, so only exact rules are on. */
export type NumericMode = "fast" | "reproducible";

export type Phase = "canonicalise" | "stabilise" | "simplify";

/** What a right side may know of the rest of the graph. */
export interface GraphView {
  /** The value of such a node, if the graph has one that is used. */
  find(op: Op, operands: readonly Tensor[], attrs: Attrs): Tensor | undefined;
}

/** A rewrite as data: left side, right side, condition, and what it promises. */
export interface Rule {
  readonly name: string;
  /** Both sides as mathematics: `x·1 = x`. */
  readonly equation: string;
  readonly contract: Contract;
  readonly pattern: OpPattern;
  readonly when?: (bindings: Bindings) => boolean;
  /** The right side, of the left side's type; undefined where it does not apply after all. */
  readonly build: (bindings: Bindings, graph: GraphView) => Value | undefined;
  /** Graphs at whose root the rule fires; leaves stand for any values. */
  readonly examples: readonly (() => Tensor)[];
}

/** Rules that belong together, in the order in which they are tried. */
export interface Family {
  readonly name: string;
  readonly phases: readonly Phase[];
  readonly rules: readonly Rule[];
}

/** Whether rules of a contract may fire. Stabilising is for all modes: it brings results closer to the mathematics. */
export const isOn = (contract: Contract, mode: NumericMode, phase: Phase): boolean =>
  mode === "fast" || phase === "stabilise" || contract === "exact";
