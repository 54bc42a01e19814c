import { checkFunction, checkOptions } from "../graph/arguments.ts";
import { regionParameter } from "../graph/leaves.ts";
import { createNode } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import { closeRegion } from "../kinds/closure.ts";
import { scanKind } from "../kinds/region.ts";
import { describe } from "../shared/describe.ts";
import { type Dim, dimEquals, formatDim } from "../shared/dim.ts";
import { formatType } from "../shared/shape.ts";
import type { Tree } from "../shared/tree.ts";
import { callError } from "./coerce.ts";
import {
  checkSameLeaves,
  type Handles,
  isPresent,
  type Leaf,
  leavesWithPaths,
  regrow,
  type Tensors,
} from "./region-values.ts";
import { inSegments } from "./segments.ts";

export const scanOp = scanKind({
  name: "scan",
  operands: ["initial carries…", "sequences…", "captures…"],
});

export interface ScanOptions {
  /** From the last slice to the first; stacked results keep the order of the slices. */
  readonly reverse?: boolean;
  /**
   * Derivatives compute the body again instead of saving what it computes: less memory, one more forward pass. With a
   * length known at compile time the loop is cut into about √length segments, of which derivatives save the first
   * carries; else they save all carries.
   */
  readonly checkpoint?: boolean;
  /** The number of steps; needed only where there are no sequences. */
  readonly length?: Dim;
}

/** Shorter loops save every carry. */
const WORTH_SEGMENTS = 8;

function lengthOf(sequences: readonly Leaf[], { length }: ScanOptions): Dim {
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
  const carries = leavesWithPaths("scan", init, "carry");
  const sequences = isPresent(xs) ? leavesWithPaths("scan", xs, "x") : [];
  const length = lengthOf(sequences, options);
  const carryParameters = carries.map(({ path, value }) => regionParameter(value, path));
  const slices = sequences.map(({ path, value: { dtype, shape } }) =>
    regionParameter({ dtype, shape: shape.slice(1) }, path),
  );
  const made: { readonly carry: unknown; readonly out?: unknown } = body(
    regrow(init, carryParameters) as Handles<Init>,
    (isPresent(xs) ? regrow(xs, slices) : undefined) as Handles<Xs>,
  );
  if (typeof made !== "object" || made === null || !("carry" in made)) {
    throw callError("region", "scan: the body does not return { carry, out }", {
      expected: "{ carry, out }",
      received: describe(made),
    });
  }
  const after = leavesWithPaths("scan", made.carry, "carry");
  checkSameLeaves("scan", carries, after, "the body returns a carry", "the body changes the type of");
  const outs = isPresent(made.out) ? leavesWithPaths("scan", made.out, "out") : [];
  const { region, captures } = closeRegion(
    [...carryParameters, ...slices],
    [...after, ...outs].map(l => l.value),
  );
  const operands = [...carries, ...sequences].map(l => l.value).concat(captures);
  const attrs = {
    carries: carries.length,
    sequences: sequences.length,
    captures: captures.length,
    length,
    reverse: options.reverse ?? false,
    checkpoint: options.checkpoint ?? false,
  };
  const divided = attrs.checkpoint && attrs.carries > 0 && typeof length === "number" && length >= WORTH_SEGMENTS;
  const outputs = divided
    ? inSegments({ operands, attrs, region }, length)
    : createNode(scanOp, operands, attrs, [region]).outputs;
  return {
    carry: regrow(init, outputs.slice(0, carries.length)) as Handles<Init>,
    out: (isPresent(made.out) ? regrow(made.out, outputs.slice(carries.length)) : undefined) as Tensors<Out>,
  };
}
