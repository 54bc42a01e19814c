import {
  add,
  concat,
  constant,
  cos,
  div,
  einsum,
  fill,
  gather,
  indexAt,
  lt,
  matmul,
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
  transpose,
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
/** Angles of a finger: two at its first bone, one at each of the next two. */
const ANGLES = 4;
const FIRST_ANGLE = 6;
const FIRST_FINGER = 2;

/** The angles of one axis for all bones, from theta followed by a zero: bones without an angle do not turn. */
function anglesOf(theta: Values, bones: number, angleOf: (finger: number, part: number) => number): Values {
  const none = theta.shape[0] as number;
  const places = Array.from({ length: bones }, (_, bone) => {
    const finger = Math.floor((bone - FIRST_FINGER) / ANGLES);
    const part = bone - FIRST_FINGER - finger * ANGLES;
    return bone < FIRST_FINGER || finger >= FINGERS || part === ANGLES - 1 ? none : angleOf(finger, part);
  });
  const padded = concat([theta, zeros([1], "f64")]);
  return gather(
    padded,
    constant(
      places.map(place => (place < 0 ? none : place)),
      [bones],
      "i32",
    ),
  );
}

/** Turns of all bones [bones, 4, 4], around z after x. */
function turns(theta: Values, bones: number): Values {
  const begin = (finger: number): number => FIRST_ANGLE + finger * ANGLES;
  const x = anglesOf(theta, bones, (finger, part) => begin(finger) + (part === 0 ? 0 : part + 1));
  const z = anglesOf(theta, bones, (finger, part) => (part === 0 ? begin(finger) + 1 : -1));
  const [cx, sx, cz, sz] = [cos(x), sin(x), cos(z), sin(z)];
  const [o, l] = [zeros([bones], "f64"), ones([bones], "f64")];
  const entries = [
    [cz, neg(mul(sz, cx)), mul(sz, sx), o],
    [sz, mul(cz, cx), neg(mul(cz, sx)), o],
    [o, sx, cx, o],
    [o, o, o, l],
  ];
  return reshape(stack(entries.flat(), 1), [bones, 4, 4]);
}

/** Products of the transforms from the root to each bone, level by level of the skeleton. */
function absolutes(relatives: Values, parents: readonly number[]): Values {
  const depths: number[] = [];
  for (const parent of parents) depths.push(parent < 0 ? 0 : depths[parent] + 1);
  const order: number[] = [];
  const levels: Values[] = [];
  let above: number[] = [];
  for (let depth = 0; order.length < parents.length; depth++) {
    const bones = parents.map((_, bone) => bone).filter(bone => depths[bone] === depth);
    const own = gather(relatives, constant(bones, [bones.length], "i32"));
    const up = bones.map(bone => above.indexOf(parents[bone]));
    levels.push(
      depth === 0 ? own : einsum("bij,bjk->bik", gather(levels[depth - 1], constant(up, [up.length], "i32")), own),
    );
    order.push(...bones);
    above = bones;
  }
  const back = parents.map((_, bone) => order.indexOf(bone));
  return gather(concat(levels), constant(back, [back.length], "i32"));
}

/** The rotation around an axis by its length; none below 0.0001. */
function rotation(axis: Values): Values {
  const length = sqrt(sum(mul(axis, axis)));
  const still = lt(length, 1e-4);
  // sqrt has no derivative at 0: neither branch may come near it.
  const safe = where(still, fill(1, [3], "f64"), axis);
  const angle = sqrt(sum(mul(safe, safe)));
  const [x, y, z] = [0, 1, 2].map(i => div(indexAt(safe, i), angle));
  const [c, s] = [cos(angle), sin(angle)];
  const t = sub(1, c);
  const entries = [
    [add(mul(mul(x, x), t), c), sub(mul(mul(x, y), t), mul(z, s)), add(mul(mul(x, z), t), mul(y, s))],
    [add(mul(mul(x, y), t), mul(z, s)), add(mul(mul(y, y), t), c), sub(mul(mul(y, z), t), mul(x, s))],
    [sub(mul(mul(x, z), t), mul(y, s)), add(mul(mul(y, z), t), mul(x, s)), add(mul(mul(z, z), t), c)],
  ];
  const turned = reshape(stack(entries.flat()), [3, 3]);
  return where(
    still,
    constant(
      [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      [3, 3],
      "f64",
    ),
    turned,
  );
}

/**
 * The vertices of a hand in the pose theta, [vertices, 3]: transforms of bones, blended by weight at each vertex, then
 * the global rotation and translation.
 * @param theta [26]: global rotation and translation, four angles for each finger
 */
export function vertices(theta: Values, { relatives, inverses, positions, weights }: Rest, skeleton: Skeleton): Values {
  const bones = skeleton.parents.length;
  const posed = einsum("bij,bjk->bik", relatives, turns(theta, bones));
  const transforms = einsum("bij,bjk->bik", absolutes(posed, skeleton.parents), inverses);
  const rows = reshape(slice(transforms, [0, 0], [null, 3]), [bones, 12]);
  const blended = reshape(matmul(weights, rows), [positions.shape[0], 3, 4]);
  const skinned = sum(mul(blended, reshape(positions, [positions.shape[0], 1, 4])), 2);
  const sided = skeleton.mirrored ? mul(skinned, constant([-1, 1, 1], [3], "f64")) : skinned;
  return add(matmul(sided, transpose(rotation(slice(theta, [0], [3])))), slice(theta, [3], [6]));
}
