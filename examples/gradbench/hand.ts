import {
  add,
  concat,
  constant,
  cos,
  div,
  einsum,
  expandDims,
  fill,
  gather,
  indexAt,
  lt,
  mul,
  neg,
  ones,
  reshape,
  sin,
  slice,
  sqrt,
  stack,
  sub,
  sum,
  type Tensor,
  where,
  zeros,
} from "gradc";

type Values = Tensor<"f64">;

/** A hand at rest: transforms [bones, 4, 4], positions [vertices, 4] and weights of skinning [vertices, bones]. */
export type Rest = {
  readonly relatives: Values;
  readonly inverses: Values;
  readonly positions: Values;
  readonly weights: Values;
};

/** What shapes the program: for each bone the one it hangs on, or −1. */
export interface Skeleton {
  readonly parents: readonly number[];
  readonly mirrored: boolean;
}

const FINGERS = 5;
const FIRST_FINGER = 2;
const BONES_OF_FINGER = 4;
/** Angles of a finger: two at its first bone, one at each of the next two. */
const ANGLES = 4;
const FIRST_ANGLE = 6;
const IDENTITY = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

const list = (values: readonly number[]): Tensor<"i32"> => constant(values, [values.length], "i32");

/** For every bone the place of an angle in the pose, or `none`; `angles` names those of a finger's bones. */
function places(bones: number, angles: readonly (number | undefined)[], none: number): number[] {
  const all = Array.from({ length: bones }, () => none);
  for (let finger = 0; finger < FINGERS; finger++) {
    angles.forEach((angle, part) => {
      if (angle === undefined) return;
      all[FIRST_FINGER + finger * BONES_OF_FINGER + part] = FIRST_ANGLE + finger * ANGLES + angle;
    });
  }
  return all;
}

/** Turns of all bones [poses, bones, 4, 4], around z after x. */
function turns(thetas: Values, bones: number): Values {
  const [poses, none] = thetas.shape as readonly number[];
  const padded = concat([thetas, zeros([poses, 1], "f64")], 1);
  const x = gather(padded, list(places(bones, [0, 2, 3], none)), 1);
  const z = gather(padded, list(places(bones, [1], none)), 1);
  const [cx, sx, cz, sz] = [cos(x), sin(x), cos(z), sin(z)];
  const [o, l] = [zeros([poses, bones], "f64"), ones([poses, bones], "f64")];
  const entries = [
    [cz, neg(mul(sz, cx)), mul(sz, sx), o],
    [sz, mul(cz, cx), neg(mul(cz, sx)), o],
    [o, sx, cx, o],
    [o, o, o, l],
  ];
  return reshape(stack(entries.flat(), 2), [poses, bones, 4, 4]);
}

/** Products of the transforms from the root to each bone, level by level of the skeleton. */
function absolutes(relatives: Values, parents: readonly number[]): Values {
  const depths: number[] = [];
  for (const parent of parents) depths.push(parent < 0 ? 0 : depths[parent] + 1);
  const levels: Values[] = [];
  const order: number[] = [];
  let above: readonly number[] = [];
  for (let depth = 0; order.length < parents.length; depth++) {
    const bones = parents.flatMap((_, bone) => (depths[bone] === depth ? [bone] : []));
    const own = gather(relatives, list(bones), 1);
    const up = bones.map(bone => above.indexOf(parents[bone]));
    levels.push(depth === 0 ? own : einsum("sbij,sbjk->sbik", gather(levels[depth - 1], list(up), 1), own));
    order.push(...bones);
    above = bones;
  }
  return gather(concat(levels, 1), list(parents.map((_, bone) => order.indexOf(bone))), 1);
}

/** Rotations around axes [poses, 3] by their lengths; none below 0.0001. */
function rotations(axes: Values): Values {
  const poses = axes.shape[0];
  const still = lt(sum(mul(axes, axes), 1), 1e-8);
  // The length has no derivative at 0: the branch that is not taken may not come near it.
  const safe = where(expandDims(still, 1), fill(1, [1, 3], "f64"), axes);
  const angle = sqrt(sum(mul(safe, safe), 1));
  const [x, y, z] = [0, 1, 2].map(i => div(indexAt(safe, i, 1), angle));
  const [c, s] = [cos(angle), sin(angle)];
  const t = sub(1, c);
  const entries = [
    [add(mul(mul(x, x), t), c), sub(mul(mul(x, y), t), mul(z, s)), add(mul(mul(x, z), t), mul(y, s))],
    [add(mul(mul(x, y), t), mul(z, s)), add(mul(mul(y, y), t), c), sub(mul(mul(y, z), t), mul(x, s))],
    [sub(mul(mul(x, z), t), mul(y, s)), add(mul(mul(y, z), t), mul(x, s)), add(mul(mul(z, z), t), c)],
  ];
  const turned = reshape(stack(entries.flat(), 1), [poses, 3, 3]);
  return where(reshape(still, [poses, 1, 1]), constant(IDENTITY, [1, 3, 3], "f64"), turned);
}

/**
 * The vertices of a hand in several poses, [poses, vertices, 3]: transforms of bones, blended by weight at each vertex,
 * then the global rotation and translation.
 * @param thetas [poses, 26]: global rotation and translation, four angles for each finger
 */
export function vertices(
  thetas: Values,
  { relatives, inverses, positions, weights }: Rest,
  skeleton: Skeleton,
): Values {
  const bones = skeleton.parents.length;
  const posed = einsum("bij,sbjk->sbik", relatives, turns(thetas, bones));
  const transforms = einsum("sbij,bjk->sbik", absolutes(posed, skeleton.parents), inverses);
  const blended = einsum("vb,sbij->svij", weights, slice(transforms, [0, 0, 0], [null, null, 3]));
  const skinned = sum(mul(blended, reshape(positions, [1, positions.shape[0], 1, 4])), 3);
  const sided = skeleton.mirrored ? mul(skinned, constant([-1, 1, 1], [3], "f64")) : skinned;
  const rotated = einsum("svi,sji->svj", sided, rotations(slice(thetas, [0, 0], [null, 3])));
  return add(rotated, expandDims(slice(thetas, [0, 3], [null, 6]), 1));
}
