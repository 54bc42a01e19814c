import {
  type AttentionOptions,
  attention,
  checkTensors,
  declarationError,
  type FloatDType,
  type Initializer,
  oneCall,
  reshape,
  type Tensor,
  transpose,
} from "../api.ts";
import { dense } from "./dense.ts";
import { checkCount, checkLayer, featuresOf } from "./layer.ts";

export interface MultiHeadAttentionOptions extends AttentionOptions {
  /** Four dense layers: `<name>.query`, `<name>.key`, `<name>.value`, `<name>.out`. */
  readonly name: string;
  /** A divisor of the features. */
  readonly heads: number;
  /** Features that the heads share, and of the result; default those of the queries. */
  readonly features?: number;
  /** Of the four layers (default true). */
  readonly bias?: boolean;
  /** First values of their weights; glorotUniform() unless told. */
  readonly init?: Initializer;
}

const OPTIONS = ["name", "heads", "features", "bias", "init", "mask", "causal", "scale"];

/** […, t, heads·d] → […, heads, t, d] */
function inHeads<D extends FloatDType>(x: Tensor<D>, heads: number): Tensor<D> {
  const features = x.shape[x.rank - 1] as number;
  const apart = reshape(x, [...x.shape.slice(0, -1), heads, features / heads]);
  return turned(apart as Tensor<D>);
}

/** The two axes before the last, exchanged. */
const turned = <D extends FloatDType>(x: Tensor<D>): Tensor<D> =>
  transpose(x, [...x.shape.slice(3).map((_, axis) => axis), x.rank - 2, x.rank - 3, x.rank - 1]);

/**
 * Multi-head attention (Vaswani et al. 2017): queries, keys and values go through a dense layer each, every head attends
 * with its own part of the features, and a last dense layer mixes what they found. For self-attention pass x three times.
 * @param queries f32 or f64, […, t, features]
 * @param keys […, s, any number of features]
 * @param values […, s, any number of features]
 * @param options.mask as of attention: broadcasts to […, heads, t, s]
 * @returns […, t, features]
 * @throws GradcError `shape`, `dtype`, `attribute`
 */
export function multiHeadAttention<D extends FloatDType>(
  queries: Tensor<D>,
  keys: Tensor<NoInfer<D>>,
  values: Tensor<NoInfer<D>>,
  options: MultiHeadAttentionOptions,
): Tensor<D> {
  return oneCall(() => {
    const who = "multiHeadAttention";
    checkTensors(who, { queries, keys, values });
    checkLayer(who, queries, options, OPTIONS);
    const { name, heads, bias, init, mask, causal, scale } = options;
    const { features = featuresOf(who, queries, name, 2) } = options;
    checkCount(who, "its number of heads", heads);
    checkCount(who, "its number of features", features);
    if (features % heads !== 0 || keys.rank < 2 || values.rank < 2) {
      throw declarationError("shape", `${who}(${JSON.stringify(name)}): its operands do not fit`, {
        expected: `[…, positions, features], features that fall into ${heads} heads`,
        received: `${[queries, keys, values].join(", ")}; ${features} features`,
      });
    }
    const layer = (x: Tensor<D>, what: string): Tensor<D> =>
      dense(x, features, { name: `${name}.${what}`, bias, init });
    const [q, k, v] = [layer(queries, "query"), layer(keys, "key"), layer(values, "value")].map(x => inHeads(x, heads));
    const found = turned(attention<D>(q, k, v, { mask, causal, scale }));
    return layer(reshape(found, [...found.shape.slice(0, -2), features]) as Tensor<D>, "out");
  });
}
