import { createNode, type Node } from "../../graph/node.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { rebuild } from "../../graph/traverse.ts";
import { div, mul } from "../../ops/arithmetic.ts";
import { gt } from "../../ops/compare.ts";
import { sqrt } from "../../ops/power.ts";
import { where, whereOp } from "../../ops/select.ts";
import { fill } from "../../ops/source.ts";
import { log } from "../../ops/transcendental.ts";
import { isFloat } from "../../shared/dtype.ts";
import { fillValue } from "../constants.ts";
import { sample } from "../example.ts";
import { p } from "../pattern.ts";
import type { Family, Rule, Value } from "../rule.ts";

type Condition = Tensor<"bool">;

/** How far below a branch singular operations are looked for. */
const MAX_NODES = 256;

/**
 * Whether an operand is already safe where the branch is not taken: a number, or a choice on this condition, or one
 * that other conditions guard as well.
 */
function isSafe(operand: Tensor, condition: Condition, taken: boolean): boolean {
  let at = operand;
  while (fillValue(at) === undefined) {
    const { op, operands } = at.node;
    if (op !== whereOp) return false;
    const [test, yes, no] = operands;
    if (test === condition && fillValue(taken ? no : yes) !== undefined) return true;
    if (fillValue(no) !== undefined) at = yes;
    else if (fillValue(yes) !== undefined) at = no;
    else return false;
  }
  return true;
}

/**
 * The elementwise nodes of a branch that derivatives pass through, in any order. Conditions and integers have no
 * derivative, and nodes that are not elementwise see all elements, so that a mask does not reach them.
 */
function elementwiseNodes(branch: Tensor): Node[] {
  const found = new Set<Node>();
  const stack = [branch.node];
  for (let node = stack.pop(); node && found.size < MAX_NODES; node = stack.pop()) {
    if (node.op.kind !== "elementwise" || !isFloat(node.outputs[0].dtype) || found.has(node)) continue;
    found.add(node);
    for (const o of node.operands) stack.push(o.node);
  }
  return [...found];
}

/** Operands of a node that may be singular where the branch is not taken. */
const openOperands = ({ op, operands }: Node, condition: Condition, taken: boolean): number[] =>
  operands.flatMap((o, k) => {
    const safe = op.safeArgument?.[k];
    return safe === undefined || safe === null || isSafe(o, condition, taken) ? [] : [k];
  });

/** The branch with safe arguments for its singular operations; undefined if it has none that need one. */
function guarded(branch: Tensor, condition: Condition, taken: boolean): Tensor | undefined {
  const inside = new Set(elementwiseNodes(branch));
  if (![...inside].some(n => openOperands(n, condition, taken).length > 0)) return undefined;
  // Below the branch nothing changes.
  const border = [...inside].flatMap(n => n.operands.filter(o => !inside.has(o.node)));
  const substitution = new Map(border.map(o => [o, o]));
  const visit = (node: Node, operands: readonly Tensor[]): readonly Tensor[] => {
    if (!inside.has(node)) return node.outputs;
    const open = openOperands(node, condition, taken);
    const next = operands.map((o, k) => {
      if (!open.includes(k)) return o;
      const safe = fill(node.op.safeArgument?.[k] ?? 1, o.shape, o.dtype);
      return taken ? where(condition, o, safe) : where(condition, safe, o);
    });
    return next.every((o, k) => o === node.operands[k]) ? node.outputs : createNode(node.op, next, node.attrs).outputs;
  };
  return rebuild([branch], visit, substitution)[0];
}

const a = () => sample("a");

/*
 *   where(c, f(x), y) = where(c, f(where(c, x, s)), y)    f singular somewhere, s a point where it is not
 *
 * The value is the same. Without it the derivative is ȳ·0·f′(x) in the branch that is not taken: NaN where f′ is infinite.
 */
const rules: readonly Rule[] = [
  {
    name: "safe-branches",
    equation: "where(c, f(x), y) = where(c, f(where(c, x, s)), y)",
    contract: "exact",
    pattern: p(whereOp, "c", "x", "y"),
    build: ({ c, x, y }) => {
      const condition = c as Tensor as Condition;
      const then = guarded(x, condition, true);
      const otherwise = guarded(y, condition, false);
      if (!then && !otherwise) return undefined;
      return where(condition, then ?? x, otherwise ?? y) as Value;
    },
    examples: [
      () => (x => where(gt(x, 0), log(x), 0))(a()),
      () => (x => where(gt(x, 0), x, mul(2, sqrt(div(x, sample("b"))))))(a()),
    ],
  },
];

export const SAFE_BRANCHES: Family = { name: "safe branches", phases: ["stabilise"], rules };
