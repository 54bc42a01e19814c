import type { DType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatType, type Shape, type TensorType } from "../shared/shape.ts";
import { currentSite } from "./call-site.ts";
import type { Node } from "./node.ts";
import type { Origin } from "./provenance.ts";

/**
 * A value of the graph: one output of one node. Immutable; holds no numbers. The fluent methods (`x.mul(y)`) are
 * installed by program/fluent.generated.ts from the functions of src/ops.
 */
export class Tensor<D extends DType = DType> {
  readonly node: Node;
  /** Which output of the node this is. */
  readonly index: number;
  readonly dtype: D;
  readonly shape: Shape;
  /** Where the value comes from: no part of its meaning, and the one thing about it that grows (see provenance.ts). */
  provenance: Origin | Set<Origin> | undefined = undefined;

  constructor(node: Node, index: number, type: { readonly dtype: D; readonly shape: Shape }) {
    this.node = node;
    this.index = index;
    this.dtype = type.dtype;
    this.shape = type.shape;
  }

  get type(): TensorType {
    return { dtype: this.dtype, shape: this.shape };
  }

  get rank(): number {
    return this.shape.length;
  }

  /** For messages: operation and type, such as `matmul f32 [B, 10]`. */
  toString(): string {
    const { name } = this.node.attrs;
    return `${typeof name === "string" ? name : this.node.op.name} ${formatType(this)}`;
  }

  /** JavaScript's operators do not know tensors: `x * 2` would be NaN, and `x > 0` false. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    const site = currentSite();
    throw new GradcError("argument", `${this} is not a number: JavaScript's operators do not take tensors`, {
      expected: "functions or methods: mul(x, 2), x.mul(2), gt(x, 0) …",
      received: "+, -, *, /, <, > or the like",
      sites: site ? [site] : [],
      mend: "Write add(x, y) or x.add(y) instead of x + y.",
    });
  }
}

/** A value of shape []: a loss, a total, an input without axes. */
export class Scalar<D extends DType = DType> extends Tensor<D> {
  /** Tells TypeScript a Scalar from a Tensor; no such property exists at run time. */
  declare readonly scalar: true;
}
