import { iadd, imul, int, isConst, sameExpr } from "../../src/loop/build.ts";
import type { Expr } from "../../src/loop/ir.ts";

export interface Term {
  readonly expr: Expr;
  readonly coefficient: number;
}

/** constant + Σ coefficient·expr. All arithmetic of i32 wraps, so that terms may be put together in any order. */
export interface Affine {
  readonly terms: readonly Term[];
  readonly constant: number;
}

/** An index with products by constants multiplied out and equal terms added up: what cancels is gone. */
export function affineOf(index: Expr): Affine {
  const terms: { readonly expr: Expr; coefficient: number }[] = [];
  let constant = 0;
  const visit = (e: Expr, coefficient: number): void => {
    if (isConst(e)) {
      constant = (constant + Math.imul(e.value, coefficient)) | 0;
    } else if (e.op === "binary" && (e.fn === "add" || e.fn === "sub")) {
      visit(e.x, coefficient);
      visit(e.y, e.fn === "add" ? coefficient : -coefficient | 0);
    } else if (e.op === "binary" && e.fn === "mul" && isConst(e.y)) {
      visit(e.x, Math.imul(coefficient, e.y.value));
    } else {
      const known = terms.find(t => sameExpr(t.expr, e));
      if (known) known.coefficient = (known.coefficient + coefficient) | 0;
      else terms.push({ expr: e, coefficient });
    }
  };
  visit(index, 1);
  return { terms: terms.filter(t => t.coefficient !== 0), constant };
}

/** The sum as an expression; terms with the same coefficient are multiplied once. */
export function sumOf(terms: readonly Term[], constant = 0): Expr {
  const groups = new Map<number, Expr>();
  for (const { expr, coefficient } of terms) {
    const others = groups.get(coefficient);
    groups.set(coefficient, others ? iadd(others, expr) : expr);
  }
  const products = [...groups].map(([coefficient, expr]) => imul(expr, int(coefficient)));
  return iadd(
    products.reduce((x, y) => iadd(x, y), int(0)),
    int(constant),
  );
}
