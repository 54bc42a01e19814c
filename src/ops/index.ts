import { bindAlgebra } from "../kinds/algebra.ts";
import type { LowerableOp } from "../kinds/form.ts";
import { present } from "../shared/errors.ts";
import { addOp, divOp, mulOp, negOp, subOp } from "./arithmetic.ts";
import { bitcastOp, castOp } from "./cast.ts";
import { apply } from "./coerce.ts";
import { eqOp, geOp, gtOp, leOp, ltOp, neOp } from "./compare.ts";
import { maximumOp, minimumOp } from "./maximum.ts";
import { maxOp, minOp, rawSum, sumOp } from "./reduce.ts";
import { whereOp } from "./select.ts";
import { constantOp, extentOp, iotaOp, zerosLike } from "./source.ts";
import { concatOp, expand, expandOp, flipOp, padOp, reshape, reshapeOp, sliceOp, transposeOp } from "./view.ts";

/** All operations, by kind. */
export const CATALOGUE: readonly LowerableOp[] = [
  ...[addOp, subOp, mulOp, divOp, negOp, maximumOp, minimumOp],
  ...[eqOp, neOp, ltOp, leOp, gtOp, geOp, whereOp, castOp, bitcastOp],
  ...[reshapeOp, expandOp, transposeOp, sliceOp, padOp, flipOp, concatOp],
  ...[sumOp, maxOp, minOp],
  ...[constantOp, extentOp, iotaOp],
];

/** The catalogue by name. */
export const OPS: ReadonlyMap<string, LowerableOp> = new Map(CATALOGUE.map(op => [op.name, op]));

/** An operation of the catalogue; fails with InternalError where there is none. */
export const opNamed = (name: string): LowerableOp => present(OPS.get(name), `no operation ${name}`);

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
});
