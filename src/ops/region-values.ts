import { type Scalar, Tensor } from "../graph/tensor.ts";
import { describe } from "../shared/describe.ts";
import { formatType, typeEquals } from "../shared/shape.ts";
import { mapTree } from "../shared/tree.ts";
import { callError } from "./coerce.ts";

/** What a body sees of a tree of values: plain handles of the same dtypes. */
export type Handles<T> =
  T extends Scalar<infer D>
    ? Scalar<D>
    : T extends Tensor<infer D>
      ? Tensor<D>
      : T extends null | undefined
        ? undefined
        : { [K in keyof T]: Handles<T[K]> };

/** The same tree with tensors of any rank. */
export type Tensors<T> =
  T extends Tensor<infer D> ? Tensor<D> : T extends null | undefined ? undefined : { [K in keyof T]: Tensors<T[K]> };

/** A tensor of a tree and where it stands, `carry.h`. */
export interface Leaf {
  readonly path: string;
  readonly value: Tensor;
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

export const isPresent = (tree: unknown): boolean => tree !== undefined && tree !== null;

/** A tree's leaves with their paths. */
export function leavesWithPaths(who: string, tree: unknown, root: string): Leaf[] {
  const found: Leaf[] = [];
  const label = (path: string): string => (path === "" ? root : `${root}.${path}`);
  mapTree(
    tree,
    isTensor,
    (value, path) => {
      found.push({ path: label(path), value });
      return value;
    },
    (value, path) => {
      throw callError("region", `${who}: ${label(path)} is not a tensor`, {
        expected: "tensors, in arrays and records nested at will",
        received: describe(value),
        mend: "Make plain numbers tensors with constant(value).",
      });
    },
  );
  return found;
}

/** The tree with its leaves replaced in order. */
export function regrow(tree: unknown, flat: readonly Tensor[]): unknown {
  let next = 0;
  return mapTree(tree, isTensor, () => flat[next++]);
}

/**
 * `after` has the structure and the types of `before`, exactly.
 * @param what what is of another structure: "the body returns a carry"
 * @param change what is of another type, before its name: "the body changes the type of"
 */
export function checkSameLeaves(
  who: string,
  before: readonly Leaf[],
  after: readonly Leaf[],
  what: string,
  change: string,
  mend?: string,
): void {
  const names = (list: readonly Leaf[]): string => list.map(l => l.path).join(", ");
  if (names(before) !== names(after)) {
    throw callError("region", `${who}: ${what} of another structure`, {
      expected: names(before),
      received: names(after),
      mend,
    });
  }
  before.forEach(({ path, value }, k) => {
    if (typeEquals(value, after[k].value)) return;
    throw callError("region", `${who}: ${change} ${path}`, {
      expected: formatType(value),
      received: formatType(after[k].value),
      mend,
    });
  });
}
