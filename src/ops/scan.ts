import { checkFunction, checkOptions } from "../graph/arguments.ts";
import { regionParameter } from "../graph/leaves.ts";
import { createNode } from "../graph/node.ts";
import { type Scalar, Tensor } from "../graph/tensor.ts";
import { closeRegion } from "../kinds/closure.ts";
import { scanKind } from "../kinds/region.ts";
import { describe } from "../shared/describe.ts";
import { type Dim, dimEquals, formatDim } from "../shared/dim.ts";
import { formatType, typeEquals } from "../shared/shape.ts";
import { mapTree, type Tree } from "../shared/tree.ts";
import { callError } from "./coerce.ts";

export const scanOp = scanKind({
  name: "scan",
  operands: ["initial carries…", "sequences…", "captures…"],
});

/** What the body sees of a tree of values: plain handles of the same dtypes. */
export type Handles<T> =
  T extends Scalar<infer D>
    ? Scalar<D>
    : T extends Tensor<infer D>
      ? Tensor<D>
      : T extends null | undefined
        ? undefined
        : { [K in keyof T]: Handles<T[K]> };

/** The same tree with tensors of any rank. */
export type Tensors<T> =
  T extends Tensor<infer D> ? Tensor<D> : T extends null | undefined ? undefined : { [K in keyof T]: Tensors<T[K]> };

export interface ScanOptions {
  /** From the last slice to the first; stacked results keep the order of the slices. */
  readonly reverse?: boolean;
  /** Derivatives save the carries only and compute the rest of the body again: less memory, more work. */
  readonly checkpoint?: boolean;
  /** The number of steps; needed only where there are no sequences. */
  readonly length?: Dim;
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** A tree's leaves with their paths, `carry.h`. */
function leaves(tree: unknown, root: string): { path: string; value: Tensor }[] {
  const found: { path: string; value: Tensor }[] = [];
  const label = (path: string): string => (path === "" ? root : `${root}.${path}`);
  mapTree(
    tree,
    isTensor,
    (value, path) => {
      found.push({ path: label(path), value });
      return value;
    },
    (value, path) => {
      throw callError("region", `scan: ${label(path)} is not a tensor`, {
        expected: "tensors, in arrays and records nested at will",
        received: describe(value),
        mend: "Make plain numbers tensors with constant(value).",
      });
    },
  );
  return found;
}

const present = (tree: unknown): boolean => tree !== undefined && tree !== null;

/** The tree with its leaves replaced in order. */
function regrow(tree: unknown, flat: readonly Tensor[]): unknown {
  let next = 0;
  return mapTree(tree, isTensor, () => flat[next++]);
}

function lengthOf(sequences: readonly { path: string; value: Tensor }[], { length }: ScanOptions): Dim {
  let known = length;
  for (const { path, value } of sequences) {
    if (value.rank === 0) {
      throw callError("shape", `scan: ${path} has no axis to run along`, {
        expected: "sequences with a leading axis",
        received: formatType(value),
        mend: "Use the value in the body directly: bodies may close over anything.",
      });
    }
    const [size] = value.shape;
    if (known !== undefined && !dimEquals(known, size)) {
      throw callError("shape", `scan: sequences of different lengths: ${formatDim(known)} and ${formatDim(size)}`, {
        expected: "one length for all leading axes",
        received: sequences.map(s => `${s.path} ${formatType(s.value)}`).join(", "),
      });
    }
    known = size;
  }
  if (known === undefined) {
    throw callError("region", "scan: the number of steps is not known", {
      expected: "a sequence, or { length }",
      received: "neither",
      mend: "Pass sequences, or null and { length }: scan(body, init, null, { length: 10 }).",
    });
  }
  return known;
}

/** The new carries have the old ones' structure and types, exactly. */
function checkCarries(before: { path: string; value: Tensor }[], after: { path: string; value: Tensor }[]): void {
  const names = (list: { path: string }[]): string => list.map(l => l.path).join(", ");
  if (names(before) !== names(after)) {
    throw callError("region", "scan: the body returns a carry of another structure", {
      expected: names(before),
      received: names(after),
    });
  }
  before.forEach(({ path, value }, k) => {
    if (typeEquals(value, after[k].value)) return;
    throw callError("region", `scan: the body changes the type of ${path}`, {
      expected: formatType(value),
      received: formatType(after[k].value),
    });
  });
}

/**
 * A loop over the leading axis of `xs`: `body` gets the carry and one slice of every sequence and returns the next carry
 * and something to stack. Its derivative is a loop from the other end.
 * @param body called once, with placeholders; may close over any value. Returns the carry in the same structure, shapes
 * and dtypes, and `out`, any tree (or nothing)
 * @param init the first carry: a tensor, or arrays and records of tensors
 * @param xs sequences [length, …] in a tree, or null together with `options.length`
 * @returns the last carry, and every leaf of `out` as [length, …]
 * @throws GradcError `region` where the body does not fit, `shape` where the lengths differ
 */
export function scan<
  const Init extends Tree<Tensor>,
  const Xs extends Tree<Tensor> | null | undefined = undefined,
  const Out extends Tree<Tensor> | null | undefined = undefined,
>(
  body: (carry: Handles<Init>, x: Handles<Xs>) => { readonly carry: Tree<Tensor>; readonly out?: Out },
  init: Init,
  xs?: Xs,
  options: ScanOptions = {},
): { readonly carry: Handles<Init>; readonly out: Tensors<Out> } {
  checkFunction("scan", "the body", body);
  checkOptions("scan", options, ["reverse", "checkpoint", "length"]);
  const carries = leaves(init, "carry");
  const sequences = present(xs) ? leaves(xs, "x") : [];
  const length = lengthOf(sequences, options);
  const carryParameters = carries.map(({ path, value }) => regionParameter(value, path));
  const slices = sequences.map(({ path, value: { dtype, shape } }) =>
    regionParameter({ dtype, shape: shape.slice(1) }, path),
  );
  const made: { readonly carry: unknown; readonly out?: unknown } = body(
    regrow(init, carryParameters) as Handles<Init>,
    (present(xs) ? regrow(xs, slices) : undefined) as Handles<Xs>,
  );
  if (typeof made !== "object" || made === null || !("carry" in made)) {
    throw callError("region", "scan: the body does not return { carry, out }", {
      expected: "{ carry, out }",
      received: describe(made),
    });
  }
  const after = leaves(made.carry, "carry");
  checkCarries(carries, after);
  const outs = present(made.out) ? leaves(made.out, "out") : [];
  const { region, captures } = closeRegion(
    [...carryParameters, ...slices],
    [...after, ...outs].map(l => l.value),
  );
  const node = createNode(
    scanOp,
    [...carries, ...sequences].map(l => l.value).concat(captures),
    {
      carries: carries.length,
      sequences: sequences.length,
      captures: captures.length,
      length,
      reverse: options.reverse ?? false,
      checkpoint: options.checkpoint ?? false,
    },
    [region],
  );
  return {
    carry: regrow(init, node.outputs.slice(0, carries.length)) as Handles<Init>,
    out: (present(made.out) ? regrow(made.out, node.outputs.slice(carries.length)) : undefined) as Tensors<Out>,
  };
}
