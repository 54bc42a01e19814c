import type { AttributeDoc } from "./page.ts";

/** Said of every operation that takes indices. */
export const CLAMPED =
  "indices are checked where they enter a compiled function; elsewhere they are clamped to the first or last position";

/** Attributes that several operations have. */
export const REDUCED_AXIS: AttributeDoc = {
  name: "axis",
  type: "integer",
  meaning: "the axis that is reduced and dropped",
};

export const REDUCED_AXES: AttributeDoc = {
  name: "axes",
  type: "integer list",
  meaning: "increasing; the axes that are reduced and dropped",
};

/** Of a fold along an axis. */
export const FOLD: readonly AttributeDoc[] = [
  { name: "axis", type: "axis", meaning: "along which the fold runs" },
  { name: "reverse", type: "boolean", meaning: "from the last element to the first" },
  { name: "exclusive", type: "boolean", meaning: "leave out the element itself" },
];
