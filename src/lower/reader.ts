import type { Node } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type Form, isLowerable } from "../kinds/form.ts";
import * as s from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import { operandsOf } from "../loop/operands.ts";
import { InternalError } from "../shared/errors.ts";
import { reindex } from "./indices.ts";

/** What lowering notes about a node: it asks for forms again and again. */
class Lowered {
  readonly form: Form;

  constructor(form: Form) {
    this.form = form;
  }
}

/** In what way the elements of a node come about. */
export function formOf(node: Node): Form {
  const { notes } = node;
  if (notes instanceof Lowered) return notes.form;
  if (!isLowerable(node.op)) throw new InternalError(`${node.op.name} (${node.op.kind}) reached lowering`);
  const lowered = new Lowered(node.op.form(node));
  node.notes = lowered;
  return lowered.form;
}

/** The operands that a node reads. */
export const readsOf = (node: Node): readonly Tensor[] =>
  formOf(node).form === "alias" ? node.operands.slice(0, 1) : node.operands;

/** Does what reads the node wait for operands that it does not read? */
export const waits = (node: Node): boolean => !node.op.nominal && readsOf(node).length < node.operands.length;

/** The single element of a constant of size 1, as a literal. */
export function literalOf(value: Tensor): s.Literal | undefined {
  const { data } = value.node.attrs;
  if (!ArrayBuffer.isView(data) || value.node.operands.length > 0) return undefined;
  const numbers = data as Float64Array;
  return numbers.length === 1 ? s.literal(value.dtype, numbers[0]) : undefined;
}

/** How a value at an index is had without computing it: from storage or a register. Undefined: compute it. */
export type Resolve = (value: Tensor, index: readonly Expr[]) => Expr | undefined;

/**
 * Reads elements of values, inlining what is not stored. One expression object per (value, index), so that what is
 * shared stays shared.
 */
export class Reader {
  private readonly memo = new Map<Tensor, Map<string, Expr>>();
  private readonly resolve: Resolve;

  constructor(resolve: Resolve) {
    this.resolve = resolve;
  }

  read(value: Tensor, index: readonly Expr[]): Expr {
    const key = index.map(indexKey).join("|");
    const known = this.memo.get(value) ?? new Map<string, Expr>();
    this.memo.set(value, known);
    let result = known.get(key);
    if (!result) {
      result = this.compute(value, index);
      known.set(key, result);
    }
    return result;
  }

  private compute(value: Tensor, index: readonly Expr[]): Expr {
    const direct = literalOf(value) ?? this.resolve(value, index);
    if (direct) return direct;
    const { node } = value;
    const form = formOf(node);
    if (form.form === "alias") {
      const [operand] = node.operands;
      return this.read(operand, reindex(index, value.shape, operand.shape));
    }
    if (form.form !== "pointwise") throw new InternalError(`${value} is read before it is stored`);
    return form.at(value.index, index, (operand, at) => this.read(node.operands[operand], at));
  }
}

const identities = new WeakMap<Expr, string>();
let nextIdentity = 0;

/** Text that is equal for structurally equal index expressions; big ones are told apart by identity. */
export function indexKey(e: Expr, budget = 24): string {
  if (e.op === "const") return String(e.value);
  if (e.op === "var") return e.name;
  if (budget > 0 && e.op === "binary") return `${e.fn}(${indexKey(e.x, budget >> 1)},${indexKey(e.y, budget >> 1)})`;
  let id = identities.get(e);
  if (id === undefined) {
    id = `#${nextIdentity++}`;
    identities.set(e, id);
  }
  return id;
}

/** The reads of stored values that computing one element would make. */
export interface ReadRecord {
  readonly value: Tensor;
  readonly index: readonly Expr[];
}

/** Does the expression contain a guard (an arm that must not be evaluated)? */
export const hasGuard = (e: Expr): boolean => e.op === "guard" || operandsOf(e).some(hasGuard);

/** How many operations some expressions consist of; what they share counts once. */
export function operations(roots: readonly Expr[]): number {
  const seen = new Set<Expr>();
  const open = [...roots];
  for (let e = open.pop(); e; e = open.pop()) {
    if (e.op === "const" || e.op === "var" || seen.has(e)) continue;
    seen.add(e);
    for (const x of operandsOf(e)) open.push(x);
  }
  return seen.size;
}
