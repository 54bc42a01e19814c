import type { Node } from "../graph/node.ts";
import type { Op } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { fillValue } from "./constants.ts";

/**
 * What a rule looks for. A string is a variable: any value, the same at every place. A number is a tensor all of whose
 * elements are that number (−0 is not 0). An OpPattern is a node.
 */
export type Pattern = string | number | OpPattern | NumberPattern;

/** A node of one operation; operands of commutative operations match in either order. */
export interface OpPattern {
  /** Absent: any operation. */
  readonly op?: Op;
  /** Absent: any operands. */
  readonly operands?: readonly Pattern[];
  /** Binds the value. */
  readonly as?: string;
  readonly test?: (node: Node) => boolean;
}

/** Any tensor all of whose elements are one known number; binds it. */
export interface NumberPattern {
  readonly number: string;
}

/** A matched value. Typed as f32 so that right sides read plainly; its dtype is whatever the left side had. */
export type Value = Tensor<"f32">;

/** Values of the variables; `root` is the value that the whole pattern stands for. */
export type Bindings = Readonly<Record<string, Value>>;

export interface Match {
  readonly bindings: Bindings;
  /** The nodes that the pattern names, the root first: those that may die when the rule fires. */
  readonly nodes: readonly Node[];
}

/** `p(addOp, "x", 0)`: a node with operands. */
export const p = (op: Op, ...operands: Pattern[]): OpPattern => ({ op, operands });

/** The same, its value bound to a name. */
export const as = (name: string, pattern: OpPattern): OpPattern => ({ ...pattern, as: name });

/** A known number, bound to a name. */
export const num = (name: string): NumberPattern => ({ number: name });

/** What is still to be matched: a linked list, so that alternatives share their rest. */
interface Goal {
  readonly pattern: Pattern;
  readonly value: Tensor;
  readonly next: Goal | undefined;
}

const bind = (bindings: Bindings, name: string, value: Tensor): Bindings | undefined => {
  const old = bindings[name];
  if (old) return old === value ? bindings : undefined;
  return { ...bindings, [name]: value as Value };
};

function solve(goal: Goal | undefined, bindings: Bindings, nodes: readonly Node[]): Match | undefined {
  if (!goal) return { bindings, nodes };
  const { pattern, value, next } = goal;
  if (typeof pattern === "number") {
    const fill = fillValue(value);
    return fill !== undefined && Object.is(fill, pattern) ? solve(next, bindings, nodes) : undefined;
  }
  if (typeof pattern === "string" || "number" in pattern) {
    if (typeof pattern !== "string" && fillValue(value) === undefined) return undefined;
    const bound = bind(bindings, typeof pattern === "string" ? pattern : pattern.number, value);
    return bound && solve(next, bound, nodes);
  }
  const { node } = value;
  if (pattern.op && node.op !== pattern.op) return undefined;
  if (pattern.test && !pattern.test(node)) return undefined;
  const own = pattern.as === undefined ? bindings : bind(bindings, pattern.as, value);
  if (!own) return undefined;
  const matched = [...nodes, node];
  const { operands } = pattern;
  if (!operands) return solve(next, own, matched);
  if (operands.length !== node.operands.length) return undefined;
  const inOrder = (values: readonly Tensor[]): Match | undefined =>
    solve(
      operands.reduceRight<Goal | undefined>((rest, o, i) => ({ pattern: o, value: values[i], next: rest }), next),
      own,
      matched,
    );
  const found = inOrder(node.operands);
  if (found || !node.op.commutative || operands.length !== 2) return found;
  return inOrder([node.operands[1], node.operands[0]]);
}

/** Whether a value may match a pattern: all that can be said without binding variables. */
function fits(pattern: Pattern, value: Tensor): boolean {
  if (typeof pattern === "string") return true;
  if (typeof pattern === "number") return Object.is(fillValue(value), pattern);
  if ("number" in pattern) return fillValue(value) !== undefined;
  return mayMatch(pattern, value.node);
}

/** Turns down most of what does not match at the first look, before anything is bound. */
function mayMatch({ op, operands, test }: OpPattern, node: Node): boolean {
  if (op && op !== node.op) return false;
  const values = node.operands;
  if (operands) {
    if (operands.length !== values.length) return false;
    const swaps = node.op.commutative === true && values.length === 2;
    if (!fitAll(operands, values) && !(swaps && fits(operands[0], values[1]) && fits(operands[1], values[0]))) {
      return false;
    }
  }
  return !test || test(node);
}

function fitAll(patterns: readonly Pattern[], values: readonly Tensor[]): boolean {
  for (let i = 0; i < patterns.length; i++) if (!fits(patterns[i], values[i])) return false;
  return true;
}

/** Matches a pattern at a value, or finds that it does not. Patterns are small: their depth bounds the recursion. */
export function match(pattern: OpPattern, value: Tensor): Match | undefined {
  if (!mayMatch(pattern, value.node)) return undefined;
  return solve({ pattern, value, next: undefined }, { root: value as Value }, []);
}
