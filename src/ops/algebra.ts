/** Binds the operations that derivative structures are made of. */
import { bindAlgebra } from "../kinds/algebra.ts";
import { addOp, divOp, mulOp, negOp } from "./arithmetic.ts";
import { apply } from "./coerce.ts";
import { rawSum } from "./reduce.ts";
import { scanOp } from "./scan.ts";
import { whereOp } from "./select.ts";
import { zerosLike } from "./source.ts";
import { expand, reshape, transpose } from "./view.ts";

bindAlgebra({
  add: (x, y) => apply(addOp, [x, y]),
  mul: (x, y) => apply(mulOp, [x, y]),
  div: (x, y) => apply(divOp, [x, y]),
  neg: x => apply(negOp, [x]),
  where: (condition, x, y) => apply(whereOp, [condition, x, y]),
  zerosLike,
  sum: rawSum,
  expand,
  reshape,
  transpose,
  loop: scanOp,
});
