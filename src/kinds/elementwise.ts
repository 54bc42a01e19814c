import type { Attrs } from "../graph/attrs.ts";
import type { Derivative, DerivativeRule, NdArray } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Expr } from "../loop/ir.ts";
import { allocate, type DType, isFloat } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatType, shapeEquals, type TensorType } from "../shared/shape.ts";
import { algebra } from "./algebra.ts";
import { lifted } from "./batch.ts";
import type { LowerableOp } from "./form.ts";

/**
 * ∂y/∂x as a tree of choices around factors, so that masks stay masks: relu's cotangent is where(x > 0, ȳ, 0), not
 * ȳ·[x > 0], which would turn ∞·0 into NaN.
 */
export type Partial =
  | "zero"
  | "one"
  | "minusOne"
  | { readonly times: Tensor }
  | { readonly over: Tensor }
  | { readonly where: Tensor; readonly yes: Partial; readonly no: Partial };

export interface PartialContext {
  readonly x: readonly Tensor[];
  readonly y: Tensor;
  readonly attrs: Attrs;
}

/** What is particular to an elementwise operation. All operands have equal shapes. */
export interface ElementwiseDeclaration {
  readonly name: string;
  readonly operands: readonly string[];
  /** Allowed dtypes of the operands that must agree. */
  readonly dtypes: readonly DType[];
  /**
   * `same`: all operands of one dtype, result likewise (default). `compare`: one dtype → bool. `choose`: bool, t, t → t.
   * `cast`: any → attrs.dtype.
   */
  readonly signature?: "same" | "compare" | "choose" | "cast";
  /** For casts: the dtypes that attrs.dtype may be; default `dtypes`. */
  readonly results?: readonly DType[];
  readonly commutative?: boolean;
  /** @throws GradcError `attribute` for attributes that the operation does not take */
  checkAttrs?(attrs: Attrs): void;
  /** The result in loop IR. */
  scalar(x: readonly Expr[], attrs: Attrs): Expr;
  /** The result in plain numbers, independent of `scalar`; dtype is that of the last operand. Stored to the result's dtype. */
  reference(x: readonly number[], dtype: DType, attrs: Attrs): number;
  /** One per operand; null: not differentiable. */
  readonly partials: readonly ((context: PartialContext) => Partial)[] | null;
  /** Replaces the rule that follows from `partials`. */
  readonly derivative?: DerivativeRule;
  /** One per operand, for derivations: `ȳ·y`. */
  readonly equations?: readonly string[];
  readonly safeArgument?: readonly (number | null)[];
  /** Arithmetic per element: 1 for an add, 10 for exp. */
  readonly cost: number;
}

/** factor · ∂y/∂x, null for a symbolic zero. */
function applyPartial(partial: Partial, factor: Tensor): Derivative {
  if (partial === "zero") return null;
  if (partial === "one") return factor;
  if (partial === "minusOne") return algebra().neg(factor);
  if ("over" in partial) return algebra().div(factor, partial.over);
  if ("times" in partial) return algebra().mul(factor, partial.times);
  const yes = applyPartial(partial.yes, factor);
  const no = applyPartial(partial.no, factor);
  if (!yes && !no) return null;
  const zeros = algebra().zerosLike(factor);
  return algebra().where(partial.where, yes ?? zeros, no ?? zeros);
}

function inferType(d: ElementwiseDeclaration, operands: readonly TensorType[], attrs: Attrs): TensorType {
  const signature = d.signature ?? "same";
  const alike = signature === "choose" ? operands.slice(1) : operands;
  const [first] = alike;
  for (const o of operands) {
    if (!shapeEquals(o.shape, first.shape)) {
      throw new GradcError("shape", `${d.name}: operands of different shapes`, {
        received: operands.map(formatType).join(" and "),
      });
    }
  }
  if (signature === "choose" && operands[0].dtype !== "bool") {
    throw new GradcError("dtype", `${d.name}: the condition is not bool`, {
      expected: "bool",
      received: formatType(operands[0]),
    });
  }
  if (alike.some(o => o.dtype !== first.dtype)) {
    throw new GradcError("dtype", `${d.name}: operands of different dtypes`, {
      received: alike.map(formatType).join(" and "),
    });
  }
  if (!d.dtypes.includes(first.dtype)) {
    throw new GradcError("dtype", `${d.name} does not take ${first.dtype}`, {
      expected: d.dtypes.join(", "),
      received: formatType(first),
    });
  }
  if (signature === "cast" && !(d.results ?? d.dtypes).includes(attrs.dtype as DType)) {
    throw new GradcError("attribute", `${d.name}: no such result dtype`, {
      expected: (d.results ?? d.dtypes).join(", "),
      received: String(attrs.dtype),
    });
  }
  const dtype = signature === "compare" ? "bool" : signature === "cast" ? (attrs.dtype as DType) : first.dtype;
  return { dtype, shape: first.shape };
}

/** Declares an elementwise operation. */
export function elementwise(d: ElementwiseDeclaration): LowerableOp {
  const { partials } = d;
  const partialOf = (i: number, x: readonly Tensor[], y: Tensor, attrs: Attrs): Partial =>
    partials && isFloat(x[i].dtype) && isFloat(y.dtype) ? partials[i]({ x, y, attrs }) : "zero";
  return {
    name: d.name,
    kind: "elementwise",
    operands: d.operands,
    dtypes: d.dtypes,
    nominal: false,
    commutative: d.commutative ?? false,
    safeArgument: d.safeArgument,
    derivative:
      d.derivative ??
      (partials && {
        equations: d.equations ?? [],
        vjp: ({ node, operands, outputs, cotangents, needed }) =>
          operands.map((_, i) => {
            const [cotangent] = cotangents;
            return cotangent && needed[i]
              ? applyPartial(partialOf(i, operands, outputs[0], node.attrs), cotangent)
              : null;
          }),
        jvp: ({ node, operands, outputs, tangents }) => {
          let total: Derivative = null;
          tangents.forEach((tangent, i) => {
            const part = tangent && applyPartial(partialOf(i, operands, outputs[0], node.attrs), tangent);
            if (part) total = total ? algebra().add(total, part) : part;
          });
          return [total];
        },
      }),
    batch: lifted(),
    inferTypes: (operands, attrs) => {
      d.checkAttrs?.(attrs);
      return [inferType(d, operands, attrs)];
    },
    evaluate: (inputs, attrs, { outputs: [type] }): NdArray[] => {
      const length = type.shape.reduce((p, n) => p * n, 1);
      const data = allocate(type.dtype, length);
      const dtype = inputs[inputs.length - 1].dtype;
      const x: number[] = new Array(inputs.length);
      for (let i = 0; i < length; i++) {
        for (let k = 0; k < x.length; k++) x[k] = inputs[k].data[i];
        data[i] = d.reference(x, dtype, attrs);
      }
      return [{ dtype: type.dtype, shape: type.shape, data }];
    },
    form: node => ({
      form: "pointwise",
      cost: d.cost,
      at: (_output, index, read) =>
        d.scalar(
          node.operands.map((_, k) => read(k, index)),
          node.attrs,
        ),
    }),
  };
}
