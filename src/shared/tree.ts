import { describe } from "./describe.ts";
import { GradcError } from "./errors.ts";

/** Values in records and arrays, nested at will. */
export type Tree<T> = T | readonly Tree<T>[] | { readonly [key: string]: Tree<T> };

/** The tree with its leaves replaced by U. */
export type MapTree<Shape, T, U> = Shape extends T
  ? U
  : Shape extends readonly unknown[]
    ? { [K in keyof Shape]: MapTree<Shape[K], T, U> }
    : Shape extends object
      ? { [K in keyof Shape]: MapTree<Shape[K], T, U> }
      : never;

type IsLeaf<T> = (value: unknown) => value is T;

/** The leaves in a fixed order: arrays by index, records by insertion. `strange` as for mapTree. */
export function leavesOf<T>(tree: unknown, isLeaf: IsLeaf<T>, strange?: (value: unknown, path: string) => T): T[] {
  const leaves: T[] = [];
  const keep = (leaf: T): T => {
    leaves.push(leaf);
    return leaf;
  };
  mapTree(tree, isLeaf, keep, strange && ((value, path) => keep(strange(value, path))));
  return leaves;
}

/** The same tree with every leaf replaced. Anything that is neither a leaf, an array nor a record goes to `strange`. */
export function mapTree<T, U>(
  tree: unknown,
  isLeaf: IsLeaf<T>,
  change: (leaf: T, path: string) => U,
  strange: (value: unknown, path: string) => U = (value, path) => {
    throw new GradcError("argument", `${path === "" ? "the value" : path} is neither a leaf, an array nor a record`, {
      expected: "values in arrays and records",
      received: describe(value),
    });
  },
  path = "",
): unknown {
  if (isLeaf(tree)) return change(tree, path);
  const at = (key: string): string => (path === "" ? key : `${path}.${key}`);
  if (Array.isArray(tree)) return tree.map((t, i) => mapTree(t, isLeaf, change, strange, at(String(i))));
  if (typeof tree === "object" && tree !== null && Object.getPrototypeOf(tree) === Object.prototype) {
    return Object.fromEntries(Object.entries(tree).map(([k, t]) => [k, mapTree(t, isLeaf, change, strange, at(k))]));
  }
  return strange(tree, path);
}
