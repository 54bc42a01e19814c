import type { Attrs } from "../../graph/attrs.ts";
import type { DType } from "../../shared/dtype.ts";

export interface AttributeDoc {
  readonly name: string;
  /** For people and `gradc ops`: "integer list", "dtype", "number", "size list" … */
  readonly type: string;
  readonly meaning: string;
  /** Shown; absent: required. */
  readonly default?: string;
}

/** A checked example: the oracle that the compiler cannot fool. Values from mathematics or an independent library. */
export interface Sample {
  readonly inputs: readonly SampleArray[];
  readonly attrs?: Attrs;
  /** Expected outputs, in order. */
  readonly outputs: readonly SampleArray[];
  /** Expected cotangents of the inputs for cotangent ones (null: not differentiable). */
  readonly gradients?: readonly (readonly number[] | null)[];
  /** Absolute and relative tolerance; default 1e-6. */
  readonly tolerance?: number;
  /** Where the numbers come from, such as "by hand" or "JAX 0.10". */
  readonly source: string;
}

export interface SampleArray {
  readonly dtype?: DType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** What people and tests read of an operation. */
export interface OpPage {
  /** One sentence. */
  readonly summary: string;
  /** The result as mathematics: `y = eˣ`. */
  readonly equation: string;
  readonly attributes: readonly AttributeDoc[];
  /** What happens at ties, corners and special values; "none" where the function is smooth. */
  readonly kinks: string;
  readonly samples: readonly Sample[];
}

/** The pages of a family of operations, by name. */
export type OpPages = Readonly<Record<string, OpPage>>;

/** One input [n], its results and its gradients. */
export function sampleOf(
  x: readonly number[],
  y: readonly number[],
  gradient: readonly number[],
  source: string,
  attrs?: Attrs,
): Sample {
  const shape = [x.length];
  return {
    inputs: [{ dtype: "f64", shape, data: x }],
    outputs: [{ dtype: "f64", shape, data: y }],
    gradients: [gradient],
    tolerance: 1e-12,
    source,
    ...(attrs ? { attrs } : {}),
  };
}
