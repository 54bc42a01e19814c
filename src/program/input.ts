import { checkOptions } from "../graph/arguments.ts";
import { Input, inputOp } from "../graph/leaves.ts";
import { createNode, type OutputFactory } from "../graph/node.ts";
import { Scalar } from "../graph/tensor.ts";
import { describe } from "../shared/describe.ts";
import type { Dim } from "../shared/dim.ts";
import type { DType } from "../shared/dtype.ts";
import type { Shape } from "../shared/shape.ts";
import type { NamedDim } from "./dimension.ts";
import { checkDtype, checkName, checkShape, declarationError, fitsDtype } from "./names.ts";

/** Marks an input that a call may leave out; at run time only the attribute `default` exists. */
export interface HasDefault {
  readonly hasDefault: true;
}

/** Tells the names of the sizes in an input's shape, where they are known; no such property exists at run time. */
export interface HasSizes<N extends string> {
  readonly sizeNames: N;
}

type SizeNames<D> = D extends NamedDim<infer N> ? (string extends N ? never : N) : never;

/** What `input` returns: a Scalar where the shape is [], and optional where there is a default. */
export type DeclaredInput<N extends string, D extends DType, S extends Shape, Options> = Input<N, D> &
  (S["length"] extends 0 ? Scalar<D> : unknown) &
  (Options extends { readonly default: number } ? HasDefault : unknown) &
  ([SizeNames<S[number]>] extends [never] ? unknown : HasSizes<SizeNames<S[number]>>);

const inputLeaf: OutputFactory = (node, index, type) =>
  type.shape.length === 0 ? new Scalar(node, index, type) : new Input(node, index, type);

/**
 * A value that is given at each call.
 * @param name the property under which calls pass it: `net.train({ x, label })`; a program can have each name once
 * @param shape sizes, or `dim("B", { max: 64 })` for a size known at the call; [] for one number
 * @param dtype f32 unless told
 * @param options.default for shape [] only: the value where a call leaves it out
 * @throws GradcError `attribute`, `shape`, `dtype`
 */
export function input<
  const N extends string,
  const S extends readonly Dim[],
  D extends DType = "f32",
  const Options extends { readonly default?: number } = object,
>(name: N, shape: S, dtype?: D, options?: Options): DeclaredInput<N, NoInfer<D>, S, NoInfer<Options>> {
  checkName("input", name);
  const what = `input(${JSON.stringify(name)})`;
  const type = dtype ?? "f32";
  checkDtype(what, type);
  checkShape(what, shape, true);
  if (options !== undefined) checkOptions(what, options, ["default"]);
  const value: number | undefined = options?.default;
  if (value !== undefined && (shape.length > 0 || !fitsDtype(value, type))) {
    throw declarationError("attribute", `${what}: a default it cannot have`, {
      expected: shape.length > 0 ? "no default: only inputs of shape [] have one" : `a number of dtype ${type}`,
      received: describe(value),
      mend: "Leave the default out, or give a number that fits.",
    });
  }
  const attrs = { name, dtype: type, shape: [...shape], ...(value === undefined ? {} : { default: value }) };
  return createNode(inputOp, [], attrs, [], inputLeaf).outputs[0] as DeclaredInput<N, NoInfer<D>, S, NoInfer<Options>>;
}
