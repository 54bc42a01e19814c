import {
  add,
  broadcastTo,
  constant,
  expandDims,
  gather,
  indexAt,
  input,
  jvp,
  mul,
  oneHot,
  stack,
  sub,
  type Tensor,
} from "gradc";
import { type Rest, type Skeleton, vertices } from "./hand.ts";
import { resident } from "./resident.ts";
import { rowsOf } from "./rows.ts";
import type { Module } from "./task.ts";

type Rows = readonly (readonly number[])[];

interface Input {
  readonly theta: readonly number[];
  readonly data: {
    readonly model: {
      readonly parents: readonly number[];
      readonly base_relatives: readonly Rows[];
      readonly inverse_base_absolutes: readonly Rows[];
      readonly base_positions: Rows;
      readonly weights: Rows;
      readonly triangles: Rows;
      readonly is_mirrored: boolean;
    };
    readonly correspondences: readonly number[];
    readonly points: Rows;
  };
  /** Places in triangles, two numbers for each point; empty where points correspond to vertices. */
  readonly us: Rows;
}

type Values = Tensor<"f64">;

/** What the errors depend on: the pose, and for points on triangles their places [points, 2]. */
type Variables = { readonly theta: Values; readonly us?: Values };

/** Points less the vertices that they correspond to, or points of triangles: [points, 3]. */
function errors(
  { theta, us }: Variables,
  rest: Rest,
  skeleton: Skeleton,
  points: Values,
  corners: Tensor<"i32">,
): Values {
  const at = vertices(theta, rest, skeleton);
  if (!us) return sub(points, gather(at, indexAt(corners, 0, 1)));
  const [u, v] = [0, 1].map(i => expandDims(indexAt(us, i, 1), 1));
  const parts = [u, v, sub(sub(1, u), v)].map((share, i) => mul(share, gather(at, indexAt(corners, i, 1))));
  return sub(points, add(add(parts[0], parts[1]), parts[2]));
}

/**
 * The columns of the Jacobian: first those of the places of points, where a point's errors depend on its own two
 * numbers alone, so that one tangent serves all points; then a column for each parameter of the pose.
 */
function jacobianColumns(value: Values, { theta, us }: Variables): Values {
  const unit = (i: number, n: number): Values => oneHot(constant(i, [], "i32"), n, "f64");
  const n = theta.shape[0] as number;
  const own = us ? [0, 1].map(i => jvp(value, us, broadcastTo(unit(i, 2), us.shape)) as Values) : [];
  const pose = Array.from({ length: n }, (_, i) => jvp(value, theta, unit(i, n)) as Values);
  return stack([...own, ...pose], 2);
}

/** The vertices that points lie between, three numbers each; only the first counts for points at vertices. */
function cornersOf({ us, data: { correspondences, model } }: Input): number[] {
  return correspondences.flatMap(c => (us.length > 0 ? [...model.triangles[c]] : [c, c, c]));
}

type Outputs = (value: Values, variables: Variables) => Values;

function task(name: string, output: Outputs, given: Input) {
  const { model, points } = given.data;
  const skeleton = { parents: model.parents, mirrored: model.is_mirrored };
  const [bones, vertexCount, n] = [model.parents.length, model.base_positions.length, points.length];
  const complicated = given.us.length > 0;
  const declare = () => {
    const theta = input("theta", [given.theta.length], "f64");
    const us = input("us", [n, 2], "f64");
    const rest = {
      relatives: input("relatives", [bones, 4, 4], "f64"),
      inverses: input("inverses", [bones, 4, 4], "f64"),
      positions: input("positions", [vertexCount, 4], "f64"),
      weights: input("weights", [vertexCount, bones], "f64"),
    };
    const measured = input("points", [n, 3], "f64");
    const corners = input("corners", [n, 3], "i32");
    const variables = complicated ? { theta, us } : { theta };
    const value = errors(variables, rest, skeleton, measured, corners);
    const inputs = [theta, ...(complicated ? [us] : []), ...Object.values(rest), measured, corners];
    return { inputs, outputs: { result: output(value, variables) } };
  };
  const shape = [given.theta.length, bones, vertexCount, n, complicated, skeleton.mirrored, skeleton.parents];
  return resident(`ht ${name} ${shape}`, declare, {
    theta: given.theta,
    ...(complicated ? { us: given.us.flat() } : {}),
    relatives: model.base_relatives.flat(2),
    inverses: model.inverse_base_absolutes.flat(2),
    positions: model.base_positions.flat(),
    weights: model.weights.flat(),
    points: points.flat(),
    corners: cornersOf(given),
  });
}

/** Hand tracking: how far a posed hand is from measured points, and the Jacobian, 28 or 26 columns. */
export const ht: Module = {
  objective: (given: Input) => {
    const { run, outputs } = task("objective", value => value, given);
    return { run: () => run(), output: () => Array.from(outputs.result) };
  },
  jacobian: (given: Input) => {
    const { run, outputs } = task("jacobian", jacobianColumns, given);
    const width = given.theta.length + (given.us.length > 0 ? 2 : 0);
    return { run: () => run(), output: () => rowsOf(outputs.result, width) };
  },
};
