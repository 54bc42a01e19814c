import type { Node } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import { type Dim, dimEquals, dimMax, dimMin } from "../shared/dim.ts";
import { baseOf } from "./materialise.ts";
import { formOf } from "./reader.ts";

/** What a value is called outside of the loops that read it. */
type Outer = (value: Tensor) => Tensor | undefined;

/**
 * What parameters of a body stand for. Slices and captures hold nothing but what the operands hold; carries change from
 * step to step.
 */
function givenOf(node: Node, parameters: readonly Tensor[]): Map<Tensor, Tensor> {
  const form = formOf(node);
  if (form.form === "cond") return new Map(parameters.map((p, k) => [p, node.operands[k + 1]]));
  if (form.form !== "scan") return new Map();
  return new Map(parameters.slice(form.carries).map((p, k) => [p, node.operands[k + form.carries]]));
}

/** Every use of a value as an index below the roots, in the bodies of loops too, with its (exclusive) bound. */
function* uses(roots: readonly Tensor[], outer: Outer): Generator<{ value: Tensor; below: Dim }> {
  for (const node of topological(roots)) {
    for (const { operand, below } of node.op.indexBounds?.(node) ?? []) {
      const value = outer(baseOf(node.operands[operand]));
      if (value) yield { value, below };
    }
    for (const { parameters, results } of node.regions) {
      const given = givenOf(node, parameters);
      yield* uses(results, inner => {
        const operand = given.get(inner);
        return operand && outer(baseOf(operand));
      });
    }
  }
}

/**
 * The bounds that every element of an input must stay below, being used as an index: none, one, or several of which the
 * sizes of a call decide which is least.
 */
export function indexBounds(value: Tensor, roots: readonly Tensor[]): Dim[] {
  const bounds: Dim[] = [];
  for (const use of uses(roots, v => v)) {
    if (use.value === value && !bounds.some(b => dimEquals(b, use.below))) bounds.push(use.below);
  }
  // A bound that another never exceeds says nothing.
  return bounds.filter(
    (b, i) => !bounds.some((c, k) => k !== i && dimMax(c) <= dimMin(b) && (k < i || dimMax(b) > dimMin(c))),
  );
}
