import { argumentError, callError, checkFunction, checkOptions } from "../graph/arguments.ts";
import type { ErrorDetails } from "../shared/errors.ts";
import { mapTree, type Tree } from "../shared/tree.ts";
import type { Weight } from "./weight.ts";
import { WeightFile, writeFile } from "./weight-file.ts";

export interface ConvertOptions {
  /** The dtype that all tensors of floating point get, f64 rounded; default: f64 stays, f16 and bf16 become f32. */
  readonly dtype?: "f32" | "f64";
  /** By default a tensor of the file that is not taken is an error. */
  readonly strict?: boolean;
}

const isWeight = (value: unknown): value is Weight =>
  typeof value === "object" && value !== null && "dtype" in value && "data" in value && ArrayBuffer.isView(value.data);

const mismatch = (problem: string, details: ErrorDetails): Error =>
  callError("restore-mismatch", `convertWeights: ${problem}`, details);

/**
 * A safetensors file of another library as one that `net.restore` and `load({ weights })` read: names, layouts and dtypes
 * become those of the network.
 *
 * @example
 * const mine = convertWeights(file, f => ({
 *   hidden: torch.dense(f, "fc1"),                       // hidden.w [in, out], hidden.b
 *   out: { w: transposed(f.take("fc2.weight")), b: f.take("fc2.bias") },
 * }));
 * net.restore(mine, { strict: false });                  // moments of optimizers are not in the file
 * @param file the bytes of a safetensors file: F64, F32, F16, BF16, integers, BOOL
 * @param arrange takes tensors from the file and returns them in a tree whose paths are the names; left out: all as they
 * are called
 * @throws GradcError `safetensors` for a damaged file, `restore-mismatch` for names that are not there, tensors that are
 * left over, and numbers that do not fit
 */
export function convertWeights(
  file: Uint8Array,
  arrange?: (file: WeightFile) => Tree<Weight>,
  options: ConvertOptions = {},
): Uint8Array<ArrayBuffer> {
  checkOptions("convertWeights", options, ["dtype", "strict"]);
  const { dtype, strict = true } = options;
  if (dtype !== undefined && dtype !== "f32" && dtype !== "f64") {
    throw argumentError("convertWeights", "not a dtype of floating point", "f32 or f64", dtype);
  }
  if (arrange !== undefined) checkFunction("convertWeights", "arrange", arrange);
  const source = new WeightFile(file, dtype);
  if (!arrange) return written(source.names.map(name => [name, source.take(name)]));
  const named: [string, Weight][] = [];
  const strange = (value: unknown, path: string): never => {
    throw argumentError(
      "convertWeights",
      `${path || "the result"} is no tensor`,
      "tensors of the file in records",
      value,
    );
  };
  mapTree(arrange(source), isWeight, (weight, path) => named.push([path, weight]), strange);
  const unused = source.unused();
  if (strict && unused.length > 0) {
    throw mismatch("tensors of the file are left over", {
      expected: "every tensor taken, f.ignore(name), or { strict: false }",
      received: unused.join(", "),
    });
  }
  return written(named);
}

function written(weights: readonly (readonly [string, Weight])[]): Uint8Array<ArrayBuffer> {
  const names = new Set<string>();
  for (const [name] of weights) {
    if (names.has(name)) throw mismatch("two tensors have one name", { expected: "different names", received: name });
    if (name in {}) throw mismatch("no variable can have this name", { expected: "another name", received: name });
    names.add(name);
  }
  return writeFile(weights);
}
