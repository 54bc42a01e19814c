import { type FloatDType, gather, type Initializer, normalInit, oneCall, param, type Tensor } from "../api.ts";
import { checkCount, checkLayer } from "./layer.ts";

export interface EmbeddingOptions<D extends FloatDType = FloatDType> {
  /** The parameter is named `<name>.w`. */
  readonly name: string;
  /** First values; normalInit({ stdev: 1 }) unless told. */
  readonly init?: Initializer;
  /** Default f32. */
  readonly dtype?: D;
}

/**
 * A learned row of numbers for each of `count` symbols.
 * @param ids i32, any shape, 0 ≤ id < count
 * @param count symbols: `<name>.w` is [count, features]
 * @param features of the result
 * @returns [ids…, features]
 * @throws GradcError `dtype`, `attribute`, `input-range` as gather does
 */
export function embedding<D extends FloatDType = "f32">(
  ids: Tensor<"i32">,
  count: number,
  features: number,
  options: EmbeddingOptions<D>,
): Tensor<D> {
  return oneCall(() => {
    checkLayer("embedding", ids, options, ["name", "init", "dtype"]);
    checkCount("embedding", "its number of symbols", count);
    checkCount("embedding", "its number of features", features);
    const { name, init = normalInit({ stdev: 1 }), dtype = "f32" } = options;
    return gather(param(`${name}.w`, [count, features], init, dtype) as Tensor, ids) as Tensor<D>;
  });
}
