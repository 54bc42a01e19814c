import { added, checkRank, part, reshaped, transposed, type Weight } from "./weight.ts";
import type { WeightFile } from "./weight-file.ts";

/*
 * The layers of PyTorch (2.x) by the names of their state_dict, in the layouts and under the names of gradc/nn. Every
 * function takes the layer's own name in the module, "features.0".
 */

const matrix = (file: WeightFile, name: string): Weight => {
  const w = file.take(name);
  checkRank(name, w, 2);
  return transposed(w);
};

const optional = <K extends string>(file: WeightFile, name: string, key: K): { readonly [P in K]?: Weight } =>
  (file.has(name) ? { [key]: file.take(name) } : {}) as { readonly [P in K]?: Weight };

export interface DenseLayout {
  /**
   * Where the layer follows a flattened picture: [channels, height, width] as PyTorch has it. Its rows are brought from
   * the order of channels first to that of channels last.
   */
  readonly picture?: readonly number[];
}

/** nn.Linear: weight [out, in] becomes w [in, out]; bias, if there is one, b [out]. */
export function dense(file: WeightFile, name: string, { picture }: DenseLayout = {}): { w: Weight; b?: Weight } {
  const b = optional(file, `${name}.bias`, "b");
  if (!picture) return { w: matrix(file, `${name}.weight`), ...b };
  const w = file.take(`${name}.weight`);
  checkRank(`${name}.weight`, w, 2);
  const [out, features] = w.shape;
  const spatial = picture.slice(1).map((_, axis) => axis + 2);
  return { w: reshaped(transposed(reshaped(w, [out, ...picture]), [...spatial, 1, 0]), [features, out]), ...b };
}

/**
 * nn.Conv1d, 2d, 3d and nn.ConvTranspose1d, 2d, 3d, with groups or without: weight [f, c / groups, window…] becomes
 * w [window…, c / groups, f] (for the transposed ones f is the number of channels that come in); bias becomes b.
 */
export function conv(file: WeightFile, name: string): { w: Weight; b?: Weight } {
  const w = file.take(`${name}.weight`);
  const window = w.shape.slice(2).map((_, axis) => axis + 2);
  return { w: transposed(w, [...window, 1, 0]), ...optional(file, `${name}.bias`, "b") };
}

/** nn.Embedding: weight [symbols, features] as w. */
export const embedding = (file: WeightFile, name: string): { w: Weight } => ({ w: file.take(`${name}.weight`) });

/** nn.LayerNorm, nn.GroupNorm, nn.RMSNorm: weight and bias as scale and shift. */
export const norm = (file: WeightFile, name: string): { scale: Weight; shift?: Weight } => ({
  scale: file.take(`${name}.weight`),
  ...optional(file, `${name}.bias`, "shift"),
});

/**
 * nn.BatchNorm1d, 2d, 3d: weight, bias and the running statistics as scale, shift, mean, variance. PyTorch keeps the
 * variance divided by n − 1; for inference that is the one to use.
 */
export function batchNorm(file: WeightFile, name: string) {
  file.ignore(`${name}.num_batches_tracked`);
  return {
    ...norm(file, name),
    mean: file.take(`${name}.running_mean`),
    variance: file.take(`${name}.running_var`),
  };
}

/**
 * nn.MultiheadAttention: four dense layers query, key, value and out, whether PyTorch keeps the first three in one tensor
 * (in_proj_weight) or apart (kdim, vdim).
 */
export function attention(file: WeightFile, name: string) {
  const packed = file.has(`${name}.in_proj_weight`) ? file.take(`${name}.in_proj_weight`) : undefined;
  const bias = file.has(`${name}.in_proj_bias`) ? file.take(`${name}.in_proj_bias`) : undefined;
  const third = (w: Weight, at: number): Weight => {
    const size = w.shape[0] / 3;
    return part(w, 0, at * size, (at + 1) * size);
  };
  const projection = (letter: string, at: number): { w: Weight; b?: Weight } => ({
    w: packed ? transposed(third(packed, at)) : matrix(file, `${name}.${letter}_proj_weight`),
    ...(bias ? { b: third(bias, at) } : {}),
  });
  return {
    query: projection("q", 0),
    key: projection("k", 1),
    value: projection("v", 2),
    out: dense(file, `${name}.out_proj`),
  };
}

export interface RecurrentLayout {
  /** Which of several layers; default 0. */
  readonly layer?: number;
  /** The direction from the last step to the first of a bidirectional layer. */
  readonly reverse?: boolean;
}

const recurrentNames = (name: string, { layer = 0, reverse = false }: RecurrentLayout) => {
  const end = `_l${layer}${reverse ? "_reverse" : ""}`;
  const own = (what: string): string => `${name}.${what}${end}`;
  return { wx: own("weight_ih"), wh: own("weight_hh"), bx: own("bias_ih"), bh: own("bias_hh") };
};

/** The sum of both biases; without biases zeros. */
function biasOf(file: WeightFile, bx: string, bh: string, wx: Weight): Weight {
  if (file.has(bx)) return added(file.take(bx), file.take(bh));
  const [, gates] = wx.shape;
  return { dtype: wx.dtype, shape: [gates], data: wx.data.slice(0, gates).fill(0) };
}

/** nn.RNN: weights [units, in] become wx and wh, turned; the two biases become their sum b. */
export function rnn(file: WeightFile, name: string, layout: RecurrentLayout = {}) {
  const names = recurrentNames(name, layout);
  const wx = matrix(file, names.wx);
  return { wx, wh: matrix(file, names.wh), b: biasOf(file, names.bx, names.bh, wx) };
}

/** nn.LSTM (without projection): as `rnn`; PyTorch's gates have the order of gradc/nn, i f g o. */
export const lstm = rnn;

/** nn.GRU: as `rnn`, with the recurrent bias of the candidate as bn; the gates have the order of gradc/nn, r z n. */
export function gru(file: WeightFile, name: string, layout: RecurrentLayout = {}) {
  const names = recurrentNames(name, layout);
  const wx = matrix(file, names.wx);
  const wh = matrix(file, names.wh);
  const [units] = wh.shape;
  const bn: Weight = file.has(names.bh)
    ? part(file.take(names.bh), 0, 2 * units, 3 * units)
    : { dtype: wh.dtype, shape: [units], data: wh.data.slice(0, units).fill(0) };
  if (!file.has(names.bx)) return { wx, wh, b: biasOf(file, names.bx, names.bh, wx), bn };
  const recurrent = file.take(names.bh);
  const gates = { ...recurrent, data: recurrent.data.slice().fill(0, 2 * units) };
  return { wx, wh, b: added(file.take(names.bx), gates), bn };
}
