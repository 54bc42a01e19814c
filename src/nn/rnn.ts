import {
  add,
  checkFunction,
  checkOptions,
  type FloatDType,
  matmul,
  oneCall,
  param,
  type Tensor,
  tanh,
  zeros,
  zerosInit,
} from "../api.ts";
import {
  CELL,
  type Cell,
  type CellOptions,
  checkCell,
  featuresOf,
  recurrent,
  SEQUENCE,
  type Sequence,
  type SequenceOptions,
} from "./recurrent.ts";

export interface RnnOptions<D extends FloatDType = FloatDType> extends CellOptions {
  /** Default tanh. */
  readonly activation?: (x: Tensor<D>) => Tensor<D>;
}

const bend = <D extends FloatDType>(x: Tensor<D>): Tensor<D> => tanh(x);

/**
 * The cell of Elman (1990): h ← φ(x·wx + h·wh + b).
 * Parameters `<name>.wx` [features, units], `<name>.wh` [units, units], `<name>.b` [units].
 * @param features of the input @param dtype of the parameters (default f32)
 */
export function rnnCell<D extends FloatDType = "f32">(
  features: number,
  units: number,
  options: RnnOptions<D>,
  dtype = "f32" as D,
): Cell<Tensor<D>, D> {
  return oneCall(() => {
    checkOptions("rnnCell", options, [...CELL, "activation"]);
    checkCell("rnnCell", { features, units }, options);
    const { name, init, recurrentInit, activation = bend } = options;
    checkFunction("rnnCell", "the activation", activation);
    const wx: Tensor<D> = param(`${name}.wx`, [features, units], init, dtype);
    const wh: Tensor<D> = param(`${name}.wh`, [units, units], recurrentInit, dtype);
    const b: Tensor<D> = param(`${name}.b`, [units], zerosInit(), dtype);
    return {
      zero: batch => zeros([...batch, units], dtype),
      project: x => add(matmul<D>(x, wx), b) as Tensor<D>,
      advance(h, projected) {
        const next = activation(add(projected, matmul<D>(h, wh)) as Tensor<D>);
        return { carry: next, out: next };
      },
    };
  });
}

/**
 * A simple recurrent layer (Elman 1990), the cell of `rnnCell` along a sequence.
 * @param x f32 or f64, [time, …batch, features]
 * @returns `out` [time, …batch, units] and the last `carry` […batch, units]
 */
export function rnn<D extends FloatDType>(
  x: Tensor<D>,
  units: number,
  options: RnnOptions<NoInfer<D>> & SequenceOptions<Tensor<NoInfer<D>>>,
): Sequence<Tensor<D>, D> {
  return oneCall(() => {
    const features = featuresOf("rnn", x);
    checkOptions("rnn", options, [...CELL, "activation", ...SEQUENCE]);
    const { initial, reverse, checkpoint, mask, ...own } = options;
    return recurrent(rnnCell<D>(features, units, own, x.dtype), x, { initial, reverse, checkpoint, mask });
  });
}

export interface JordanOptions<D extends FloatDType = FloatDType> extends RnnOptions<D> {
  /** Of the output that is fed back; none unless told. */
  readonly outputActivation?: (x: Tensor<D>) => Tensor<D>;
}

/**
 * The cell of Jordan (1986), which feeds its output back: h = φ(x·wx + y·wh + b), y ← ψ(h·wy + c).
 * Parameters `<name>.wx` [features, units], `<name>.wh` [outputs, units], `<name>.b` [units], `<name>.wy`
 * [units, outputs], `<name>.c` [outputs]. The carry is y.
 */
export function jordanCell<D extends FloatDType = "f32">(
  features: number,
  units: number,
  outputs: number,
  options: JordanOptions<D>,
  dtype = "f32" as D,
): Cell<Tensor<D>, D> {
  return oneCall(() => {
    checkOptions("jordanCell", options, [...CELL, "activation", "outputActivation"]);
    checkCell("jordanCell", { features, units, outputs }, options);
    const { name, init, recurrentInit, activation = bend, outputActivation = (y: Tensor<D>) => y } = options;
    checkFunction("jordanCell", "the activation", activation);
    checkFunction("jordanCell", "the activation of the output", outputActivation);
    const wx: Tensor<D> = param(`${name}.wx`, [features, units], init, dtype);
    const wh: Tensor<D> = param(`${name}.wh`, [outputs, units], recurrentInit, dtype);
    const b: Tensor<D> = param(`${name}.b`, [units], zerosInit(), dtype);
    const wy: Tensor<D> = param(`${name}.wy`, [units, outputs], init, dtype);
    const c: Tensor<D> = param(`${name}.c`, [outputs], zerosInit(), dtype);
    return {
      zero: batch => zeros([...batch, outputs], dtype),
      project: x => add(matmul<D>(x, wx), b) as Tensor<D>,
      advance(y, projected) {
        const h = activation(add(projected, matmul<D>(y, wh)) as Tensor<D>);
        const next = outputActivation(add(matmul<D>(h, wy), c) as Tensor<D>);
        return { carry: next, out: next };
      },
    };
  });
}

/**
 * A recurrent layer that feeds its output back (Jordan 1986), the cell of `jordanCell` along a sequence.
 * @param x f32 or f64, [time, …batch, features]
 * @returns `out` [time, …batch, outputs] and the last `carry` […batch, outputs]
 */
export function jordan<D extends FloatDType>(
  x: Tensor<D>,
  units: number,
  outputs: number,
  options: JordanOptions<NoInfer<D>> & SequenceOptions<Tensor<NoInfer<D>>>,
): Sequence<Tensor<D>, D> {
  return oneCall(() => {
    const features = featuresOf("jordan", x);
    checkOptions("jordan", options, [...CELL, "activation", "outputActivation", ...SEQUENCE]);
    const { initial, reverse, checkpoint, mask, ...own } = options;
    const cell = jordanCell<D>(features, units, outputs, own, x.dtype);
    return recurrent(cell, x, { initial, reverse, checkpoint, mask });
  });
}
