import { argumentError } from "../graph/arguments.ts";
import { describe } from "../shared/describe.ts";
import { GradcError } from "../shared/errors.ts";
import { normalizeAxis } from "../shared/shape.ts";
import { callError } from "./coerce.ts";

/** An axis as users write it (negative counts from the back), checked. */
export function axisOf(name: string, axis: number, rank: number): number {
  const normal = normalizeAxis(axis, rank);
  if (normal === undefined) {
    throw callError("attribute", `${name}: axis out of range`, {
      expected: rank === 0 ? "no axis: the operand is a scalar" : `an integer from ${-rank} to ${rank - 1}`,
      received: describe(axis),
    });
  }
  return normal;
}

/** Axes as users write them: one, several, or undefined for all; sorted, without duplicates. */
export function axesOf(name: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  if (typeof axes !== "number" && !Array.isArray(axes)) {
    throw argumentError(name, "these are no axes", "an axis, or an array of axes", axes);
  }
  const list = (typeof axes === "number" ? [axes] : axes).map(axis => axisOf(name, axis, rank));
  if (new Set(list).size !== list.length) {
    throw callError("attribute", `${name}: an axis is named twice`, {
      expected: "distinct axes",
      received: `[${list.join(", ")}]`,
    });
  }
  return list.sort((a, b) => a - b);
}

/** For type rules: `axes` are distinct axes of a tensor of this rank. */
export function checkAxes(name: string, axes: readonly number[], rank: number): void {
  const valid = axes.every(axis => Number.isInteger(axis) && axis >= 0 && axis < rank);
  if (!valid || new Set(axes).size !== axes.length) {
    throw new GradcError("attribute", `${name}: the axes do not fit the operand`, {
      expected: `distinct axes from 0 to ${rank - 1}`,
      received: `[${axes.join(", ")}]`,
    });
  }
}
