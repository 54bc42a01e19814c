import type { Attrs } from "../graph/attrs.ts";
import type { Region } from "../graph/node.ts";
import type { DerivativeRule, EvaluationContext, NdArray, Op } from "../graph/op.ts";
import { sitesOf } from "../graph/provenance.ts";
import { type Dim, resolveDim } from "../shared/dim.ts";
import { allocate, DTYPES, type TypedArray } from "../shared/dtype.ts";
import { GradcError, invariant } from "../shared/errors.ts";
import { type TensorType, typeEquals } from "../shared/shape.ts";
import type { LowerableOp } from "./form.ts";
import { loopDerivative } from "./scan-derivative.ts";
import { runWithTangents } from "./while-tangents.ts";

/**
 * A loop that goes on while a condition on its carries holds. Operands: initial carries, captures; both regions have
 * parameters for them. The first region is the body, as that of a scan; the second's result is bool [].
 */
export interface WhileAttrs extends Attrs {
  readonly carries: number;
  /** None: a body without sequences. */
  readonly sequences: 0;
  readonly captures: number;
  /** The most steps; without it there is no bound, and no stacks. */
  readonly length?: Dim;
  readonly reverse: false;
  readonly checkpoint: boolean;
  /** The last carry, i32 [], counts the steps: reverse derivatives run as many. */
  readonly counted?: boolean;
}

export interface WhileDeclaration {
  readonly name: string;
  readonly operands: readonly string[];
  /** The op of the loops that are derivatives: their number of steps is known when they begin. */
  readonly scan: Op;
}

function inferTypes(operands: readonly TensorType[], attrs: WhileAttrs, regions: readonly Region[]): TensorType[] {
  const { carries, sequences, captures, length } = attrs;
  invariant(regions.length === 2 && sequences === 0, "while: not a body and a condition");
  const [{ results }, condition] = regions;
  invariant(operands.length === carries + captures, "while: operands do not match the attributes");
  for (const { parameters } of regions) {
    const fits = operands.length === parameters.length && operands.every((o, k) => typeEquals(o, parameters[k]));
    invariant(fits, "while: a region does not fit");
  }
  const [goesOn] = condition.results;
  invariant(condition.results.length === 1 && typeEquals(goesOn, { dtype: "bool", shape: [] }), "while: no condition");
  invariant(results.length === carries || length !== undefined, "while: stacks without a bound");
  return results.map(({ dtype, shape }, k) => {
    if (k >= carries && length !== undefined) return { dtype, shape: [length, ...shape] };
    invariant(typeEquals(operands[k], results[k]), `while: carry ${k} changes its type`);
    return { dtype, shape };
  });
}

function evaluate(
  inputs: readonly NdArray[],
  { carries, ...attrs }: WhileAttrs,
  [body, condition]: readonly Region[],
  context: EvaluationContext,
): NdArray[] {
  const most = attrs.length === undefined ? Number.POSITIVE_INFINITY : resolveDim(attrs.length, context.env);
  const stacks = context.outputs.slice(carries).map(({ dtype, shape }) => {
    const step = shape.slice(1).reduce((p, n) => p * n, 1);
    return { dtype, shape, step, data: allocate(dtype, shape[0] * step) };
  });
  let carry = inputs.slice(0, carries);
  const captured = inputs.slice(carries);
  for (let t = 0; t < most; t++) {
    const given = [...carry, ...captured];
    if (!context.runRegion(condition, given)[0].data[0]) break;
    const results = context.runRegion(body, given);
    carry = results.slice(0, carries);
    stacks.forEach(({ data, step }, k) => {
      data.set(results[carries + k].data as TypedArray, t * step);
    });
  }
  return [...carry, ...stacks.map(({ dtype, shape, data }) => ({ dtype, shape, data }))];
}

/** Bounded loops stack what their steps save; without a bound, tangents run along and nothing runs back. */
function whileDerivative(scan: Op): DerivativeRule {
  const bounded = loopDerivative(scan);
  const isBounded = ({ attrs }: { readonly attrs: Attrs }): boolean => attrs.length !== undefined;
  return {
    equations: bounded.equations,
    vjp: context => {
      if (isBounded(context.node)) return bounded.vjp(context);
      throw new GradcError("not-differentiable", "whileLoop: a gradient of a loop without a bound", {
        expected: "{ max }: room for what each step saves is made before the loop runs",
        received: "no bound on the number of steps",
        sites: sitesOf(context.outputs[0]).slice(0, 1),
        mend: "Bound the steps, whileLoop(condition, body, init, { max: 100 }), or take tangents with jvp.",
      });
    },
    jvp: context => (isBounded(context.node) ? bounded.jvp(context) : runWithTangents(context)),
  };
}

/** Declares the loop. */
export function whileKind(d: WhileDeclaration): LowerableOp {
  return {
    name: d.name,
    kind: "region",
    operands: d.operands,
    dtypes: DTYPES,
    nominal: false,
    commutative: false,
    derivative: whileDerivative(d.scan),
    inferTypes: (operands, attrs, regions) => inferTypes(operands, attrs as WhileAttrs, regions),
    evaluate: (inputs, attrs, context, node) => evaluate(inputs, attrs as WhileAttrs, node.regions, context),
    form: ({ attrs, regions: [region, condition] }) => {
      const { carries, sequences, captures, length, reverse } = attrs as WhileAttrs;
      return { form: "scan", region, carries, sequences, captures, length, reverse, condition, steps: undefined };
    },
  };
}
