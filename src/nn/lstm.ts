import {
  add,
  argumentError,
  checkOptions,
  concat,
  type FloatDType,
  fill,
  type Initializer,
  matmul,
  mul,
  oneCall,
  param,
  sigmoid,
  split,
  type Tensor,
  tanh,
  zeros,
  zerosInit,
} from "../api.ts";
import {
  type Cell,
  checkCell,
  chronoInit,
  featuresOf,
  GATED,
  type GatedOptions,
  recurrent,
  SEQUENCE,
  type Sequence,
  type SequenceOptions,
} from "./recurrent.ts";

export interface LstmOptions extends GatedOptions {
  /** The gates see the memory itself: parameters `<name>.pi`, `.pf`, `.po` [units] (Gers & Schmidhuber 2000). */
  readonly peepholes?: boolean;
  /** First value of the forget gate's bias (default 1: remember; Jozefowicz et al. 2015); not with `longest`. */
  readonly forgetBias?: number;
}

export type LstmCarry<D extends FloatDType = FloatDType> = {
  /** The result of the last step. */
  readonly h: Tensor<D>;
  /** The memory. */
  readonly c: Tensor<D>;
};

const OWN = [...GATED, "peepholes", "forgetBias"] as const;

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000):
 * i, f, g, o = x·wx + h·wh + b, c ← σ(f)·c + σ(i)·tanh(g), h ← σ(o)·tanh(c). With `peepholes` i and f get pi·c and pf·c of
 * the old memory, o gets po·c of the new one.
 * Parameters `<name>.wx` [features, 4·units], `<name>.wh` [units, 4·units], `<name>.b` [4·units], gates in that order.
 */
export function lstmCell<D extends FloatDType = "f32">(
  features: number,
  units: number,
  options: LstmOptions,
  dtype = "f32" as D,
): Cell<LstmCarry<D>, D> {
  return oneCall(() => {
    checkOptions("lstmCell", options, OWN);
    checkCell("lstmCell", { features, units }, options);
    const { name, init, recurrentInit, peepholes = false, forgetBias = 1, longest } = options;
    if (longest !== undefined && options.forgetBias !== undefined) {
      throw argumentError("lstmCell", "two first values of the forget gate's bias", "longest or forgetBias", options);
    }
    if (typeof forgetBias !== "number") {
      throw argumentError("lstmCell", "forgetBias is not a number", "a number", forgetBias);
    }
    const wx: Tensor<D> = param(`${name}.wx`, [features, 4 * units], init, dtype);
    const wh: Tensor<D> = param(`${name}.wh`, [units, 4 * units], recurrentInit, dtype);
    const gates = [0, forgetBias, 0, 0];
    const first: Initializer =
      longest === undefined
        ? () => concat(gates.map(value => fill(value, [units], dtype)))
        : chronoInit("lstmCell", longest, ["enter", "keep", "other", "other"]);
    const b: Tensor<D> = param(`${name}.b`, [4 * units], first, dtype);
    const peephole = (gate: string): Tensor<D> => param(`${name}.p${gate}`, [units], zerosInit(), dtype);
    const [pi, pf, po] = peepholes ? ["i", "f", "o"].map(peephole) : [];
    const seen = (gate: Tensor<D>, p: Tensor<D> | undefined, c: Tensor<D>): Tensor<D> =>
      sigmoid(p ? add(gate, mul(p, c)) : gate) as Tensor<D>;
    return {
      zero: batch => ({ h: zeros([...batch, units], dtype), c: zeros([...batch, units], dtype) }),
      project: x => add(matmul<D>(x, wx), b) as Tensor<D>,
      advance({ h, c }, projected) {
        const [i, f, g, o] = split(add(projected, matmul<D>(h, wh)) as Tensor<D>, 4, -1);
        const next = add(mul(seen(f, pf, c), c), mul(seen(i, pi, c), tanh(g))) as Tensor<D>;
        const out = mul(seen(o, po, next), tanh(next)) as Tensor<D>;
        return { carry: { h: out, c: next }, out };
      },
    };
  });
}

/**
 * A layer of long short-term memory, the cell of `lstmCell` along a sequence.
 * @param x f32 or f64, [time, …batch, features]
 * @returns `out` [time, …batch, units] and the last `carry` { h, c } of […batch, units]
 */
export function lstm<D extends FloatDType>(
  x: Tensor<D>,
  units: number,
  options: LstmOptions & SequenceOptions<LstmCarry<NoInfer<D>>>,
): Sequence<LstmCarry<D>, D> {
  return oneCall(() => {
    const features = featuresOf("lstm", x);
    checkOptions("lstm", options, [...OWN, ...SEQUENCE]);
    const { initial, reverse, checkpoint, mask, ...own } = options;
    return recurrent(lstmCell<D>(features, units, own, x.dtype), x, { initial, reverse, checkpoint, mask });
  });
}
