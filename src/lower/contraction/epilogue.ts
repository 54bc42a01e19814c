import * as s from "../../loop/build.ts";
import type { Expr } from "../../loop/ir.ts";
import type { Storage } from "../storage.ts";
import type { Letters, Product } from "./product.ts";

/** A block of finished sums: element (i, j), at first + i·stride + j, stands for row rows.from + i and column columns.from + j of the product. */
export interface Block {
  readonly storage: Storage;
  readonly first: Expr;
  readonly stride: Expr;
  readonly rows: { readonly from: Expr; readonly count: Expr };
  readonly columns: { readonly from: Expr; readonly count: Expr };
}

/** From finished sums to the results: bias, activation, updates …, row by row. */
export function emitEpilogue(product: Product, block: Block, letters: Letters): void {
  const { e, roles, form, stages } = product;
  const [output] = product.node.outputs;
  e.builder.loop("i", s.int(0), block.rows.count, i => {
    const rowLetters = product.at(roles.rows, s.iadd(block.rows.from, i), letters);
    e.builder.loop("j", s.int(0), block.columns.count, j => {
      const at = product.at(roles.columns, s.iadd(block.columns.from, j), rowLetters);
      const index = form.out.map(l => at[l]);
      const sum = e.builder.load(block.storage, s.iadd(s.iadd(block.first, s.imul(i, block.stride)), j));
      e.keepResult(output, index, e.builder.freeze(sum, "c"));
      e.points(stages, index);
      e.flush();
    });
  });
}
