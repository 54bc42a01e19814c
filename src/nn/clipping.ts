import {
  add,
  argumentError,
  cast,
  checkOptions,
  clip,
  div,
  type FloatDType,
  leavesOf,
  mapTree,
  maximum,
  mul,
  oneCall,
  type Scalar,
  sqrt,
  square,
  sum,
  Tensor,
  type Tree,
} from "../api.ts";

type Gradient = Tensor<FloatDType>;

const isTensor = (value: unknown): value is Gradient => value instanceof Tensor;

function gradientsOf(who: string, tree: unknown): Gradient[] {
  const leaves = leavesOf(tree, isTensor, (value, path) => {
    const which = path === "" ? "the gradients are" : `${path} in the gradients is`;
    throw argumentError(who, `${which} no tensor`, "grad(loss, params)", value);
  });
  if (leaves.length > 0) return leaves;
  throw argumentError(who, "there are no gradients", "grad(loss, params)", tree);
}

function checkLimit(who: string, what: string, limit: unknown, least: number): void {
  if (typeof limit === "number" && limit >= least) return;
  throw argumentError(who, `${what} is no limit`, least === 0 ? "a number from 0 on" : "a number", limit);
}

/**
 * Every element of every gradient brought into −limit … limit, or into low … high. The derivative is 0 where it was
 * outside; NaN stays NaN.
 * @param grads a tree of f32 or f64 tensors, as grad returns it; the result is the same tree
 */
export function clipByValue<Grads extends Tree<Tensor>>(
  grads: Grads,
  limit: number | { readonly low: number; readonly high: number },
): Grads {
  return oneCall(() => {
    gradientsOf("clipByValue", grads);
    if (typeof limit !== "number") checkOptions("clipByValue", limit, ["low", "high"]);
    else checkLimit("clipByValue", "this", limit, 0);
    const { low, high } = typeof limit === "number" ? { low: -limit, high: limit } : limit;
    checkLimit("clipByValue", "low", low, Number.NEGATIVE_INFINITY);
    checkLimit("clipByValue", "high", high, low);
    return mapTree(grads, isTensor, g => clip(g, low, high)) as Grads;
  });
}

/** √Σ g², over all elements of all gradients; in the dtype of the first. */
export function globalNorm(grads: Tree<Tensor>): Scalar<FloatDType> {
  return oneCall(() => {
    const [first, ...others] = gradientsOf("globalNorm", grads).map(g => sum(square(g)) as Scalar<FloatDType>);
    return sqrt(others.reduce<Scalar<FloatDType>>((total, part) => add(total, cast(part, first.dtype)), first));
  });
}

/**
 * All gradients scaled by one number, so that their global norm is at most `limit`: g·limit / max(norm, limit) (Pascanu,
 * Mikolov, Bengio: On the difficulty of training recurrent neural networks; 2013). One that is NaN makes all NaN.
 * @param grads a tree of f32 or f64 tensors, as grad returns it; the result is the same tree
 * @param limit greater than 0
 */
export function clipByGlobalNorm<Grads extends Tree<Tensor>>(grads: Grads, limit: number): Grads {
  return oneCall(() => {
    gradientsOf("clipByGlobalNorm", grads);
    checkLimit("clipByGlobalNorm", "this", limit, Number.MIN_VALUE);
    const scale = div(limit, maximum(globalNorm(grads), limit)) as Gradient;
    return mapTree(grads, isTensor, g => mul(g, cast(scale, g.dtype))) as Grads;
  });
}
