import { constant, jvp, onesLike, vjp } from "../api.ts";
import type { Attrs, AttrValue } from "../graph/attrs.ts";
import type { Tensor } from "../graph/tensor.ts";
import { allocate, type DType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { evalOp } from "./eval-ops.ts";
import { evalRegion } from "./eval-regions.ts";
import { isRecord, malformed, readTensor } from "./eval-values.ts";

/** Values by name; bodies of regions see those around them. */
export class Scope {
  private readonly own = new Map<string, Tensor>();
  private readonly outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.outer = outer;
  }

  set(name: string, value: Tensor): void {
    if (this.own.has(name)) {
      throw new GradcError("duplicate-name", `two values are named ${JSON.stringify(name)}`, { received: name });
    }
    this.own.set(name, value);
  }

  get(name: string): Tensor {
    const found = this.find(name);
    if (found) return found;
    const known = [...this.own.keys()];
    throw new GradcError("unknown-name", `there is no value ${JSON.stringify(name)}`, {
      expected: known.slice(0, 20).join(", ") || "no values yet",
      received: name,
    });
  }

  private find(name: string): Tensor | undefined {
    return this.own.get(name) ?? this.outer?.find(name);
  }
}

/** An error with the node that it belongs to. */
export class NodeError extends Error {
  readonly node: string;

  constructor(node: string, cause: unknown) {
    super("", { cause });
    this.node = node;
  }
}

export const namesOf = (value: unknown, where: string): string[] => {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every(n => typeof n === "string")) return value as string[];
  throw malformed(`${where} cannot be read`, "an array of names", value);
};

export const nodesOf = (value: unknown): Record<string, unknown>[] => {
  if (Array.isArray(value) && value.every(isRecord)) return value as Record<string, unknown>[];
  throw malformed("the nodes cannot be read", "an array of { op, inputs, attrs, outputs }", value);
};

/** Adds the values of nodes to a scope, in order. */
export function addNodes(nodes: readonly Record<string, unknown>[], scope: Scope, dtype: DType): void {
  for (const node of nodes) {
    let outputs: string[] = [];
    try {
      outputs = namesOf(node.outputs, "outputs");
      const values = build(node, scope, dtype);
      if (outputs.length > values.length) {
        throw malformed(`${String(node.op)} has ${values.length} outputs`, `${values.length} names`, outputs);
      }
      outputs.forEach((name, i) => {
        scope.set(name, values[i]);
      });
    } catch (error) {
      throw error instanceof NodeError ? error : new NodeError(outputs[0] ?? String(node.op), error);
    }
  }
}

function build(node: Record<string, unknown>, scope: Scope, dtype: DType): readonly Tensor[] {
  const { op } = node;
  if (typeof op !== "string") throw malformed("a node has no op", "the name of an operation", op);
  const attrs = isRecord(node.attrs) ? node.attrs : {};
  const inputs = namesOf(node.inputs, "inputs").map(name => scope.get(name));
  switch (op) {
    case "constant": {
      const { dtype: own, shape, data } = readTensor(attrs, "constant", dtype);
      const typed = allocate(own, data.length);
      typed.set(data);
      return [constant(typed as Float32Array, shape, own)];
    }
    case "grad":
    case "vjp":
      return reverse(node, scope);
    case "jvp": {
      const wrt = namesOf(node.wrt, "wrt").map(name => scope.get(name));
      const tangent = namesOf(node.tangent, "tangent").map(name => scope.get(name));
      return [jvp(named(node, scope), wrt, tangent as never, { disconnected: "zeros" })];
    }
  }
  const region = evalRegion(op, { inputs, attrs, scope, dtype });
  if (region) return region;
  const values = readAttrs(attrs);
  return evalOp(op, values).apply(inputs, values);
}

const named = (node: Record<string, unknown>, scope: Scope): Tensor => {
  if (typeof node.of === "string") return scope.get(node.of);
  throw malformed(`${String(node.op)} does not say of what`, 'a name: "of"', node.of);
};

/** The derivative of `of` by `wrt`; values that it does not depend on get zeros. */
function reverse(node: Record<string, unknown>, scope: Scope): readonly Tensor[] {
  const y = named(node, scope);
  const wrt = namesOf(node.wrt, "wrt").map(name => scope.get(name));
  const { cotangent } = node;
  if (cotangent !== undefined && cotangent !== null && typeof cotangent !== "string") {
    throw malformed("the cotangent cannot be read", "a name, or null for ones", cotangent);
  }
  const given = typeof cotangent === "string" ? scope.get(cotangent) : onesLike(y);
  return vjp(y, wrt, given, { disconnected: "zeros" }) as readonly Tensor[];
}

/** JSON as attributes: strings that stand for numbers JSON lacks become these numbers. */
function readAttrs(attrs: Record<string, unknown>): Attrs {
  const read = (value: unknown): AttrValue => {
    if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
    if (Array.isArray(value)) return value.map(read);
    if (isRecord(value)) return readAttrs(value);
    return value as AttrValue;
  };
  return Object.fromEntries(
    Object.entries(attrs).flatMap(([key, value]) =>
      value === null || value === undefined ? [] : [[key, read(value)]],
    ),
  );
}
