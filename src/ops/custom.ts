import { argumentError, checkTensorList } from "../graph/arguments.ts";
import { regionParameter } from "../graph/leaves.ts";
import { createNode } from "../graph/node.ts";
import type { Derivative, DerivativeRule, JvpContext, VjpContext } from "../graph/op.ts";
import { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import { lifted } from "../kinds/batch.ts";
import { batchComposite } from "../kinds/batched.ts";
import { closeRegion, instantiate } from "../kinds/closure.ts";
import type { CompositeOp } from "../kinds/composite.ts";
import type { LowerableOp } from "../kinds/form.ts";
import { sweep } from "../kinds/sweep.ts";
import { DTYPES } from "../shared/dtype.ts";
import { invariant, present } from "../shared/errors.ts";
import { formatType, typeEquals } from "../shared/shape.ts";
import { apply, callError, type Like } from "./coerce.ts";
import type { Handles } from "./region-values.ts";

export const stopGradientOp: LowerableOp = {
  name: "stopGradient",
  kind: "alias",
  nominal: false,
  commutative: false,
  derivative: null,
  operands: ["x"],
  dtypes: DTYPES,
  batch: lifted(),
  inferTypes: ([{ dtype, shape }]) => [{ dtype, shape }],
  evaluate: ([x]) => [x],
  form: () => ({ form: "alias" }),
};

/** The same value, as a constant for derivatives. */
export function stopGradient<X extends Tensor>(x: X): Like<X> {
  return apply(stopGradientOp, [x]) as Like<X>;
}

/** What a rule of customGrad gets. */
export interface CustomVjp<Args extends readonly Tensor[], Y extends Tensor> {
  readonly inputs: Args;
  readonly output: Y;
  /** Of the output's type. */
  readonly cotangent: Handles<Y>;
}

export interface CustomRules<Args extends readonly Tensor[], Y extends Tensor> {
  /** The cotangents of the inputs, as new nodes, linear in the cotangent; null for zero. */
  vjp(context: CustomVjp<Args, Y>): readonly (Tensor | null)[];
}

let rules = 0;

/** Runs the user's rule and checks what it returns. */
function applyRule(rule: CustomRules<readonly Tensor[], Tensor>, context: CustomVjp<readonly Tensor[], Tensor>) {
  const cotangents = rule.vjp(context);
  const { inputs } = context;
  if (!Array.isArray(cotangents) || cotangents.length !== inputs.length) {
    throw callError("not-differentiable", "customGrad: the rule does not return one cotangent per input", {
      expected: `an array of ${inputs.length}`,
      received: Array.isArray(cotangents) ? String(cotangents.length) : String(cotangents),
      mend: "Return an array with a cotangent, or null, for each input.",
    });
  }
  return cotangents.map((cotangent: Derivative, k): Derivative => {
    if (cotangent === null || (cotangent instanceof Tensor && typeEquals(cotangent, inputs[k]))) return cotangent;
    throw callError("shape", `customGrad: the cotangent of input ${k} is not of its type`, {
      expected: formatType(inputs[k]),
      received: cotangent instanceof Tensor ? formatType(cotangent) : String(cotangent),
    });
  });
}

function vjp(rule: CustomRules<readonly Tensor[], Tensor>, count: number, context: VjpContext): Derivative[] {
  const { operands, outputs, cotangents, needed } = context;
  const captured = operands.findIndex((_, k) => k >= count && needed[k]);
  if (captured >= 0) {
    throw callError("not-differentiable", `customGrad: the function closes over ${operands[captured]}`, {
      expected: "every value that a gradient is taken for among the arguments",
      received: `a gradient with respect to ${operands[captured]}`,
      mend: "Pass the value as an argument, or close over stopGradient(value).",
    });
  }
  const [cotangent] = cotangents;
  if (!cotangent) return operands.map(() => null);
  const given = applyRule(rule, { inputs: operands.slice(0, count), output: outputs[0], cotangent });
  return operands.map((_, k) => given[k] ?? null);
}

/** The rule is linear in its cotangent u, so its transpose, ∂/∂u of ⟨rule(u), ẋ⟩, takes tangents forward. */
function jvp(rule: CustomRules<readonly Tensor[], Tensor>, count: number, context: JvpContext): Derivative[] {
  const { operands, outputs, tangents } = context;
  if (tangents.slice(count).some(t => t)) {
    throw callError("not-differentiable", "customGrad: the function closes over a value that moves", {
      mend: "Pass the value as an argument, or close over stopGradient(value).",
    });
  }
  const u = regionParameter(outputs[0], "cotangent");
  const given = applyRule(rule, { inputs: operands.slice(0, count), output: outputs[0], cotangent: u });
  const moving = given.flatMap((g, k) => (g && tangents[k] ? [{ g, tangent: tangents[k] }] : []));
  if (moving.length === 0) return [null];
  const [tangent] = sweep().vjp(
    moving.map(m => m.g),
    [u],
    moving.map(m => m.tangent),
  );
  if (tangent && topological([tangent]).includes(u.node)) {
    throw callError("not-differentiable", "customGrad: the rule is not linear in the cotangent", {
      expected: "cotangents that are proportional to `cotangent`",
    });
  }
  return [tangent];
}

/** The op of a customGrad function: the derivative is no plain data. */
function customOp(derivative: Omit<DerivativeRule, "equations">): CompositeOp {
  return {
    name: "customGrad",
    kind: "composite",
    nominal: false,
    commutative: false,
    operands: ["x…", "captures…"],
    dtypes: DTYPES,
    derivative: { equations: ["the function's own rule"], ...derivative },
    batch: batchComposite,
    inferTypes: (operands, _attrs, regions) => {
      const [{ parameters, results }] = regions;
      invariant(
        regions.length === 1 &&
          operands.length === parameters.length &&
          operands.every((o, k) => typeEquals(o, parameters[k])),
        "customGrad: the operands do not fit the region",
      );
      return results.map(({ dtype, shape }) => ({ dtype, shape }));
    },
    evaluate: (inputs, _attrs, context, node) => context.runRegion(node.regions[0], inputs),
    expand: (operands, _attrs, regions) => instantiate(present(regions)[0], operands),
  };
}

const ruleIsGone = (): never => {
  throw callError("not-differentiable", "customGrad: the text of a graph does not hold the rule", {
    mend: "Take the derivative of the graph that was declared, or read a text of a stage from autodiff on.",
  });
};

/** A customGrad function that was read from text: complete but for its rule, which is a function of the user's. */
export const customGradTextOp: CompositeOp = customOp({ vjp: ruleIsGone, jvp: ruleIsGone });

/**
 * A function with a reverse rule of its own, used instead of differentiating its body: for implicit functions, clipped or
 * straight-through gradients. Forward mode and higher derivatives follow from the rule.
 * @param forward builds the value from its arguments; what it closes over counts as constant
 * @param custom.vjp builds the cotangents of the arguments, linear in the output's cotangent; null for zero
 * @example
 * const roundStraight = customGrad((x: Tensor) => round(x), { vjp: ({ cotangent }) => [cotangent] });
 * @throws GradcError `not-differentiable` when a gradient with respect to a closed-over value is taken, or the rule
 * returns the wrong number of cotangents; `shape` when one has the wrong type
 */
export function customGrad<Args extends readonly Tensor[], Y extends Tensor>(
  forward: (...args: Args) => Y,
  custom: CustomRules<Args, Y>,
): (...args: Args) => Y {
  if (typeof forward !== "function" || typeof custom?.vjp !== "function") {
    throw argumentError("customGrad", "not a function and its rule", "(forward, { vjp })", [forward, custom]);
  }
  const rule = rules++;
  return (...args) => {
    checkTensorList("customGrad", "the arguments", args);
    const parameters = args.map((x, k) => regionParameter(x, `x${k}`));
    const y = forward(...(parameters as unknown as Args));
    if (!(y instanceof Tensor)) {
      throw callError("region", "customGrad: the function does not return a tensor", { received: String(y) });
    }
    const { region, captures } = closeRegion(parameters, [y]);
    const own = custom as unknown as CustomRules<readonly Tensor[], Tensor>;
    const op = customOp({
      vjp: context => vjp(own, args.length, context),
      jvp: context => jvp(own, args.length, context),
    });
    return present(createNode(op, [...args, ...captures], { rule }, [region]).outputs[0]) as Y;
  };
}
