import { createNode, type Node } from "../graph/node.ts";
import { originsOf, withOrigin } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import { algebra } from "../kinds/algebra.ts";
import { castOp } from "../ops/cast.ts";
import { neOp } from "../ops/compare.ts";
import { andOp, notOp, orOp } from "../ops/logic.ts";
import { sumOp } from "../ops/sum.ts";
import { isFloat } from "../shared/dtype.ts";
import { isNonzeroConstant, isPositive } from "./signs.ts";

/*
 * The branch of a choice that is not taken adds nothing to a gradient:
 *   y = where(c, f(x), …), x̄ = where(c, where(c, ȳ, 0)·f′(x), 0)
 * Without the outer choice x̄ would be 0·∞ = NaN where f′ is infinite. So the reverse sweep knows of every cotangent below
 * a choice where it is zero by construction, its mask, and puts the choice once where it leaves the elements it belongs
 * to: where it is summed, added to another, or wanted. The forward graph stays as it is, masks grow by one `and` for each
 * choice, and the result is a choice again, so that derivatives of any order are safe.
 */

/** The choice that is put in, as a rule by which reports can name it. */
export const SAFE_BRANCHES = {
  name: "safe-branches",
  equation: "x̄ = where(taken, x̄, 0): the branch that is not taken adds nothing",
  contract: "exact",
} as const;

export interface Cotangent {
  readonly value: Tensor;
  /** bool of the same shape: false where the cotangent is zero by construction. */
  readonly mask?: Tensor;
  /** Whether it may be NaN there. */
  readonly dirty: boolean;
}

const make = (op: Node["op"], ...operands: Tensor[]): Tensor => createNode(op, operands).outputs[0];

/** The cotangent as everybody may read it. */
export function clean({ value, mask, dirty }: Cotangent): Tensor {
  if (!mask || !dirty) return value;
  return withOrigin({ kind: "rewrite", rule: SAFE_BRANCHES.name, replaced: value }, () =>
    algebra().where(mask, value, algebra().zerosLike(value)),
  );
}

/** The sum of two. */
export function sumOf(a: Cotangent, b: Cotangent): Cotangent {
  if (a.mask === b.mask) return { ...a, value: algebra().add(a.value, b.value), dirty: a.dirty || b.dirty };
  const mask = a.mask && b.mask && make(orOp, a.mask, b.mask);
  return { value: algebra().add(clean(a), clean(b)), mask, dirty: false };
}

/** Whether an operand may lie at a singular point. */
const isSingular = ({ op, operands }: Node): boolean =>
  operands.some(
    (o, k) => typeof op.safeArgument?.[k] === "number" && isFloat(o.dtype) && !isNonzeroConstant(o) && !isPositive(o),
  );

/** The nodes of an order that are or depend on operations with singular points: their values may be infinite. */
export function singularNodes(order: readonly Node[]): ReadonlySet<Node> {
  const found = new Set<Node>();
  for (const node of order) {
    if (node.operands.some(o => found.has(o.node)) || isSingular(node)) found.add(node);
  }
  return found;
}

/** Operations of one result whose elements depend on the elements at the same place alone. */
export const isElementwise = ({ op, outputs }: Node): boolean => op.kind === "elementwise" && outputs.length === 1;

/** What a node hands on to operand `at`, given its own cotangent (cleaned unless the node is elementwise). */
export function handedOn(
  node: Node,
  own: Cotangent,
  at: number,
  value: Tensor,
  singular: ReadonlySet<Node>,
): Cotangent {
  const operand = node.operands[at];
  const below = singular.has(operand.node);
  if (value === own.value) return { ...own, mask: below || own.dirty ? own.mask : undefined };
  if (!isElementwise(node)) return { value, mask: below ? carried(node, own, at) : undefined, dirty: false };
  let { mask } = own;
  if (node.op.chooses && at > 0) {
    const [condition] = node.operands;
    const side = at === 1 ? condition : make(notOp, condition);
    mask = mask ? make(andOp, mask, side) : side;
  }
  const dirty = mask !== undefined && (own.dirty || (!node.op.chooses && singular.has(node)));
  return below || dirty ? { value, mask, dirty } : { value, dirty };
}

/** The mask of an operand of an operation that only moves and adds elements: where the mask's own cotangent is not 0. */
function carried(node: Node, { mask }: Cotangent, at: number): Tensor | undefined {
  const { op, operands, outputs } = node;
  const moves = op.kind === "view" || op.kind === "indexed" || op === sumOp;
  if (!mask || !moves || outputs.length !== 1 || !op.derivative) return undefined;
  const marks = createNode(castOp, [mask], { dtype: outputs[0].dtype }).outputs[0];
  const needed = operands.map((_, k) => k === at);
  const moved = op.derivative.vjp({ node, operands, outputs, cotangents: [marks], needed })[at];
  return moved ? make(neOp, moved, algebra().zerosLike(moved)) : undefined;
}

/** The guards in a graph, bodies of loops included: what was guarded, and the choice that stands for it. */
export function guardsIn(roots: readonly Tensor[]): { readonly before: Tensor; readonly after: Tensor }[] {
  return topological(roots).flatMap(node => {
    const inner = node.regions.flatMap(r => guardsIn(r.results));
    if (!node.op.chooses) return inner;
    const [after] = node.outputs;
    const own = originsOf(after).find(o => o.kind === "rewrite" && o.rule === SAFE_BRANCHES.name);
    return own?.kind === "rewrite" ? [...inner, { before: own.replaced, after }] : inner;
  });
}
