import type { Json } from "../../../examples/gradbench/task.ts";

const TOLERANCE = 1e-4;

const far = (a: number, b: number): boolean => !(Math.abs(a - b) / Math.max(1, Math.abs(a) + Math.abs(b)) <= TOLERANCE);

const isTree = (x: unknown): x is Readonly<Record<string, Json>> => typeof x === "object" && x !== null;

/** The first difference by GradBench's measure, which is absolute below 1 and relative above; undefined without one. */
export function difference(expected: Json, got: Json | undefined, path = "output"): string | undefined {
  if (typeof expected === "number" && typeof got === "number") {
    return far(expected, got) ? `${path}: ${got}, expected ${expected}` : undefined;
  }
  if (!isTree(expected) || !isTree(got)) {
    return expected === got ? undefined : `${path}: ${JSON.stringify(got)}, expected ${JSON.stringify(expected)}`;
  }
  const [keys, found] = [Object.keys(expected), Object.keys(got)];
  if (Array.isArray(expected) !== Array.isArray(got) || keys.length !== found.length) {
    return `${path}: ${found.length} members, expected ${keys.length}`;
  }
  for (const key of keys) {
    const off = difference(expected[key], got[key], `${path}.${key}`);
    if (off !== undefined) return off;
  }
  return undefined;
}
