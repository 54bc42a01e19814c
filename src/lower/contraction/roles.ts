import type { AxisMap, ContractionForm } from "../../kinds/form.ts";

/** The letters of a contraction by where they stand: batch in all three, rows left, columns right, depth summed. */
export interface Roles {
  readonly batch: readonly string[];
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** In the order of the left operand's axes, so that its neighbours in memory follow each other. It is the order of the sum. */
  readonly depth: readonly string[];
}

export function rolesOf(form: ContractionForm): Roles {
  const lettersOf = (axes: readonly AxisMap[]): Set<string> => new Set(axes.flatMap(a => a.terms.map(t => t.letter)));
  const left = lettersOf(form.left);
  const right = lettersOf(form.right);
  const out = new Set(form.out);
  const all = new Set([...left, ...right, ...Object.keys(form.extents)]);
  return {
    batch: form.out.filter(l => left.has(l) && right.has(l)),
    rows: form.out.filter(l => left.has(l) && !right.has(l)),
    columns: form.out.filter(l => !left.has(l) && right.has(l)),
    depth: [...all].filter(l => !out.has(l)),
  };
}
