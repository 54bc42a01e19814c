import type { Attrs } from "../graph/attrs.ts";
import type { Region } from "../graph/node.ts";
import type { EvaluationContext, NdArray } from "../graph/op.ts";
import { type Dim, dimEquals, resolveDim } from "../shared/dim.ts";
import { allocate, DTYPES, type TypedArray } from "../shared/dtype.ts";
import { invariant } from "../shared/errors.ts";
import { shapeEquals, type TensorType, typeEquals } from "../shared/shape.ts";
import type { LowerableOp } from "./form.ts";
import { batchScan } from "./scan-batch.ts";
import { loopDerivative } from "./scan-derivative.ts";

/**
 * A loop that threads carries through a body. Operands: initial carries, sequences [length, …], captures. The region has
 * the carries, one slice per sequence and the captures as parameters; its results are the new carries, then one slice
 * per stacked output. Outputs: the final carries, then the stacks [length, …].
 */
export interface ScanAttrs extends Attrs {
  readonly carries: number;
  readonly sequences: number;
  readonly captures: number;
  readonly length: Dim;
  /** From the last slice to the first; stacks keep the order of the slices. */
  readonly reverse: boolean;
  /** Derivatives save the carries only and compute the rest of the body again. */
  readonly checkpoint: boolean;
  /** The first capture, i32 [], is the number of steps where it is less than `length`; slices beyond it are zeros. */
  readonly counted?: boolean;
}

export const scanAttrs = (attrs: Attrs): ScanAttrs => attrs as ScanAttrs;

export interface ScanDeclaration {
  readonly name: string;
  readonly operands: readonly string[];
}

/** Users' mistakes are found where the region is made; here the parts must fit. */
function inferTypes(operands: readonly TensorType[], attrs: ScanAttrs, [region]: readonly Region[]): TensorType[] {
  const { carries, sequences, captures, length, counted } = attrs;
  const { parameters, results } = region;
  invariant(operands.length === carries + sequences + captures, "scan: operands do not match the attributes");
  invariant(operands.length === parameters.length && results.length >= carries, "scan: the region does not fit");
  operands.forEach((operand, k) => {
    const parameter = parameters[k];
    if (k < carries || k >= carries + sequences) {
      invariant(typeEquals(operand, parameter), `scan: operand ${k} is not of its parameter's type`);
    } else {
      invariant(
        dimEquals(operand.shape[0], length) && shapeEquals(operand.shape.slice(1), parameter.shape),
        `scan: sequence ${k} does not slice into its parameter`,
      );
    }
  });
  if (counted) {
    const steps = operands[carries + sequences];
    invariant(steps?.dtype === "i32" && steps.shape.length === 0, "scan: the number of steps is not i32 []");
  }
  return results.map(({ dtype, shape }, k) => {
    if (k >= carries) return { dtype, shape: [length, ...shape] };
    invariant(typeEquals(results[k], parameters[k]), `scan: carry ${k} changes its type`);
    return { dtype, shape };
  });
}

function evaluate(inputs: readonly NdArray[], attrs: ScanAttrs, region: Region, context: EvaluationContext): NdArray[] {
  const { carries, sequences, reverse, counted } = attrs;
  const length = resolveDim(attrs.length, context.env);
  const steps = counted ? Math.max(0, Math.min(length, inputs[carries + sequences].data[0])) : length;
  const stacks = context.outputs.slice(carries).map(({ dtype, shape }) => {
    const step = shape.slice(1).reduce((p, n) => p * n, 1);
    return { dtype, shape, step, data: allocate(dtype, length * step) };
  });
  let carry = inputs.slice(0, carries);
  const sequence = inputs.slice(carries, carries + sequences);
  const captured = inputs.slice(carries + sequences);
  for (let count = 0; count < steps; count++) {
    const t = reverse ? steps - 1 - count : count;
    const results = context.runRegion(region, [...carry, ...sequence.map(x => sliceAt(x, t)), ...captured]);
    carry = results.slice(0, carries);
    stacks.forEach(({ data, step }, k) => {
      data.set(results[carries + k].data as TypedArray, t * step);
    });
  }
  return [...carry, ...stacks.map(({ dtype, shape, data }) => ({ dtype, shape, data }))];
}

function sliceAt(x: NdArray, t: number): NdArray {
  const shape = x.shape.slice(1);
  const step = shape.reduce((p, n) => p * n, 1);
  return { dtype: x.dtype, shape, data: x.data.slice(t * step, (t + 1) * step) };
}

/** Declares the loop. */
export function scanKind(d: ScanDeclaration): LowerableOp {
  const op: LowerableOp = {
    name: d.name,
    kind: "region",
    operands: d.operands,
    dtypes: DTYPES,
    nominal: false,
    commutative: false,
    derivative: loopDerivative(),
    batch: batchScan,
    inferTypes: (operands, attrs, regions) => inferTypes(operands, scanAttrs(attrs), regions),
    evaluate: (inputs, attrs, context, node) => evaluate(inputs, scanAttrs(attrs), node.regions[0], context),
    form: node => {
      const { carries, sequences, captures, length, reverse, counted } = scanAttrs(node.attrs);
      const steps = counted ? carries + sequences : undefined;
      const [region] = node.regions;
      return { form: "scan", region, carries, sequences, captures, length, reverse, condition: undefined, steps };
    },
  };
  return op;
}
