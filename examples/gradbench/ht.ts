import {
  add,
  arange,
  broadcastTo,
  concat,
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
  transpose,
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

/** What a hand is compared with: points [n, 3], and for each the vertices it lies between [n, 3]. */
interface Measured {
  readonly rest: Rest;
  readonly skeleton: Skeleton;
  readonly points: Values;
  readonly corners: Tensor<"i32">;
  /** Places in triangles [n, 2]; without them points correspond to their first vertices. */
  readonly us?: Values;
}

/** Points less what they correspond to in each of several poses, [poses, n, 3]. */
function errors(thetas: Values, { rest, skeleton, points, corners, us }: Measured): Values {
  const at = vertices(thetas, rest, skeleton);
  const corner = (i: number): Values => gather(at, indexAt(corners, i, 1), 1);
  if (!us) return sub(points, corner(0));
  const [u, v] = [0, 1].map(i => expandDims(indexAt(us, i, 1), 1));
  return sub(points, add(add(mul(u, corner(0)), mul(v, corner(1))), mul(sub(sub(1, u), v), corner(2))));
}

/**
 * The Jacobian [n, 3, columns]: first the columns of the places, where a point's errors depend on its own two numbers
 * alone, so that one tangent serves all points; then those of the pose: as many equal poses as it has numbers, each with
 * the tangent of one of them.
 */
function jacobianOf(theta: Values, measured: Measured): Values {
  const { us } = measured;
  const size = theta.shape[0] as number;
  const poses = broadcastTo(theta, [size, size]);
  const byPose = jvp(errors(poses, measured), poses, unit(arange(size), size)) as Values;
  const columns = [transpose(byPose, [1, 2, 0])];
  if (us) {
    const value = errors(expandDims(theta, 0), measured);
    const byPlace = [0, 1].map(i => jvp(value, us, broadcastTo(unit(constant(i, [], "i32"), 2), us.shape)) as Values);
    columns.unshift(
      stack(
        byPlace.map(column => indexAt(column, 0)),
        2,
      ),
    );
  }
  return concat(columns, 2);
}

const unit = (i: Tensor<"i32">, size: number): Values => oneHot(i, size, "f64");

/** The vertices that points lie between, three numbers each; only the first counts for points at vertices. */
function cornersOf({ us, data: { correspondences, model } }: Input): number[] {
  return correspondences.flatMap(c => (us.length > 0 ? [...model.triangles[c]] : [c, c, c]));
}

type Output = (theta: Values, measured: Measured) => Values;

function task(name: string, output: Output, given: Input) {
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
    const measured = {
      rest,
      skeleton,
      points: input("points", [n, 3], "f64"),
      corners: input("corners", [n, 3], "i32"),
      ...(complicated ? { us } : {}),
    };
    const inputs = [theta, ...(complicated ? [us] : []), ...Object.values(rest), measured.points, measured.corners];
    return { inputs, outputs: { result: output(theta, measured) } };
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
    const { run, outputs } = task("objective", (theta, measured) => errors(expandDims(theta, 0), measured), given);
    return { run: () => run(), output: () => Array.from(outputs.result) };
  },
  jacobian: (given: Input) => {
    const { run, outputs } = task("jacobian", jacobianOf, given);
    const width = given.theta.length + (given.us.length > 0 ? 2 : 0);
    return { run: () => run(), output: () => rowsOf(outputs.result, width) };
  },
};
