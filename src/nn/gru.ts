import {
  add,
  checkOptions,
  type FloatDType,
  matmul,
  mul,
  oneCall,
  param,
  sigmoid,
  slice,
  split,
  sub,
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

export interface GruOptions extends GatedOptions {
  /**
   * Whether the reset gate weighs h·wh (default: one product a step; PyTorch, Keras) or h before that product, as Cho et
   * al. (2014) have it.
   */
  readonly resetAfter?: boolean;
}

const OWN = [...GATED, "resetAfter"] as const;

/**
 * The gated recurrent unit (Cho et al. 2014): r, z = σ(x·wx + h·wh + b), h ← (1 − z)·n + z·h with
 * n = tanh(x·wx + b + r·(h·wh + bn)), or without `resetAfter` n = tanh(x·wx + b + (r·h)·wh).
 * Parameters `<name>.wx` [features, 3·units], `<name>.wh` [units, 3·units], `<name>.b` [3·units], parts in the order
 * r, z, n; `<name>.bn` [units] with `resetAfter`.
 */
export function gruCell<D extends FloatDType = "f32">(
  features: number,
  units: number,
  options: GruOptions,
  dtype = "f32" as D,
): Cell<Tensor<D>, D> {
  return oneCall(() => {
    checkOptions("gruCell", options, OWN);
    checkCell("gruCell", { features, units }, options);
    const { name, init, recurrentInit, resetAfter = true, longest } = options;
    const wx: Tensor<D> = param(`${name}.wx`, [features, 3 * units], init, dtype);
    const wh: Tensor<D> = param(`${name}.wh`, [units, 3 * units], recurrentInit, dtype);
    const first = longest === undefined ? zerosInit() : chronoInit("gruCell", longest, ["other", "keep", "other"]);
    const b: Tensor<D> = param(`${name}.b`, [3 * units], first, dtype);
    const bn: Tensor<D> | undefined = resetAfter ? param(`${name}.bn`, [units], zerosInit(), dtype) : undefined;
    const gate = (x: Tensor<D>, h: Tensor<D>): Tensor<D> => sigmoid(add(x, h)) as Tensor<D>;
    return {
      zero: batch => zeros([...batch, units], dtype),
      project: x => add(matmul<D>(x, wx), b) as Tensor<D>,
      advance(h, projected) {
        const [xr, xz, xn] = split(projected, 3, -1);
        let z: Tensor<D>;
        let n: Tensor<D>;
        if (bn) {
          const [hr, hz, hn] = split(matmul<D>(h, wh), 3, -1);
          z = gate(xz, hz);
          n = tanh(add(xn, mul(gate(xr, hr), add(hn, bn)))) as Tensor<D>;
        } else {
          const [hr, hz] = split(matmul<D>(h, slice(wh, [0, 0], [units, 2 * units])), 2, -1);
          z = gate(xz, hz);
          const reset = mul(gate(xr, hr), h) as Tensor<D>;
          n = tanh(add(xn, matmul<D>(reset, slice(wh, [0, 2 * units], [units, 3 * units])))) as Tensor<D>;
        }
        // n + z·(h − n) = (1 − z)·n + z·h
        const next = add(n, mul(z, sub(h, n))) as Tensor<D>;
        return { carry: next, out: next };
      },
    };
  });
}

/**
 * A layer of gated recurrent units, the cell of `gruCell` along a sequence.
 * @param x f32 or f64, [time, …batch, features]
 * @returns `out` [time, …batch, units] and the last `carry` […batch, units]
 */
export function gru<D extends FloatDType>(
  x: Tensor<D>,
  units: number,
  options: GruOptions & SequenceOptions<Tensor<NoInfer<D>>>,
): Sequence<Tensor<D>, D> {
  return oneCall(() => {
    const features = featuresOf("gru", x);
    checkOptions("gru", options, [...OWN, ...SEQUENCE]);
    const { initial, reverse, checkpoint, mask, ...own } = options;
    return recurrent(gruCell<D>(features, units, own, x.dtype), x, { initial, reverse, checkpoint, mask });
  });
}
