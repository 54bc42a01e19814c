import { currentSite } from "../graph/call-site.ts";
import type { NdArray } from "../graph/op.ts";
import { nameOf } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { describe } from "../shared/describe.ts";
import { type Dim, dimSymbols, resolveDim } from "../shared/dim.ts";
import { allocate } from "../shared/dtype.ts";
import type { ErrorCode } from "../shared/error-codes.ts";
import { GradcError } from "../shared/errors.ts";
import { formatType, resolveShape, sizeOf } from "../shared/shape.ts";
import { fitsDtype } from "./names.ts";

/** A number, a flat array in row-major order, or nested arrays. */
export type Feed = number | boolean | ArrayLike<number> | readonly NestedArray[];
export type NestedArray = number | boolean | readonly NestedArray[];

const feedError = (code: ErrorCode, leaf: Tensor, problem: string, received: string): GradcError => {
  const site = currentSite();
  return new GradcError(code, `${JSON.stringify(nameOf(leaf))}: ${problem}`, {
    expected: formatType(leaf),
    received,
    sites: site ? [site] : [],
  });
};

/** Sizes of nested arrays by their first elements; undefined for flat and typed arrays. */
function nestedShape(feed: Feed): number[] | undefined {
  if (!Array.isArray(feed) || !Array.isArray(feed[0])) return undefined;
  const shape: number[] = [];
  for (let level: unknown = feed; Array.isArray(level); level = level[0]) shape.push(level.length);
  return shape;
}

/**
 * The value of the one open symbol of `dim` for which it becomes `size`: dimensions grow with their symbols, so the
 * value is found by bisection. Undefined where there is none in 1 … max, or more than one symbol is open.
 */
function solve(dim: Dim, size: number, env: Record<string, number>): boolean {
  const open = dimSymbols([dim]).filter(s => env[s.name] === undefined);
  if (open.length > 1) return false;
  if (open.length === 0) return resolveDim(dim, env) === size;
  const [{ name, max }] = open;
  let low = 1;
  let high = max;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (resolveDim(dim, { ...env, [name]: middle }) < size) low = middle + 1;
    else high = middle;
  }
  if (resolveDim(dim, { ...env, [name]: low }) !== size) return false;
  env[name] = low;
  return true;
}

/** Checks what a user gives for a leaf and adds the sizes that follow from it to `env`. */
export function readFeed(leaf: Tensor, feed: Feed, env: Record<string, number>): NdArray {
  const nested = nestedShape(feed);
  if (nested) {
    const fits = nested.length === leaf.rank && leaf.shape.every((d, axis) => solve(d, nested[axis], env));
    if (!fits) throw feedError("input-length", leaf, "nested arrays of another shape", `[${nested.join(", ")}]`);
  }
  const elements = typeof feed === "object" ? flatten(leaf, feed, nested?.length ?? 1) : [feed];
  if (leaf.rank > 0 && typeof feed !== "object") throw feedError("input-type", leaf, "not an array", describe(feed));
  if (!solve(sizeOf(leaf.shape), elements.length, env)) {
    throw feedError("input-length", leaf, "not as many elements as the shape has", `${elements.length} elements`);
  }
  const shape = resolveShape(leaf.shape, env);
  const data = allocate(leaf.dtype, elements.length);
  elements.forEach((element, i) => {
    const value = typeof element === "boolean" ? Number(element) : element;
    if (!fitsDtype(value, leaf.dtype)) {
      throw feedError("input-type", leaf, `element ${i} is not of its dtype`, describe(element));
    }
    data[i] = value as number;
  });
  return { dtype: leaf.dtype, shape, data };
}

/** The elements of arrays nested `depth` deep, all rows of one level equally long. */
function flatten(leaf: Tensor, feed: object | null, depth: number): unknown[] {
  if (feed === null || !("length" in feed)) throw feedError("input-type", leaf, "not an array", describe(feed));
  let level: unknown[] = Array.from(feed as ArrayLike<unknown>);
  for (let d = 1; d < depth; d++) {
    const [first] = level as unknown[][];
    if (level.some(row => !Array.isArray(row) || row.length !== first.length)) {
      throw feedError("input-length", leaf, "nested arrays with rows of different lengths", "ragged rows");
    }
    level = (level as unknown[][]).flat();
  }
  return level;
}
