export interface ErrorPage {
  readonly title: string;
  /** What the error means, for docs/errors.md. */
  readonly meaning: string;
  /** The mistake in code (shown in docs/errors.md). */
  readonly mistake: string;
  /** What to do about it; the default `mend` line of the message. */
  readonly mend: string;
}

/** Every code a GradcError can carry. docs/errors.md is generated from this table. */
export const ERROR_CODES = {
  shape: {
    title: "Shapes do not fit",
    meaning: "The operands of an operation have shapes it cannot combine.",
    mistake: 'matmul(input("x", [4, 3]), input("y", [4, 3]))',
    mend: "Check the shapes printed above; transpose, reshape or broadcast one of them.",
  },
  dtype: {
    title: "Dtypes do not fit",
    meaning: "gradc never converts between dtypes on its own; plain numbers take the dtype of the other operand.",
    mistake: 'add(input("x", [2]), input("i", [2], "i32"))',
    mend: "Convert one side with cast(x, dtype).",
  },
  attribute: {
    title: "An option has a value it cannot take",
    meaning: "An axis, size, name or other option of an operation is out of its range.",
    mistake: 'sum(input("x", [2, 3]), 5)',
    mend: "See the allowed values above.",
  },
  dimension: {
    title: "A dimension is not what it must be",
    meaning: "A symbolic dimension was given without its bound, with two bounds, or with a value out of 1 … max.",
    mistake: 'dim("B", { max: 0 })',
    mend: "Declare the dimension once with dim(name, { max }) and pass values between 1 and max.",
  },
  "duplicate-name": {
    title: "Two declarations share one name",
    meaning: "Inputs, parameters and state are known by their names, so a program can have each name once.",
    mistake: 'param("w", [2]); param("w", [3])',
    mend: "Rename one of them, or declare it once and use it twice.",
  },
  "two-updates": {
    title: "One target is updated twice",
    meaning: "All updates of a function see the old values, so two updates of one target contradict each other.",
    mistake: "updates: [set(w, a), set(w, b)]",
    mend: "Combine both into one update.",
  },
  "input-not-listed": {
    title: "An input is used but not listed",
    meaning: "A function lists its inputs; the list is checked against the graph of its outputs and updates.",
    mistake: "inputs: [x], outputs: { loss }   // loss also reads label",
    mend: "Add the input to the function's `inputs`.",
  },
  "input-unused": {
    title: "An input is listed but not used",
    meaning: "Nothing the function computes depends on this input.",
    mistake: "inputs: [x, y], outputs: { z }   // z reads x only",
    mend: "Remove it from `inputs`, or use it.",
  },
  "integer-gradient": {
    title: "A gradient with respect to integers",
    meaning: "Derivatives exist for f32 and f64 values only.",
    mistake: 'grad(loss, input("i", [2], "i32"))',
    mend: "Differentiate f32 or f64 values with respect to such; cast before, where that is what you mean.",
  },
  "disconnected-gradient": {
    title: "The result does not depend on the target",
    meaning: "No differentiable path leads from the target to the result, so the gradient would be zero everywhere.",
    mistake: "grad(sum(x), w)",
    mend: 'Pass { disconnected: "zeros" } if a zero gradient is what you want.',
  },
  "not-scalar": {
    title: "grad needs a scalar",
    meaning: "grad differentiates one number. For tensors, choose a cotangent with vjp.",
    mistake: "grad(mul(x, x), x)",
    mend: "Reduce it first, for example with sum or mean, or use vjp(y, wrt, cotangent).",
  },
  "not-differentiable": {
    title: "An operation has no derivative",
    meaning: "The path from the target to the result goes through an operation without a derivative rule.",
    mistake: "customGrad without a rule",
    mend: "Wrap it in stopGradient, or give it a rule with customGrad.",
  },
  "random-key-reused": {
    title: "Two draws from one random key",
    meaning: "Two draws from the same key give correlated (often equal) numbers.",
    mistake: "uniform(key, [2]); normal(key, [2])",
    mend: "Split the key first: const [a, b] = splitKey(key, 2).",
  },
  "missing-input": {
    title: "A call lacks an input",
    meaning: "A compiled function was called without one of its inputs.",
    mistake: "net.train({ x })   // label is missing",
    mend: "Pass every input that has no default.",
  },
  "unknown-name": {
    title: "A name that is not there",
    meaning: "An input, variable, function or value of this name does not exist.",
    mistake: "net.variables.w9",
    mend: "Use one of the names listed above.",
  },
  "input-length": {
    title: "An array has the wrong length",
    meaning: "The array handed to a compiled function does not fill the input's shape.",
    mistake: "net.predict({ x: new Float32Array(63) })   // x is [B, 64]",
    mend: "Pass a whole number of rows, all elements in row-major order.",
  },
  "input-range": {
    title: "An index or label is out of range",
    meaning: "An integer input is used as an index, and one of its values points outside.",
    mistake: "net.train({ x, label: [10] })   // 0 ≤ label < 10",
    mend: "Indices and labels count from 0: check how these were made.",
  },
  "input-type": {
    title: "An input of the wrong type",
    meaning: "A compiled function takes arrays of numbers (typed or plain) or, for scalars, a number.",
    mistake: 'net.predict({ x: "1,2,3" })',
    mend: "Pass one flat array of numbers that the dtype can hold, in row-major order (nested arrays: flatten them).",
  },
  "not-finite": {
    title: "A value became NaN or infinite",
    meaning: 'Found by checks: "finite": the first operation that produced a value that is not finite.',
    mistake: "log(x) with x = -1",
    mend: "Look at the operands of the named operation.",
  },
  closed: {
    title: "The network is closed",
    meaning: "close() freed the memory of this instance; it cannot be called afterwards.",
    mistake: "net.close(); net.predict(…)",
    mend: "Compile or load a new instance.",
  },
  thread: {
    title: "A worker thread is lost",
    meaning:
      "The network runs on several threads, and one of them has ended, failed or does not answer. Variables may hold part of a step.",
    mistake: "",
    mend: "Close the network and compile it again; restore() what was saved.",
  },
  safetensors: {
    title: "Not a readable safetensors file",
    meaning: "The bytes are truncated, oversized or contradict themselves. Nothing was changed.",
    mistake: "net.restore(bytes.slice(0, 10))",
    mend: "Check that the file was written completely.",
  },
  "restore-mismatch": {
    title: "Saved values do not fit this network",
    meaning: "A tensor in the file has another shape or dtype, or names differ under strict. Nothing was changed.",
    mistake: "restoring a 64-128-10 network into a 64-64-10 one",
    mend: "Restore into the architecture that saved it, or use { rename } or { strict: false }.",
  },
  "half-range": {
    title: "A value does not fit into 16 bits",
    meaning: "A module was asked for with weights of 16 bits, which hold numbers up to 65504; a weight is larger.",
    mistake: "gradc compile model.ts --params trained.safetensors --bake --weights f16, with a weight of 70000",
    mend: "Keep 32 bits (--weights f32), or train with weight decay or a norm that keeps weights small.",
  },
  "unknown-op": {
    title: "No such operation",
    meaning: "A text graph or a request names an operation that the catalogue does not have.",
    mistake: '{"op":"conv9d"}',
    mend: "`gradc ops` lists all operations.",
  },
  parse: {
    title: "Text that cannot be parsed",
    meaning: "A text graph or a request line is malformed.",
    mistake: "%1 = add(%0",
    mend: "See the position above.",
  },
  "model-file": {
    title: "A model file cannot be used",
    meaning: "The file does not exist, throws while loading, or exports no program.",
    mistake: "gradc compile empty.ts",
    mend: "Export a program: `export default program(…)`.",
  },
  write: {
    title: "A file cannot be written",
    meaning:
      "The file system refused (no permission, no space). Files are written under a temporary name first, so what was there is intact.",
    mistake: "gradc compile m.ts -o /root",
    mend: "Choose a directory you may write to with -o, or free some space.",
  },
  "size-limit": {
    title: "Larger than the limit",
    meaning:
      "The emitted module is larger than --max-gzip allows, or the network needs more memory than can be addressed.",
    mistake: "gradc compile m.ts --max-gzip 1",
    mend: "Raise the limit or shrink the model.",
  },
  host: {
    title: "The host forbids or lacks something",
    meaning: "This host forbids code generation or lacks a WebAssembly feature that was asked for.",
    mistake: 'compile(program, { target: "js" }) under a content security policy',
    mend: 'Compile ahead of time, or use target: "interpret".',
  },
  program: {
    title: "A program that cannot be",
    meaning: "A function has no outputs or updates, or values that are not tensors.",
    mistake: 'program("p", { f: { inputs: [], outputs: {} } })',
    mend: "Give every function at least one output or update.",
  },
  region: {
    title: "A body does not fit its loop",
    meaning: "The body of a scan must return carries of the types it was given.",
    mistake: "scan((c, x) => ({ carry: concat([c, x], 0), out: x }), …)",
    mend: "Return the carry with the same structure, shapes and dtypes.",
  },
  usage: {
    title: "A call that cannot be understood",
    meaning: "A command or function was called with arguments it does not take.",
    mistake: "gradc compile --target cobol m.ts",
    mend: "See --help.",
  },
  unsupported: {
    title: "Not supported",
    meaning: "A combination that gradc does not support (yet).",
    mistake: "",
    mend: "",
  },
} as const satisfies Record<string, ErrorPage>;

export type ErrorCode = keyof typeof ERROR_CODES;
