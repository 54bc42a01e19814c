import {
  add,
  argumentError,
  checkFunction,
  checkOptions,
  declarationError,
  eq,
  type FloatDType,
  fill,
  formatType,
  grad,
  type Handles,
  type LikeTree,
  leavesOf,
  mapTree,
  mean,
  mul,
  oneCall,
  type Param,
  rem,
  reshape,
  type Scalar,
  scan,
  set,
  Tensor,
  type Tree,
  type Update,
  where,
} from "../api.ts";
import { type Optimizer, optimizer, type Slot } from "./optimizer.ts";

type Float = Tensor<FloatDType>;

const isTensor = (value: unknown): value is Float => value instanceof Tensor;

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 1;

/**
 * An optimizer that adds up the gradients of several calls and acts on their mean at every `every`-th: as large batches
 * would, in the memory of small ones. In between, parameters and the optimizer's state stay as they are.
 * State: `<name>.<parameter>.sum` and `<name>.step`.
 * @param options.every a whole number from 1 on
 * @param options.name default "accumulate"
 * @example const updates = accumulate(adam(), { every: 4 })(params, grad(loss, params));
 */
export function accumulate(inner: Optimizer, options: { readonly every: number; readonly name?: string }): Optimizer {
  checkFunction("accumulate", "the optimizer", inner);
  checkOptions("accumulate", options, ["every", "name"]);
  const { every, name = "accumulate" } = options;
  if (!isCount(every))
    throw argumentError("accumulate", "every is no number of calls", "a whole number from 1 on", every);
  const slots: Slot[] = [];
  const counting = optimizer({ name, learningRate: 1 }, slot => {
    slots.push(slot);
    slot.step();
    return [];
  });
  const update: Optimizer = (params, grads) => {
    slots.length = 0;
    const counted = counting(params, grads);
    if (slots.length === 0) return [];
    const due = eq(rem(slots[0].step(), every), 0);
    const totals = slots.map(({ gradient, state }) => add(state("sum"), gradient) as Float);
    const kept = slots.map(({ state }, k) => set(state("sum"), where(due, 0, totals[k])));
    let next = 0;
    const means = mapTree(grads, isTensor, () => mul(totals[next++], 1 / every)) as Tree<Tensor>;
    const acted = inner(params, means).map(
      ({ target, value }): Update => set(target as Param, where(due, value as Float, target as Float)),
    );
    return [...acted, ...kept, ...counted];
  };
  return (params, grads) => oneCall(() => update(params, grads));
}

/**
 * Loss and gradients of a batch, part by part: a loop whose steps keep what one part needs alone. The means over the parts
 * are the loss and the gradients of the batch where the loss is a mean over examples.
 * @param batch tensors in arrays and records whose first axis is the batch, of a size that `parts` divides
 * @param parts into how many
 * @param loss gets one part, in the form of the batch, and returns a scalar; may close over any value
 * @param wrt what to differentiate for: values outside, in a tree
 * @throws GradcError `shape` for a batch that cannot be divided, `not-scalar`, `disconnected-gradient`
 */
export function inParts<Batch extends Tree<Tensor>, Targets extends Tree<Tensor>>(
  batch: Batch,
  parts: number,
  loss: (part: Handles<Batch>) => Scalar<FloatDType>,
  wrt: Targets,
): { readonly loss: Scalar<FloatDType>; readonly gradients: LikeTree<Targets> } {
  checkFunction("inParts", "the loss", loss);
  if (!isCount(parts)) throw argumentError("inParts", "this is no number of parts", "a whole number from 1 on", parts);
  const given = leavesOf(batch, isTensor, (value, path) => {
    throw argumentError("inParts", `${path || "the batch"} is not a tensor`, "tensors in arrays and records", value);
  });
  const sliced = given.map(x => {
    const [size, ...rest] = x.shape;
    if (typeof size === "number" && size % parts === 0) return reshape(x, [parts, size / parts, ...rest]);
    throw declarationError("shape", `inParts: ${formatType(x)} cannot be divided into ${parts} parts`, {
      expected: `a first axis of a fixed size that ${parts} divides`,
      received: formatType(x),
    });
  });
  const targets = leavesOf(wrt, isTensor, (value, path) => {
    throw argumentError("inParts", `${path || "wrt"} is not a tensor`, "tensors in arrays and records", value);
  });
  const zeros = targets.map(t => fill(0, t.shape, t.dtype));
  const { carry, out } = scan(
    (sums: readonly Float[], part: readonly Float[]) => {
      let next = 0;
      const own = loss(mapTree(batch, isTensor, () => part[next++]) as Handles<Batch>);
      const gradients = grad(own, targets) as unknown as readonly Float[];
      return { carry: sums.map((s, k) => add(s, gradients[k]) as Float), out: own };
    },
    zeros as readonly Float[],
    sliced as readonly Float[],
  );
  let next = 0;
  const gradients = mapTree(wrt, isTensor, () => mul((carry as readonly Float[])[next++], 1 / parts));
  return { loss: mean(out as Float), gradients: gradients as LikeTree<Targets> };
}
