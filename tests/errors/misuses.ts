import { parseGraph } from "../../src/graph/parse.ts";
import * as g from "../../src/index.ts";
import { adam, dense, dropout, sgd, training } from "../../src/nn/index.ts";
import { OPS } from "../../src/ops/index.ts";
import type { ErrorCode } from "../../src/shared/error-codes.ts";

/** A mistake that users make. Its whole message is in messages.md beside this file. */
export interface Misuse {
  readonly name: string;
  readonly code: ErrorCode;
  run(): unknown;
}

const B = g.dim("B", { max: 4 });
/** A small network in memory: x [B, 3], label [B] < 5, rate = 0.1. */
function network() {
  const x = g.input("x", [B, 3]);
  const label = g.input("label", [B], "i32");
  const rate = g.input("rate", [], "f32", { default: 0.1 });
  const w = g.param("w", [3, 5]);
  const step = g.state("step", g.zeros([], "i32"));
  const loss = g.mean(g.softmaxCrossEntropy(g.matmul(x, w), label));
  const updates = [g.set(w, g.sub(w, g.mul(g.grad(loss, w), rate))), g.set(step, g.add(step, 1))];
  return g.compileSync(
    g.program("small", {
      train: { inputs: [x, label, rate], outputs: { loss }, updates },
      predict: { inputs: [x], outputs: { p: g.softmax(g.matmul(x, w)) } },
    }),
    { target: "js" },
  );
}

/** For calls that TypeScript would not let through. */
// biome-ignore lint/suspicious/noExplicitAny: plain JavaScript users make these mistakes
const plain = (f: unknown): any => f;

const two = () => g.input("x", [2]);
const good = { x: new Float32Array(6), label: [0, 4] };
const saved = () => network().save();
const changed = (bytes: Uint8Array, text: string, by: string): Uint8Array => {
  const all = Array.from(bytes, b => String.fromCharCode(b)).join("");
  return Uint8Array.from(all.replace(text, by), c => c.charCodeAt(0));
};

export const MISUSES: readonly Misuse[] = [
  // Shapes, at the declaration.
  {
    name: "matmul of inner sizes that differ",
    code: "shape",
    run: () => g.matmul(g.input("x", [4, 3]), g.param("w", [4, 5])),
  },
  { name: "matmul of a scalar", code: "shape", run: () => g.matmul(g.input("x", [4, 3]), g.input("s", [])) },
  {
    name: "add of shapes that do not broadcast",
    code: "shape",
    run: () => g.add(g.input("x", [4, 3]), g.input("y", [4])),
  },
  { name: "reshape to another number of elements", code: "shape", run: () => g.reshape(g.input("x", [4, 3]), [5, 2]) },
  { name: "reshape with −1 that cannot be", code: "shape", run: () => g.reshape(g.input("x", [4, 3]), [5, -1]) },
  {
    name: "concat of sizes that differ elsewhere",
    code: "shape",
    run: () => g.concat([g.input("x", [2, 3]), g.input("y", [2, 4])], 0),
  },
  {
    name: "einsum with one letter of two sizes",
    code: "shape",
    run: () => g.einsum("ij,jk->ik", g.input("x", [2, 3]), g.input("y", [4, 5])),
  },
  {
    name: "einsum with a letter too few",
    code: "attribute",
    run: () => g.einsum("i,jk->ik", g.input("x", [2, 3]), g.input("y", [3, 5])),
  },
  { name: "split into parts that do not fit", code: "shape", run: () => g.split(g.input("x", [5]), 2) },
  { name: "an update of another shape", code: "shape", run: () => g.set(g.param("w", [2]), g.constant([1, 2, 3])) },
  {
    name: "a cotangent of another shape",
    code: "shape",
    run: () => {
      const x = two();
      return g.vjp(g.tanh(x), x, g.ones([3]));
    },
  },
  { name: "a size of zero", code: "shape", run: () => g.input("x", [0, 3]) },
  // Arguments of another kind.
  {
    name: "a plain array instead of a tensor",
    code: "argument",
    run: () => plain(g.matmul)([1, 2], g.param("w", [2])),
  },
  { name: "an operand that is undefined", code: "argument", run: () => plain(g.add)(two(), plain({}).bias) },
  { name: "an operator of JavaScript on a tensor", code: "argument", run: () => g.mul(plain(two()) * 2, two()) },
  { name: "a comparison of JavaScript", code: "argument", run: () => plain(two()) > 0 },
  { name: "text instead of a shape", code: "argument", run: () => plain(g.reshape)(two(), "2, 1") },
  { name: "a number instead of a shape", code: "argument", run: () => plain(g.zeros)(3) },
  { name: "a size that is NaN", code: "argument", run: () => g.ones([2, Number.NaN]) },
  { name: "an input of a shape that is a number", code: "shape", run: () => plain(g.input)("x", 64) },
  { name: "an input of a size that is NaN", code: "shape", run: () => g.input("x", [Number.NaN]) },
  { name: "a constant's dtype in the place of its shape", code: "argument", run: () => plain(g.constant)(1, "i32") },
  { name: "a constant of text", code: "argument", run: () => plain(g.constant)("1, 2") },
  { name: "a dtype of another library", code: "dtype", run: () => plain(g.cast)(two(), "float32") },
  { name: "a seed instead of a key", code: "argument", run: () => plain(g.uniform)(42, [2]) },
  { name: "a probability above 1", code: "attribute", run: () => g.bernoulli(g.key(1), 1.5, [2]) },
  { name: "an option that is misspelt", code: "attribute", run: () => plain(g.sum)(two(), 0, { keepdims: true }) },
  { name: "an index out of range", code: "attribute", run: () => g.indexAt(two(), 2) },
  { name: "named with its arguments swapped", code: "argument", run: () => plain(g.named)(two(), "h") },
  { name: "a bound that is not in a record", code: "dimension", run: () => plain(g.dim)("B", 64) },
  { name: "a state of a number", code: "program", run: () => plain(g.state)("step", 0) },
  { name: "set without a value", code: "argument", run: () => plain(g.set)(g.param("w", [2])) },
  { name: "set with a plain array", code: "argument", run: () => plain(g.set)(g.param("w", [2]), [1, 2]) },
  { name: "set of an input", code: "program", run: () => plain(g.set)(two(), 0) },
  {
    name: "an initializer that is not called",
    code: "argument",
    run: () => {
      const w = g.param("w", [2, 2], plain(g.heNormal));
      return g.program("p", { f: { inputs: [], outputs: { w } } });
    },
  },
  { name: "compile of what is no program", code: "argument", run: () => plain(g.compileSync)({ f: two() }) },
  {
    name: "compile with the target alone",
    code: "argument",
    run: () => plain(g.compileSync)(g.program("p", { f: { inputs: [], outputs: { y: g.ones([2]) } } }), "wasm"),
  },
  { name: "evaluation of numbers", code: "argument", run: () => plain(g.evaluate)({ y: 3 }) },
  { name: "evaluation with a list of feeds", code: "argument", run: () => plain(g.evaluate)(g.exp(two()), [[1, 2]]) },
  { name: "inspect of nothing", code: "argument", run: () => plain(g.inspect)() },
  { name: "a layer without a mode", code: "argument", run: () => plain(dropout)(two(), 0.5) },
  { name: "a mode of a key that is no state", code: "argument", run: () => plain(training)(g.key(1)) },
  { name: "a layer without a name", code: "argument", run: () => plain(dense)(g.input("x", [2, 3]), 10, {}) },
  { name: "an optimizer's option of another library", code: "attribute", run: () => plain(adam)({ lr: 0.1 }) },
  // Dtypes.
  { name: "two dtypes that meet", code: "dtype", run: () => plain(g.add)(two(), g.input("i", [2], "i32")) },
  {
    name: "matmul of two dtypes",
    code: "dtype",
    run: () => plain(g.matmul)(g.input("x", [2, 2]), g.input("y", [2, 2], "f64")),
  },
  { name: "concat of two dtypes", code: "dtype", run: () => g.concat(plain([two(), g.input("i", [2], "i32")])) },
  { name: "a fraction that meets an integer", code: "dtype", run: () => g.mul(g.input("i", [2], "i32"), 0.5) },
  { name: "exp of an integer", code: "dtype", run: () => plain(g.exp)(g.input("i", [2], "i32")) },
  { name: "a condition that is not bool", code: "dtype", run: () => plain(g.where)(two(), 1, 0) },
  { name: "indices that are not i32", code: "dtype", run: () => plain(g.gather)(g.input("table", [4, 2]), two()) },
  // Matrices.
  { name: "a vector that is no matrix", code: "shape", run: () => g.cholesky(g.input("x", [3])) },
  { name: "the inverse of a matrix that is not square", code: "shape", run: () => g.inverse(g.input("x", [2, 3])) },
  { name: "the determinant of integers", code: "dtype", run: () => plain(g.det)(g.input("x", [2, 2], "i32")) },
  { name: "right sides of another size", code: "shape", run: () => g.solve(g.input("a", [2, 2]), g.input("b", [3])) },
  {
    name: "right sides of another dtype",
    code: "dtype",
    run: () => plain(g.triangularSolve)(g.input("a", [2, 2]), g.input("b", [2], "f64")),
  },
  { name: "svd of a matrix of unknown size", code: "shape", run: () => g.svd(g.input("x", [B, 3])) },
  { name: "a negative cutoff", code: "attribute", run: () => g.pinv(g.input("x", [2, 2]), { cutoff: -1 }) },
  { name: "a fraction of a power", code: "argument", run: () => g.matrixPower(g.input("x", [2, 2]), 0.5) },
  { name: "an unknown norm", code: "argument", run: () => plain(g.matrixNorm)(g.input("x", [2, 2]), "max") },
  // Axes and other options.
  { name: "an axis out of range", code: "attribute", run: () => g.sum(g.input("x", [2, 3]), 5) },
  { name: "an axis of a scalar", code: "attribute", run: () => g.softmax(g.input("x", []), 0) },
  { name: "an axis named twice", code: "attribute", run: () => g.mean(g.input("x", [2, 3]), [0, -2]) },
  { name: "topK of more than there are", code: "attribute", run: () => g.topK(g.input("x", [3]), 4) },
  { name: "a permutation that is none", code: "attribute", run: () => g.transpose(g.input("x", [2, 3]), [0, 0]) },
  { name: "an empty name", code: "attribute", run: () => g.param("", [2]) },
  { name: "topK along a symbolic axis", code: "unsupported", run: () => g.topK(g.input("x", [B]), 1) },
  // Dimensions.
  { name: "a dimension without a bound", code: "dimension", run: () => plain(g.dim)("B") },
  { name: "a dimension of bound 0", code: "dimension", run: () => g.dim("B", { max: 0 }) },
  {
    name: "one dimension with two bounds",
    code: "dimension",
    run: () => {
      const x = g.input("x", [g.dim("B", { max: 4 })]);
      const y = g.input("y", [g.dim("B", { max: 8 })]);
      return g.program("p", { f: { inputs: [x, y], outputs: { a: g.sum(x), b: g.sum(y) } } });
    },
  },
  // Programs.
  {
    name: "an input that is used but not listed",
    code: "input-not-listed",
    run: () => {
      const x = two();
      const label = g.input("label", [2]);
      return g.program("p", { train: { inputs: [x], outputs: { loss: g.sum(g.add(x, label)) } } });
    },
  },
  {
    name: "an input that is listed but not used",
    code: "input-unused",
    run: () => {
      const x = two();
      const extra = g.input("extra", [2]);
      return g.program("p", { f: { inputs: [x, extra], outputs: { y: g.sum(x) } } });
    },
  },
  {
    name: "a parameter declared twice",
    code: "duplicate-name",
    run: () => {
      const first = g.param("w", [2]);
      const second = g.param("w", [3]);
      return g.program("p", { f: { inputs: [], outputs: { y: g.add(g.sum(first), g.sum(second)) } } });
    },
  },
  {
    name: "two updates of one target",
    code: "two-updates",
    run: () => {
      const w = g.param("w", [2]);
      const up = g.set(w, g.add(w, 1));
      const down = g.set(w, g.sub(w, 1));
      return g.program("p", { f: { inputs: [], outputs: {}, updates: [up, down] } });
    },
  },
  {
    name: "a random key drawn from twice",
    code: "random-key-reused",
    run: () => {
      const key = g.state("key", g.key(1));
      const a = g.uniform(key, [2]);
      const b = g.normal(key, [2]);
      return g.program("p", { f: { inputs: [], outputs: { a, b } } });
    },
  },
  {
    name: "an input declared twice",
    code: "duplicate-name",
    run: () => {
      const first = two();
      const second = two();
      return g.program("p", { f: { inputs: [first, second], outputs: { y: g.add(first, second) } } });
    },
  },
  { name: "a program without functions", code: "program", run: () => plain(g.program)("p") },
  { name: "a program without a name", code: "attribute", run: () => plain(g.program)({ f: {} }) },
  {
    name: "a part of a function that is misspelt",
    code: "program",
    run: () => g.program("p", { f: plain({ inputs: [], outputs: { y: g.ones([2]) }, update: [] }) }),
  },
  {
    name: "inputs that are a record",
    code: "program",
    run: () => {
      const x = two();
      return g.program("p", { f: { inputs: plain({ x }), outputs: { y: g.exp(x) } } });
    },
  },
  {
    name: "outputs that are a tensor",
    code: "program",
    run: () => {
      const x = two();
      return g.program("p", { f: { inputs: [x], outputs: plain(g.exp(x)) } });
    },
  },
  {
    name: "outputs in records of records",
    code: "program",
    run: () => {
      const x = two();
      return g.program("p", { f: { inputs: [x], outputs: { all: plain({ y: g.exp(x) }) } } });
    },
  },
  {
    name: "updates in lists of lists",
    code: "program",
    run: () => {
      const w = g.param("w", [2]);
      return g.program("p", { f: { inputs: [], outputs: {}, updates: [plain([g.set(w, 0)])] } });
    },
  },
  {
    name: "training without the updates of its mode",
    code: "missing-update",
    run: () => {
      const x = g.input("x", [4, 3]);
      const w = g.param("w", [3, 1]);
      const mode = training(g.state("key", g.key(1)));
      const loss = g.mean(g.matmul(dropout(x, 0.5, mode), w));
      const updates = sgd({ learningRate: 0.1 })({ w }, g.grad(loss, { w }));
      return g.program("p", { train: { inputs: [x], outputs: { loss }, updates } });
    },
  },
  {
    name: "a function without outputs",
    code: "program",
    run: () => g.program("p", { f: { inputs: [], outputs: {} } }),
  },
  {
    name: "a parameter in the list of inputs",
    code: "program",
    run: () => {
      const w = g.param("w", [2]);
      return g.program("p", { f: { inputs: [w as never], outputs: { y: g.sum(w) } } });
    },
  },
  {
    name: "an optimizer without a learning rate",
    code: "argument",
    run: () => {
      const w = g.param("w", [2]);
      return sgd({} as never)({ w }, g.grad(g.sum(w), { w }));
    },
  },
  {
    name: "an optimizer without gradients",
    code: "argument",
    run: () => sgd({ learningRate: 0.1 })({ w: g.param("w", [2]) }, undefined as never),
  },
  {
    name: "an output that is a number",
    code: "program",
    run: () => g.program("p", { f: { inputs: [], outputs: { y: plain(3) } } }),
  },
  // Derivatives.
  { name: "grad without targets", code: "argument", run: () => plain(g.grad)(g.sum(two())) },
  { name: "grad with the name of a parameter", code: "argument", run: () => plain(g.grad)(g.sum(two()), "w") },
  { name: "grad of something among the targets", code: "argument", run: () => plain(g.grad)(g.sum(two()), { w: 3 }) },
  {
    name: "hvp with too few vectors",
    code: "shape",
    run: () => {
      const [x, w] = [two(), g.param("w", [2])];
      return plain(g.hvp)(g.sum(g.mul(x, w)), [x, w], [x]);
    },
  },
  {
    name: "a gradient for an integer",
    code: "integer-gradient",
    run: () => g.grad(g.sum(two()), g.input("i", [2], "i32")),
  },
  { name: "a gradient of an integer", code: "integer-gradient", run: () => g.grad(g.argmax(two()), two()) },
  {
    name: "a gradient for what the result does not depend on",
    code: "disconnected-gradient",
    run: () => g.grad(g.sum(two()), g.param("w", [2])),
  },
  {
    name: "a gradient of a tensor",
    code: "not-scalar",
    run: () => {
      const x = two();
      return g.grad(g.mul(x, x), x);
    },
  },
  {
    name: "customGrad without a cotangent for each input",
    code: "not-differentiable",
    run: () => {
      const f = g.customGrad((x: g.Tensor<"f32">) => g.exp(x), { vjp: plain(() => []) });
      const x = two();
      return g.evaluate(g.grad(g.sum(f(x)), x), { x: [1, 2] });
    },
  },
  {
    name: "a sparse Jacobian whose pattern does not fit",
    code: "argument",
    run: () => {
      const x = two();
      return g.sparseJacobian(g.exp(x), x, { pattern: { rows: [0, 2], cols: [0, 1] } });
    },
  },
  {
    name: "vmap over batches of different sizes",
    code: "shape",
    run: () => g.vmap((x: g.Tensor, y: g.Tensor) => g.add(x as never, y as never))(two(), g.ones([3])),
  },
  {
    name: "a network that does not fit in the memory",
    code: "memory",
    run: () => g.compileSync(g.program("p", { f: { inputs: [], outputs: { y: g.ones([64]) } } }), { memory: 128 }),
  },
  // Loops.
  {
    name: "a scan whose carry changes its shape",
    code: "region",
    run: () =>
      g.scan(
        (c: g.Tensor<"f32">, x: g.Tensor<"f32">) => ({ carry: g.concat([c, x]) }),
        g.zeros([2]),
        g.input("xs", [3, 2]),
      ),
  },
  {
    name: "a scan whose carry changes its structure",
    code: "region",
    run: () =>
      g.scan((c: { h: g.Tensor<"f32"> }) => ({ carry: { h: c.h, more: c.h } }), { h: g.zeros([2]) }, null, {
        length: 3,
      }),
  },
  {
    name: "a scan without a length",
    code: "region",
    run: () => g.scan((c: g.Tensor<"f32">) => ({ carry: c }), g.zeros([2])),
  },
  {
    name: "a scan over sequences of two lengths",
    code: "shape",
    run: () =>
      g.scan((c: g.Tensor<"f32">) => ({ carry: c }), g.zeros([2]), { a: g.input("a", [3]), b: g.input("b", [4]) }),
  },
  {
    name: "a loop whose condition is no truth value",
    code: "region",
    run: () =>
      g.whileLoop(
        plain((c: g.Tensor<"f32">) => g.sum(c)),
        (c: g.Tensor) => c,
        g.zeros([2]),
      ),
  },
  {
    name: "a gradient of a loop without a bound",
    code: "not-differentiable",
    run: () => {
      const x = g.input("x", []);
      const y = g.whileLoop(
        c => g.lt(c, 9),
        c => g.mul(c, 2),
        x,
      );
      return g.evaluate(g.grad(y, x), { x: 1 });
    },
  },
  {
    name: "a choice by more than one truth value",
    code: "dtype",
    run: () =>
      g.cond(
        g.gt(g.input("x", [3]), 0) as g.Tensor<"bool">,
        () => g.zeros([2]),
        () => g.ones([2]),
      ),
  },
  {
    name: "a choice between values of two types",
    code: "region",
    run: () =>
      g.cond(
        g.input("flag", [], "bool"),
        () => g.zeros([2]),
        () => g.ones([3]),
      ),
  },
  // At the door of a network in memory.
  {
    name: "an array of the wrong length",
    code: "input-length",
    run: () => network().predict({ x: new Float32Array(7) }),
  },
  { name: "more rows than the bound", code: "input-length", run: () => network().predict({ x: new Float32Array(15) }) },
  {
    name: "two inputs that disagree on B",
    code: "input-length",
    run: () => network().train({ x: new Float32Array(6), label: [1] }),
  },
  { name: "a missing input", code: "missing-input", run: () => plain(network().train)({ x: good.x }) },
  { name: "text instead of an array", code: "input-type", run: () => network().predict({ x: plain("1,2,3") }) },
  { name: "text among the numbers", code: "input-type", run: () => network().predict({ x: plain([1, 2, "3"]) }) },
  { name: "a label out of range", code: "input-range", run: () => network().train({ ...good, label: [0, 5] }) },
  { name: "an input that is not there", code: "unknown-name", run: () => network().predict(plain({ ...good })) },
  { name: "inputs in order instead of by name", code: "unknown-name", run: () => network().predict(plain([good.x])) },
  { name: "null instead of inputs", code: "missing-input", run: () => network().predict(plain(null)) },
  { name: "a size that is not there", code: "unknown-name", run: () => network().predict.run(plain({ N: 2 })) },
  { name: "a size out of range", code: "dimension", run: () => network().predict.run({ B: 5 }) },
  {
    name: "values of the wrong length for a variable",
    code: "input-length",
    run: () => network().variables.w.set([1, 2, 3]),
  },
  {
    name: "a closed network",
    code: "closed",
    run: () => {
      const net = network();
      net.close();
      return net.predict({ x: good.x });
    },
  },
  {
    name: "an unknown function in only",
    code: "unknown-name",
    run: () => g.compileSync(g.program("p", { f: { inputs: [], outputs: { y: g.ones([2]) } } }), { only: ["predict"] }),
  },
  { name: "evaluation without a value for an input", code: "missing-input", run: () => g.evaluate(g.exp(two())) },
  {
    name: "evaluation with a name that nothing has",
    code: "unknown-name",
    run: () => g.evaluate(g.exp(two()), { x: [1, 2], y: 3 }),
  },
  { name: "evaluation with too few numbers", code: "input-length", run: () => g.evaluate(g.exp(two()), { x: [1] }) },
  {
    name: "evaluation with a fraction for an integer",
    code: "input-type",
    run: () => g.evaluate(g.input("i", [2], "i32"), { i: [1, 0.5] }),
  },
  {
    name: "a constant index out of range",
    code: "input-range",
    run: () => g.gather(two(), g.constant([2], undefined, "i32")),
  },
  // Saved values.
  {
    name: "a file that is cut off in its header",
    code: "safetensors",
    run: () => network().restore(saved().slice(0, 40)),
  },
  {
    name: "a file that is cut off in its data",
    code: "safetensors",
    run: () => network().restore(saved().slice(0, -4)),
  },
  {
    name: "a file with bytes too many",
    code: "safetensors",
    run: () => network().restore(Uint8Array.from([...saved(), 0])),
  },
  { name: "a file that is empty", code: "safetensors", run: () => network().restore(new Uint8Array(0)) },
  {
    name: "a header length beyond all bounds",
    code: "safetensors",
    run: () => network().restore(new Uint8Array(64).fill(255)),
  },
  {
    name: "a header that is not JSON",
    code: "safetensors",
    run: () => network().restore(changed(saved(), '{"', "[[")),
  },
  {
    name: "saved values of another shape",
    code: "restore-mismatch",
    run: () => network().restore(changed(saved(), "[3,5]", "[5,3]")),
  },
  {
    name: "saved values of another name",
    code: "restore-mismatch",
    run: () => network().restore(changed(saved(), '"w"', '"v"')),
  },
  // Text graphs.
  {
    name: "an operation that the catalogue lacks",
    code: "unknown-op",
    run: () => parseGraph("gradc graph 1\n%0 = conv9d() {} : f32 [2]\nreturn %0\n", OPS),
  },
  { name: "a text graph that breaks off", code: "parse", run: () => parseGraph("gradc graph 1\n%1 = add(%0", OPS) },
  { name: "a text that is no graph", code: "parse", run: () => parseGraph("digraph {}", OPS) },
];

/** Codes whose errors need a command line, a host or a network beyond these tests, and where they are tested. */
export const ELSEWHERE: Readonly<Partial<Record<ErrorCode, string>>> = {
  "model-file": "tests/cli",
  write: "tests/cli",
  usage: "tests/cli",
  "size-limit": "tests/cli",
  host: "tests/codegen/wasm-module.test.ts",
  "not-finite": "tests/program/options.test.ts",
  thread: "tests/runtime/pool.test.ts",
  "half-range": "tests/module/bake.test.ts",
};
