import * as g from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";

type Arguments = readonly unknown[];
type Library = Readonly<Record<string, unknown>>;

const x = () => g.input("x", [4, 3]);
const sequence = () => g.input("sequence", [5, 2, 3]);
const y = () => g.input("y", [3, 5]);
const square = () => g.input("square", [3, 3]);
const vector = () => g.input("v", [3]);
const image = () => g.input("image", [2, 8, 8, 3]);
const kernel = () => g.input("kernel", [3, 3, 3, 3]);
const bits = () => g.input("u", [4], "u32");
const truth = () => g.input("b", [4, 3], "bool");
const label = () => g.input("label", [4], "i32");
const place = () => g.input("place", [4, 3], "i32");
const key = () => g.key(1);

/** A value and something that it depends on. */
function dependent(): { x: g.Tensor<"f32">; y: g.Tensor<"f32">; loss: g.Scalar<"f32"> } {
  const at = x();
  return { x: at, y: g.exp(at), loss: g.sum(g.mul(at, at)) };
}

function small(): g.Program {
  const at = x();
  return g.program("p", { f: { inputs: [at], outputs: { y: g.exp(at) } } });
}

const named = (names: string, make: () => Arguments): [string, () => Arguments][] =>
  names.split(" ").map(name => [name, make]);

/** For every public function arguments that it takes, all optional ones included; undefined stands for what is left out. */
export const CORE: Readonly<Record<string, () => Arguments>> = Object.fromEntries([
  ...named("add sub mul div rem mod eq ne lt le gt ge maximum minimum pow meanSquaredError", () => [x(), x()]),
  ...named("binaryCrossEntropyWithLogits", () => [x(), x()]),
  ...named("exp expm1 log log1p sin cos tan tanh sigmoid softplus erf erfinv sqrt rsqrt reciprocal", () => [x()]),
  ...named("neg abs sign floor ceil round trunc square relu relu6 selu silu mish logSigmoid", () => [x()]),
  ...named("asin acos atan sinh cosh asinh acosh atanh erfc lgamma digamma logit softsign hardSwish", () => [x()]),
  ...named("atan2 hypot logAddExp prelu kron", () => [x(), x()]),
  ...named("isInfinite isNan isFinite stopGradient zerosLike onesLike", () => [x()]),
  ...named("and or xor", () => [truth(), truth()]),
  ...named("not", () => [truth()]),
  ...named("bitAnd bitOr bitXor", () => [bits(), bits()]),
  ...named("shiftLeft shiftRight", () => [bits(), 1]),
  ...named("bitNot", () => [bits()]),
  ...named("leakyRelu elu celu", () => [x(), 0.1]),
  ...named("sum prod max maxNumber min mean logSumExp variance std", () => [x(), 0, { keepDims: true }]),
  ...named("all any", () => [truth(), 0, { keepDims: true }]),
  ...named("argmax argmin softmax logSoftmax flip", () => [x(), 1]),
  ...named("expandDims flatten", () => [x(), 0]),
  ...named("concat stack", () => [[x(), x()], 0]),
  ...named("dot outer", () => [vector(), vector()]),
  ...named("conv convTranspose", () => [image(), kernel(), { strides: 2 }]),
  ...named("maxPool averagePool l2Pool", () => [image(), 2, { strides: 1, ceilMode: true }]),
  ...named("globalAveragePool globalMaxPool", () => [image(), { layout: "channelsLast" }]),
  ["adaptiveAveragePool", () => [image(), 3, { layout: "channelsLast" }]],
  ["resize", () => [image(), 5, { mode: "linear" }]],
  ["upsample", () => [image(), 2, { coordinates: "halfPixel" }]],
  ["standardize", () => [x(), 0, { epsilon: 1e-3 }]],
  ["localResponseNorm", () => [image(), { size: 3 }]],
  ["attention", () => [x(), x(), x(), { causal: true }]],
  ["lpPool", () => [image(), 3, 2, { strides: 1 }]],
  ...named("normal randomBits", () => [key(), [2]]),
  ...named("zeros ones", () => [[2], "f32"]),
  ...named("glorotNormal glorotUniform heNormal heUniform lecunNormal lecunUniform", () => [{ seed: 1 }]),
  ...named("onesInit zerosInit", () => []),
  ...named("tril triu diag diagonal trace unstack", () => [x(), 1]),
  ["hardSigmoid", () => [x(), 0.2, 0.5]],
  ["polygamma", () => [x(), 1]],
  ["maxout", () => [x(), 3, 1]],
  ["norm", () => [x(), 0, { order: 3, keepDims: true }]],
  ["eye", () => [2, 3, "f32"]],
  ["tile", () => [x(), [2, 1]]],
  ["roll", () => [x(), 1, 0]],
  ["moveAxis", () => [x(), 0, 1]],
  ["gelu", () => [x(), { approximate: true }]],
  ["clip", () => [x(), 0, 1]],
  ["where", () => [truth(), x(), 0]],
  ["cast", () => [x(), "i32"]],
  ["bitcast", () => [bits(), "i32"]],
  ["constant", () => [[1, 2], [2], "f32"]],
  ["fill", () => [1, [2], "f32"]],
  ["iota", () => [[2], 0, "f32"]],
  ["arange", () => [5, "f32"]],
  ["extent", () => [g.dim("B", { max: 2 }), "f32"]],
  ["reshape", () => [x(), [-1, 2]]],
  ["broadcastTo", () => [x(), [2, 4, 3]]],
  ["expand", () => [vector(), [4, 3], [1]]],
  ["squeeze", () => [g.input("one", [1, 3]), 0]],
  ["transpose", () => [x(), [1, 0]]],
  ["slice", () => [x(), [0], [2], [1]]],
  ["split", () => [x(), 2, 0]],
  ["indexAt", () => [x(), 1, 0]],
  ["pad", () => [x(), [1, [0, 2]], { value: 1 }]],
  ...named("cumsum cumprod logcumsumexp cummax cummin", () => [x(), 0, { reverse: true }]),
  ["recurrence", () => [x(), x(), 0, { reverse: true }]],
  ...named("sort argsort", () => [x(), 0, { descending: true }]),
  ["topK", () => [x(), 2, 1]],
  ...named("cholesky lu eigh det slogdet logdet inverse", () => [square()]),
  ...named("qr svd", () => [x()]),
  ...named("lstsq choleskySolve", () => [square(), square()]),
  ["solve", () => [square(), square(), { transpose: true }]],
  ["triangularSolve", () => [square(), square(), { lower: true, transpose: true, unitDiagonal: true }]],
  ["pinv", () => [x(), { cutoff: 0.1 }]],
  ["matrixNorm", () => [x(), "nuclear"]],
  ["matrixPower", () => [square(), 2]],
  ["matmul", () => [x(), y()]],
  ["einsum", () => ["ij,jk->ik", x(), y()]],
  ["gather", () => [x(), label(), 0]],
  ["gatherAlong", () => [x(), place(), 0]],
  ["scatterAdd", () => [label(), x(), { size: 9 }]],
  ["scatterAddAlong", () => [place(), x(), { size: 4, axis: 0 }]],
  ...named("scatterSet scatterMax scatterMin", () => [x(), label(), x(), 0]),
  ...named("scatterSetAlong scatterMaxAlong scatterMinAlong", () => [x(), place(), x(), 0]),
  ...named("segmentSum segmentMean segmentMax segmentMin", () => [x(), label(), { segments: 2, axis: 0 }]),
  ["bincount", () => [label(), { length: 5, weights: g.input("weights", [4]) }]],
  ["embedding", () => [x(), label()]],
  ["searchSorted", () => [vector(), x(), { side: "right" }]],
  ["gatherNd", () => [x(), g.input("points", [7, 2], "i32")]],
  ["scatterAddNd", () => [g.input("points", [4, 2], "i32"), x(), { shape: [2, 2, 3] }]],
  ["scatterSetNd", () => [y(), g.input("points", [4, 2], "i32"), g.input("updates", [4])]],
  ["oneHot", () => [label(), 5, "f32"]],
  ["softmaxCrossEntropy", () => [x(), label()]],
  ["key", () => [1]],
  ["splitKey", () => [key(), 2]],
  ["foldIn", () => [key(), 1]],
  ["uniform", () => [key(), [2], { low: 1, high: 2 }]],
  ...named("exponential gumbel laplace", () => [key(), [2], { dtype: "f32" }]),
  ["truncatedNormal", () => [key(), [2], { low: -1, high: 1 }]],
  ["randint", () => [key(), [2], { low: 1, high: 5 }]],
  ["categorical", () => [key(), x(), { axis: 0, draws: [2] }]],
  ["permutation", () => [key(), 5]],
  ["shuffle", () => [key(), x(), 0]],
  ["bernoulli", () => [key(), 0.5, [2]]],
  ["customGrad", () => [g.exp, { vjp: () => [null] }]],
  ["scan", () => [(c: g.Tensor) => ({ carry: c }), g.zeros([3]), x(), { reverse: true }]],
  ["whileLoop", () => [(c: g.Tensor<"f32">) => g.lt(g.sum(c), 9), (c: g.Tensor) => c, x(), { max: 3 }]],
  ["map", () => [(row: g.Tensor) => row, x(), { checkpoint: true }]],
  ["cond", () => [g.input("flag", [], "bool"), x, x]],
  ["checkpoint", () => [g.exp]],
  ["grad", () => derivative(({ x: at, loss }) => [loss, at])],
  ["hvp", () => derivative(({ x: at, loss }) => [loss, at, at])],
  ["vjp", () => derivative(({ x: at, y: result }) => [result, at, result])],
  ["jvp", () => derivative(({ x: at, y: result }) => [result, at, at])],
  ["jacobian", () => derivative(({ x: at, y: result }) => [result, at, { mode: "forward" }])],
  ["hessian", () => derivative(({ x: at, loss }) => [loss, at])],
  ["sparseJacobian", () => derivative(({ x: at, y: result }) => [result, at, { mode: "forward" }])],
  ["sparseHessian", () => derivative(({ x: at, loss }) => [loss, at])],
  ["linearize", () => derivative(({ x: at, y: result }) => [result, at])],
  ["vmap", () => [g.exp, { in: 0, out: 0 }]],
  ["named", () => ["h", x()]],
  ["scope", () => ["encoder", x]],
  ["model", () => [x]],
  ["dim", () => ["B", { max: 3 }]],
  ["input", () => ["x", [], "f32", { default: 1 }]],
  ["param", () => ["w", [2], g.zerosInit(), "f32"]],
  ["state", () => ["s", g.zeros([2])]],
  ["set", () => [g.param("w", [2]), g.ones([2])]],
  ["constantInit", () => [0]],
  ["normalInit", () => [{ mean: 1, stdev: 2 }]],
  ["truncatedNormalInit", () => [{ mean: 1, stdev: 2 }]],
  ["orthogonalInit", () => [{ gain: 2 }]],
  ["uniformInit", () => [{ low: 1, high: 2 }]],
  ["program", () => ["p", { f: { inputs: [], outputs: { y: g.ones([2]) } } }]],
  ["compileSync", () => [small(), { target: "interpret" }]],
  ["evaluate", () => [g.exp(x()), { x: new Float32Array(12) }]],
  ["inspect", () => [small(), { stage: "optimized" }]],
]);

function derivative(of: (d: ReturnType<typeof dependent>) => Arguments): Arguments {
  return of(dependent());
}

const rate = { initial: 0.1, rate: 0.5, steps: 10 };

export const LAYERS: Readonly<Record<string, () => Arguments>> = {
  adam: () => [{ beta1: 0.8 }],
  accumulate: () => [nn.sgd({ learningRate: 0.1 }), { every: 2, name: "own" }],
  inParts: () => {
    const w = g.param("w", [3]);
    return [x(), 2, (part: g.Tensor<"f32">) => g.sum(g.mul(part, w)), w];
  },
  clipByValue: () => [[x()], { low: -1, high: 2 }],
  clipByGlobalNorm: () => [[x()], 1],
  globalNorm: () => [[x()]],
  adamW: () => [{ weightDecay: 0.1, decays: () => true }],
  adagrad: () => [{ epsilon: 1e-8 }],
  rmsprop: () => [{ decay: 0.9, momentum: 0.5, centered: true }],
  sgd: () => [{ learningRate: 0.1 }],
  momentum: () => [{ learningRate: 0.1, nesterov: true }],
  optimizer: () => [{ name: "own", learningRate: 0.1 }, () => []],
  dense: () => [x(), 3, { name: "d", activation: g.relu }],
  convolution: () => [image(), 4, 3, { name: "c", strides: 2, activation: g.relu }],
  transposedConvolution: () => [image(), 4, 3, { name: "t", strides: 2, outputPadding: 1 }],
  embedding: () => [label(), 9, 2, { name: "e", init: g.onesInit() }],
  multiHeadAttention: () => [y(), y(), y(), { name: "a", heads: 5, causal: true }],
  layerNorm: () => [x(), { name: "l", epsilon: 1e-3 }],
  rmsNorm: () => [x(), { name: "r" }],
  instanceNorm: () => [image(), { name: "i", scale: false }],
  groupNorm: () => [image(), 3, { name: "g", shift: false }],
  dropout: () => [x(), 0.5, nn.inference, { together: [1] }],
  batchNorm: () => [x(), { name: "n" }, nn.inference],
  training: () => [g.state("key", key())],
  accuracy: () => [x(), label()],
  crossEntropy: () => [x(), label()],
  parameterTree: () => [g.sum(g.param("w", [2]))],
  parameters: () => [g.sum(g.param("w", [2]))],
  constantRate: () => [0.1],
  exponentialDecay: () => [rate],
  stepDecay: () => [rate],
  cosineDecay: () => [{ initial: 0.1, steps: 10 }],
  rnn: () => [sequence(), 3, { name: "r", activation: g.relu, reverse: true }],
  jordan: () => [sequence(), 3, 2, { name: "j" }],
  lstm: () => [sequence(), 3, { name: "l", peepholes: true, forgetBias: 0 }],
  gru: () => [sequence(), 3, { name: "u", resetAfter: false, longest: 9 }],
  rnnCell: () => [4, 3, { name: "r" }],
  jordanCell: () => [4, 3, 2, { name: "j" }],
  lstmCell: () => [4, 3, { name: "l" }],
  gruCell: () => [4, 3, { name: "u" }],
  recurrent: () => [nn.rnnCell(3, 2, { name: "r" }), sequence(), { checkpoint: true }],
  bidirectional: () => [sequence(), { name: "b" }, (v: g.Tensor<"f32">, p: nn.DirectedPart) => nn.rnn(v, 2, p)],
  deep: () => [sequence(), 2, { name: "d" }, (v: g.Tensor<"f32">, p: nn.Part) => nn.rnn(v, 2, p)],
  piecewise: () => [{ boundaries: [3], rates: [0.1, 0.01] }],
  oneCycle: () => [{ peak: 0.5, steps: 12 }],
  warmup: () => [{ steps: 3, then: nn.constantRate(0.1) }],
};

/** Public functions without a check of their own: compile does what compileSync does; the others serve authors of layers. */
export const UNCHECKED = [
  ..."compile captureCallSites oneCall nameOf formatType typeEquals requireUpdate leavesOf mapTree declarationError argumentError".split(
    " ",
  ),
  ..."checkFunction checkOptions checkTensorList checkTensors checkText".split(" "),
];

/** The functions that a library exports. */
export const functionsOf = (library: Library): string[] =>
  Object.keys(library).filter(name => typeof library[name] === "function" && /^[a-z]/.test(name));
