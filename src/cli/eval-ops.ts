import * as api from "../api.ts";
import type { Attrs, AttrValue } from "../graph/attrs.ts";
import { createNode } from "../graph/node.ts";
import type { Op } from "../graph/op.ts";
import { Tensor } from "../graph/tensor.ts";
import { CATALOGUE } from "../ops/index.ts";
import { pageOf } from "../ops/pages/index.ts";
import { GradcError } from "../shared/errors.ts";

/** An operation that a request may name: either a function of the public vocabulary or one of the catalogue as it is. */
export interface EvalOp {
  readonly name: string;
  /** Attributes that it takes. */
  readonly attributes: readonly string[];
  readonly required: readonly string[];
  apply(inputs: readonly Tensor[], attrs: Attrs): readonly Tensor[];
}

/**
 * How JSON reaches functions of the vocabulary: operands, then attributes by position (`?`: may be absent), then those
 * of the options in braces. `…`: all inputs as one list; `…x`: as separate arguments; `m?`: the option m, as an operand.
 */
const SIGNATURES: Readonly<Record<string, string>> = {
  ...all("x", "abs neg sign floor ceil round trunc sqrt rsqrt square reciprocal exp expm1 log log1p sin cos tan tanh"),
  ...all("x", "sigmoid softplus erf erfinv relu relu6 selu silu mish logSigmoid not bitNot isNan isFinite"),
  ...all("x", "stopGradient zerosLike onesLike isInfinite"),
  ...all("x", "asin acos atan sinh cosh asinh acosh atanh erfc lgamma digamma logit softsign hardSwish"),
  ...all("x y", "add sub mul div rem mod maximum minimum pow eq ne lt le gt ge and or xor"),
  ...all("x y", "atan2 hypot logAddExp prelu kron"),
  ...all("x y", "bitAnd bitOr bitXor shiftLeft shiftRight matmul dot outer meanSquaredError"),
  ...all("x | axes? {keepDims}", "sum mean max min prod logSumExp any all"),
  ...all("x | axes? {keepDims correction}", "variance std"),
  ...all("x | axis?", "softmax logSoftmax argmax argmin"),
  ...all("x | offset?", "tril triu diag diagonal trace"),
  ...all("… | axis?", "concat stack"),
  ...all("| shape dtype?", "zeros ones"),
  ...all("x | window {strides padding dilation ceilMode over layout}", "maxPool l2Pool"),
  averagePool: "x | window {strides padding dilation ceilMode over layout includePadding}",
  lpPool: "x | p window {strides padding dilation ceilMode over layout}",
  ...all("x | {layout}", "globalAveragePool globalMaxPool"),
  adaptiveAveragePool: "x | sizes {layout}",
  resize: "x | sizes {mode coordinates layout}",
  upsample: "x | factors {mode coordinates layout}",
  standardize: "x | axes? {epsilon center}",
  localResponseNorm: "x | {size alpha beta bias layout}",
  attention: "q k v mask? | {causal scale}",
  convTranspose: "x w | {strides padding dilation groups layout outputPadding}",
  conv: "x w | {strides padding dilation groups layout}",
  where: "x y z",
  clip: "x y z",
  leakyRelu: "x | slope?",
  elu: "x | alpha?",
  celu: "x | alpha?",
  hardSigmoid: "x | slope? offset?",
  maxout: "x | pieces axis?",
  polygamma: "x | order",
  norm: "x | axes? {order keepDims}",
  broadcastTo: "x | shape",
  tile: "x | reps",
  roll: "x | shift axes?",
  moveAxis: "x | from to",
  unstack: "x | axis?",
  eye: "| rows columns? dtype?",
  gelu: "x | {approximate}",
  cast: "x | dtype",
  bitcast: "x | dtype",
  reshape: "x | shape",
  flatten: "x | from?",
  squeeze: "x | axes?",
  expandDims: "x | axes",
  expand: "x | shape axes",
  transpose: "x | perm?",
  flip: "x | axes?",
  slice: "x | starts ends? steps?",
  pad: "x | widths {value interior}",
  split: "x | parts axis?",
  indexAt: "x | index axis?",
  ...all("x | axis? {reverse exclusive}", "cumsum cumprod logcumsumexp"),
  ...all("x | axis? {reverse}", "cummax cummin"),
  recurrence: "a b | axis? {reverse}",
  gather: "x i | axis?",
  gatherAlong: "x i | axis?",
  scatterAdd: "i x | {size axis}",
  scatterAddAlong: "i x | {size axis}",
  ...all("x i y | axis?", "scatterSet scatterMax scatterMin scatterSetAlong scatterMaxAlong scatterMinAlong"),
  ...all("x i | {segments axis}", "segmentSum segmentMean segmentMax segmentMin"),
  bincount: "i | {length}",
  embedding: "x i",
  searchSorted: "x y | {side}",
  gatherNd: "x i",
  scatterAddNd: "i x | {shape}",
  scatterSetNd: "x i y",
  oneHot: "i | depth dtype?",
  topK: "x | k axis?",
  ...all("x", "cholesky lu qr eigh svd det slogdet logdet inverse"),
  ...all("x y", "lstsq choleskySolve"),
  solve: "x y | {transpose}",
  triangularSolve: "x y | {lower transpose unitDiagonal}",
  pinv: "x | {cutoff}",
  matrixNorm: "x | norm?",
  matrixPower: "x | exponent",
  ...all("x | axis? {descending}", "sort argsort"),
  softmaxCrossEntropy: "x y",
  binaryCrossEntropyWithLogits: "x y",
  einsum: "| equation …x",
  iota: "| shape axis? dtype?",
  arange: "| n dtype?",
  fill: "| value shape dtype",
  key: "| seed",
  splitKey: "k | n?",
  foldIn: "k | data",
  randomBits: "k | shape",
  uniform: "k | shape {low high dtype}",
  normal: "k | shape {mean stdev dtype}",
  bernoulli: "k | p shape",
  ...all("k | shape {dtype}", "exponential gumbel laplace"),
  truncatedNormal: "k | shape {low high dtype}",
  randint: "k | shape {low high dtype}",
  categorical: "k x | {axis draws}",
  permutation: "k | n",
  shuffle: "k x | axis?",
};

function all(signature: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(" ").map(name => [name, signature]));
}

type AnyFunction = (...args: unknown[]) => unknown;

/** Results as a list, whatever structure a function gives them. */
const flat = (result: unknown): Tensor[] => api.leavesOf(result, (v): v is Tensor => v instanceof Tensor);

function fromSignature(name: string, signature: string): EvalOp {
  const fn = (api as unknown as Record<string, AnyFunction>)[name];
  const [operands, rest = ""] = signature.split("|").map(part => part.trim());
  const [, positionalText, optionText = ""] = /^([^{]*)(?:\{([^}]*)\})?$/.exec(rest) ?? [];
  const words = (text: string): string[] => text.split(" ").filter(w => w !== "");
  const positional = words(positionalText ?? "");
  const options = words(optionText);
  const names = positional.filter(p => p !== "…x").map(p => p.replace("?", ""));
  const fixed = operands !== "…" && !positional.includes("…x");
  const own = words(operands).filter(o => !o.endsWith("?"));
  const optional = words(operands).flatMap(o => (o.endsWith("?") ? [o.slice(0, -1)] : []));
  return {
    name,
    attributes: [...names, ...options],
    required: positional.filter(p => p !== "…x" && !p.endsWith("?")),
    apply(inputs, attrs) {
      const most = own.length + optional.length;
      if (fixed && (inputs.length < own.length || inputs.length > most)) {
        throw inputCount(name, own.length === most ? `${most}` : `${own.length} to ${most}`, inputs.length);
      }
      const args: unknown[] = operands === "…" ? [inputs] : fixed ? inputs.slice(0, own.length) : [];
      const chosen: [string, unknown][] = options.map(o => [o, attrs[o]]);
      if (fixed) chosen.push(...optional.map((o, k): [string, unknown] => [o, inputs[own.length + k]]));
      for (const n of names) args.push(attrs[n] ?? undefined);
      if (positional.includes("…x")) args.push(...inputs);
      const told = chosen.filter(([, value]) => value !== undefined);
      if (told.length > 0) args.push(Object.fromEntries(told));
      const results = flat(fn(...args));
      // A function that gives the first of an operation's results stands for all of them.
      return results.length === 1 && results[0].index === 0 ? [...results[0].node.outputs] : results;
    },
  };
}

const inputCount = (name: string, expected: string, received: number): GradcError =>
  new GradcError("usage", `${name}: a wrong number of inputs`, {
    expected,
    received: String(received),
    mend: "`gradc ops --json` tells what each operation takes.",
  });

function fromCatalogue(op: Op): EvalOp {
  const { attributes: documented } = pageOf(op);
  const attributes = documented.map(a => a.name);
  return {
    name: op.name,
    attributes,
    required: documented.filter(a => a.default === undefined).map(a => a.name),
    apply: (inputs, attrs) => createNode(op, inputs, attrs).outputs,
  };
}

/** Region ops and constants have requests of their own; nominal ops are not operations. */
const RAW = CATALOGUE.filter(op => !op.nominal && op.kind !== "region" && op.name !== "constant");

const REGISTRY: ReadonlyMap<string, readonly EvalOp[]> = (() => {
  const found = new Map<string, EvalOp[]>();
  const add = (op: EvalOp): void => {
    found.set(op.name, [...(found.get(op.name) ?? []), op]);
  };
  for (const [name, signature] of Object.entries(SIGNATURES)) {
    // Functions that this build does not have are absent, not broken.
    if (Object.hasOwn(api, name)) add(fromSignature(name, signature));
  }
  for (const op of RAW) add(fromCatalogue(op));
  return found;
})();

export const evalOpNames = (): string[] => [...REGISTRY.keys()];

const present = (value: AttrValue): boolean => value !== undefined && value !== null;

/**
 * The operation of that name that takes these attributes: the function that users call, or else the plain operation.
 * @throws GradcError `unsupported` naming the op or the attribute that is not there; `attribute` for one that is missing
 */
export function evalOp(name: string, attrs: Attrs): EvalOp {
  const candidates = REGISTRY.get(name);
  if (!candidates) {
    throw new GradcError("unsupported", `there is no operation ${JSON.stringify(name)}`, { received: name });
  }
  const given = Object.keys(attrs).filter(key => present(attrs[key]));
  const fitting = candidates.filter(c => given.every(key => c.attributes.includes(key)));
  if (fitting.length === 0) {
    const known = [...new Set(candidates.flatMap(c => c.attributes))];
    const strange = given.find(key => !known.includes(key)) ?? given.join(", ");
    throw new GradcError("unsupported", `${name}: there is no attribute ${JSON.stringify(strange)}`, {
      expected: known.join(", ") || "no attributes",
      received: strange,
    });
  }
  const complete = fitting.find(c => c.required.every(key => present(attrs[key])));
  if (complete) return complete;
  const missing = fitting[0].required.filter(key => !present(attrs[key]));
  throw new GradcError("attribute", `${name}: attributes are missing`, {
    expected: missing.join(", "),
    received: given.join(", ") || "none",
    mend: "`gradc ops --json` tells what each operation takes.",
  });
}
