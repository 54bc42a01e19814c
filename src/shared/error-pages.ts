import type { ErrorCode } from "./error-codes.ts";

/** What docs/errors.md says of a code; messages do without it. */
export interface ErrorPage {
  readonly title: string;
  readonly meaning: string;
  /** The mistake in code. */
  readonly mistake: string;
}

export const ERROR_PAGES: Readonly<Record<ErrorCode, ErrorPage>> = {
  shape: {
    title: "Shapes do not fit",
    meaning: "The operands of an operation have shapes it cannot combine.",
    mistake: 'matmul(input("x", [4, 3]), input("y", [4, 3]))',
  },
  dtype: {
    title: "Dtypes do not fit",
    meaning: "gradc never converts between dtypes on its own; plain numbers take the dtype of the other operand.",
    mistake: 'add(input("x", [2]), input("i", [2], "i32"))',
  },
  attribute: {
    title: "An option has a value it cannot take",
    meaning: "An axis, size, name or other option of an operation is out of its range.",
    mistake: 'sum(input("x", [2, 3]), 5)',
  },
  argument: {
    title: "An argument of another kind",
    meaning:
      "A function was called with something that it does not take: numbers or undefined where a tensor is expected, text where a shape is, or one argument too few.",
    mistake: "matmul([1, 2], w)",
  },
  dimension: {
    title: "A dimension is not what it must be",
    meaning: "A symbolic dimension was given without its bound, with two bounds, or with a value out of 1 … max.",
    mistake: 'dim("B", { max: 0 })',
  },
  "duplicate-name": {
    title: "Two declarations share one name",
    meaning: "Inputs, parameters and state are known by their names, so a program can have each name once.",
    mistake: 'param("w", [2]); param("w", [3])',
  },
  "two-updates": {
    title: "One target is updated twice",
    meaning: "All updates of a function see the old values, so two updates of one target contradict each other.",
    mistake: "updates: [set(w, a), set(w, b)]",
  },
  "missing-update": {
    title: "An update that a layer relies on is missing",
    meaning:
      "A layer in training mode draws from a random key or keeps running statistics, and no function of the program updates them: every call would draw the same numbers, and inference would use the first statistics.",
    mistake: "updates: optimizer(params, grad(loss, params))   // without ...mode.updates",
  },
  "input-not-listed": {
    title: "An input is used but not listed",
    meaning: "A function lists its inputs; the list is checked against the graph of its outputs and updates.",
    mistake: "inputs: [x], outputs: { loss }   // loss also reads label",
  },
  "input-unused": {
    title: "An input is listed but not used",
    meaning: "Nothing the function computes depends on this input.",
    mistake: "inputs: [x, y], outputs: { z }   // z reads x only",
  },
  "integer-gradient": {
    title: "A gradient with respect to integers",
    meaning: "Derivatives exist for f32 and f64 values only.",
    mistake: 'grad(loss, input("i", [2], "i32"))',
  },
  "disconnected-gradient": {
    title: "The result does not depend on the target",
    meaning: "No differentiable path leads from the target to the result, so the gradient would be zero everywhere.",
    mistake: "grad(sum(x), w)",
  },
  "not-scalar": {
    title: "grad needs a scalar",
    meaning: "grad differentiates one number. For tensors, choose a cotangent with vjp.",
    mistake: "grad(mul(x, x), x)",
  },
  "not-differentiable": {
    title: "An operation has no derivative",
    meaning: "The path from the target to the result goes through an operation without a derivative rule.",
    mistake: "customGrad without a rule",
  },
  "random-key-reused": {
    title: "Two draws from one random key",
    meaning: "Two draws from the same key give correlated (often equal) numbers.",
    mistake: "uniform(key, [2]); normal(key, [2])",
  },
  "missing-input": {
    title: "A call lacks an input",
    meaning: "A compiled function was called without one of its inputs.",
    mistake: "net.train({ x })   // label is missing",
  },
  "unknown-name": {
    title: "A name that is not there",
    meaning: "An input, variable, function or value of this name does not exist.",
    mistake: "net.variables.w9",
  },
  "input-length": {
    title: "An array has the wrong length",
    meaning: "The array handed to a compiled function does not fill the input's shape.",
    mistake: "net.predict({ x: new Float32Array(63) })   // x is [B, 64]",
  },
  "input-range": {
    title: "An index or label is out of range",
    meaning: "An integer input is used as an index, and one of its values points outside.",
    mistake: "net.train({ x, label: [10] })   // 0 ≤ label < 10",
  },
  "input-type": {
    title: "An input of the wrong type",
    meaning: "A compiled function takes arrays of numbers (typed or plain) or, for scalars, a number.",
    mistake: 'net.predict({ x: "1,2,3" })',
  },
  "not-finite": {
    title: "A value became NaN or infinite",
    meaning: 'Found by checks: "finite": the first operation that produced a value that is not finite.',
    mistake: "log(x) with x = -1",
  },
  closed: {
    title: "The network is closed",
    meaning: "close() freed the memory of this instance; it cannot be called afterwards.",
    mistake: "net.close(); net.predict(…)",
  },
  thread: {
    title: "A worker thread is lost",
    meaning:
      "The network runs on several threads, and one of them has ended, failed or does not answer. Variables may hold part of a step.",
    mistake: "",
  },
  safetensors: {
    title: "Not a readable safetensors file",
    meaning: "The bytes are truncated, oversized or contradict themselves. Nothing was changed.",
    mistake: "net.restore(bytes.slice(0, 10))",
  },
  "restore-mismatch": {
    title: "Saved values do not fit this network",
    meaning: "A tensor in the file has another shape or dtype, or names differ under strict. Nothing was changed.",
    mistake: "restoring a 64-128-10 network into a 64-64-10 one",
  },
  "half-range": {
    title: "A value does not fit into 16 bits",
    meaning: "A module was asked for with weights of 16 bits, which hold numbers up to 65504; a weight is larger.",
    mistake: "gradc compile model.ts --params trained.safetensors --bake --weights f16, with a weight of 70000",
  },
  "unknown-op": {
    title: "No such operation",
    meaning: "A text graph or a request names an operation that the catalogue does not have.",
    mistake: '{"op":"conv9d"}',
  },
  parse: {
    title: "Text that cannot be parsed",
    meaning: "A text graph or a request line is malformed.",
    mistake: "%1 = add(%0",
  },
  "model-file": {
    title: "A model file cannot be used",
    meaning: "The file does not exist, throws while loading, or exports no program.",
    mistake: "gradc compile empty.ts",
  },
  write: {
    title: "A file cannot be written",
    meaning:
      "The file system refused (no permission, no space). Files are written under a temporary name first, so what was there is intact.",
    mistake: "gradc compile m.ts -o /root",
  },
  "size-limit": {
    title: "Larger than the limit",
    meaning:
      "The emitted module is larger than --max-gzip allows, or the network needs more memory than can be addressed.",
    mistake: "gradc compile m.ts --max-gzip 1",
  },
  host: {
    title: "The host forbids or lacks something",
    meaning: "This host forbids code generation or lacks a WebAssembly feature that was asked for.",
    mistake: 'compile(program, { target: "js" }) under a content security policy',
  },
  program: {
    title: "A program that cannot be",
    meaning: "A function has no outputs or updates, or values that are not tensors.",
    mistake: 'program("p", { f: { inputs: [], outputs: {} } })',
  },
  memory: {
    title: "A program that does not fit in the memory",
    meaning: "compile was given a number of bytes, and even with values computed again the network takes more.",
    mistake: "compile(program, { memory: 1024 })",
  },
  region: {
    title: "A body does not fit",
    meaning:
      "The body of a loop must return carries of the types it was given, the bodies of a cond values of equal types.",
    mistake: "scan((c, x) => ({ carry: concat([c, x], 0), out: x }), …)",
  },
  usage: {
    title: "A call that cannot be understood",
    meaning: "A command or function was called with arguments it does not take.",
    mistake: "gradc compile --target cobol m.ts",
  },
  unsupported: {
    title: "Not supported",
    meaning: "A combination that gradc does not support (yet).",
    mistake: "",
  },
};
