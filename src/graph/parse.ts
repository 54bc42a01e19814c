import { dimMax } from "../shared/dim.ts";
import { DTYPES, type DType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatType, type TensorType, typeEquals } from "../shared/shape.ts";
import type { Attrs } from "./attrs.ts";
import { Input, inputOp, LEAVES, Param, parameterOp, paramOp, State, stateOp } from "./leaves.ts";
import { createNode, type OutputFactory, type Region } from "./node.ts";
import type { Op } from "./op.ts";
import { HEADER } from "./print.ts";
import type { FunctionGraph, ProgramGraph, Variable } from "./program-graph.ts";
import { Scalar, Tensor } from "./tensor.ts";
import { MAX_DEPTH, TextScanner } from "./text-scanner.ts";

/** The operations that a text may name, by name. Leaves are always known. */
export type OpTable = ReadonlyMap<string, Op>;

type Values = Map<number, Tensor>;

/** The handles that declarations make. */
const wrapLeaf: OutputFactory = (node, index, type) => {
  if (type.shape.length === 0) return new Scalar(node, index, type);
  if (node.op === inputOp) return new Input(node, index, type);
  if (node.op === paramOp) return new Param(node, index, type);
  return node.op === stateOp ? new State(node, index, type) : new Tensor(node, index, type);
};

/** What a leaf says of itself must be a type: nothing else checks it. */
function isType({ dtype, shape }: TensorType): boolean {
  const sizes = Array.isArray(shape) && shape.every(d => typeof d === "object" || (Number.isInteger(d) && d >= 0));
  return (DTYPES as readonly unknown[]).includes(dtype) && sizes && shape.every(d => dimMax(d) >= 0);
}

class Parser {
  readonly scan: TextScanner;
  private readonly ops: Map<string, Op>;

  constructor(text: string, ops: OpTable) {
    this.scan = new TextScanner(text);
    this.ops = new Map([...ops, ...LEAVES.map(op => [op.name, op] as const)]);
    if (!text.startsWith(HEADER)) throw this.scan.fail(`the first line ${JSON.stringify(HEADER)}`, 0);
    this.scan.expect(HEADER);
    while (this.scan.keyword("dim")) this.scan.declareDim();
  }

  private number(): number {
    this.scan.expect("%");
    return this.scan.integer("the number of a value");
  }

  value(values: Values): Tensor {
    const place = this.scan.mark();
    const found = values.get(this.number());
    if (!found) throw this.scan.fail("a value that was defined above", place);
    return found;
  }

  /** `%1, %2 = op(%0) {…} : types`, as often as it comes. */
  nodes(values: Values, depth: number): void {
    while (this.scan.text[this.scan.mark()] === "%") this.node(values, depth);
  }

  private node(values: Values, depth: number): void {
    const { scan } = this;
    const place = scan.mark();
    const numbers = scan.list("=", () => this.number());
    const opPlace = scan.mark();
    const name = scan.word("an operation");
    const op = this.ops.get(name);
    if (!op) throw scan.fail("an operation of the catalogue", opPlace, "unknown-op", `no operation ${name}`);
    if (op.nominal && (op === parameterOp) !== depth > 0) {
      throw scan.fail(depth > 0 ? "parameters and operations in a region" : "no parameter outside a region", opPlace);
    }
    scan.expect("(");
    const operands = scan.list(")", () => this.value(values));
    const attrs = scan.text[scan.mark()] === "{" ? (scan.attr() as Attrs) : {};
    scan.expect(":");
    const types = [this.type()];
    while (scan.take(",")) types.push(this.type());
    const regions: Region[] = [];
    while (scan.keyword("region")) regions.push(this.region(depth + 1));
    const outputs = this.make(op, operands, attrs, regions, place);
    const fits = outputs.length === types.length && outputs.every((o, i) => typeEquals(o, types[i]));
    if (!fits || numbers.length !== outputs.length) throw scan.fail(outputs.map(formatType).join(", "), place);
    outputs.forEach((output, i) => {
      if (values.has(numbers[i])) throw scan.fail(`a new number instead of %${numbers[i]}`, place);
      values.set(numbers[i], output);
    });
  }

  private make(op: Op, operands: Tensor[], attrs: Attrs, regions: Region[], place: number): readonly Tensor[] {
    try {
      if (op.nominal && !isType({ dtype: attrs.dtype as DType, shape: attrs.shape as TensorType["shape"] })) {
        throw new GradcError("attribute", `${op.name} needs a dtype and a shape`);
      }
      return createNode(op, operands, attrs, regions, wrapLeaf).outputs;
    } catch (cause) {
      const why = cause instanceof GradcError ? cause.message.split("\n", 1)[0] : "attributes or operands do not fit";
      const { message, details } = this.scan.fail(`operands and attributes that ${op.name} takes`, place);
      const problem = `${message.split("\n", 1)[0]}: ${why}`;
      throw new GradcError("parse", problem, { ...details, cause });
    }
  }

  private type(): TensorType {
    const place = this.scan.mark();
    const dtype = this.scan.word("a dtype");
    if (!(DTYPES as readonly string[]).includes(dtype)) throw this.scan.fail(`a dtype: ${DTYPES.join(", ")}`, place);
    this.scan.expect("[");
    return { dtype: dtype as DType, shape: this.scan.list("]", () => this.scan.dim()) };
  }

  private region(depth: number): Region {
    const { scan } = this;
    if (depth > MAX_DEPTH) throw scan.fail(`regions nested at most ${MAX_DEPTH} deep`);
    const values: Values = new Map();
    scan.expect("{");
    this.nodes(values, depth);
    scan.expect("}");
    scan.expect("(");
    const place = scan.mark();
    const parameters = scan.list(")", () => this.value(values));
    const own = new Set([...values.values()].filter(v => v.node.op === parameterOp));
    const complete = parameters.length === own.size && parameters.every(p => own.delete(p));
    if (!complete) throw scan.fail("all parameters of the region, each once", place);
    scan.expect("->");
    scan.expect("(");
    return { parameters, results: scan.list(")", () => this.value(values)) };
  }

  finish(): void {
    if (!this.scan.end()) throw this.scan.fail("the end of the text");
  }
}

/**
 * Reads what printGraph wrote: the returned values.
 * @throws GradcError `parse` with the position, `unknown-op`, `dimension`
 */
export function parseGraph(text: string, ops: OpTable): Tensor[] {
  const parser = new Parser(text, ops);
  const { scan } = parser;
  const values: Values = new Map();
  parser.nodes(values, 0);
  if (!scan.keyword("return")) throw scan.fail('"return"');
  const roots: Tensor[] = [];
  if (!scan.end())
    do roots.push(parser.value(values));
    while (scan.take(","));
  parser.finish();
  return roots;
}

/**
 * Reads what printProgram wrote.
 * @throws GradcError `parse` with the position, `unknown-op`, `dimension`
 */
export function parseProgram(text: string, ops: OpTable): ProgramGraph {
  const parser = new Parser(text, ops);
  const { scan } = parser;
  const values: Values = new Map();
  const value = () => parser.value(values);
  const assigned = () => {
    scan.expect("=");
    return value();
  };
  parser.nodes(values, 0);
  if (!scan.keyword("program")) throw scan.fail('"program"');
  const name = scan.string("the name of the program");
  scan.expect("(");
  const seed = value();
  scan.expect(")");
  const variables: Variable[] = [];
  while (scan.keyword("variable")) {
    const place = scan.mark();
    const target = value();
    const { op, attrs } = target.node;
    if ((op !== paramOp && op !== stateOp) || typeof attrs.name !== "string") {
      throw scan.fail("a param or state with a name", place);
    }
    variables.push({
      name: attrs.name,
      role: op === paramOp ? "param" : "state",
      value: target,
      initial: assigned(),
    });
  }
  const functions: FunctionGraph[] = [];
  while (scan.keyword("function")) {
    const own = scan.string("the name of a function");
    scan.expect("(");
    const inputs = scan.list(")", value);
    const outputs: { name: string; value: Tensor }[] = [];
    while (scan.keyword("output")) outputs.push({ name: scan.string("the name of an output"), value: assigned() });
    const updates: { target: Tensor; value: Tensor }[] = [];
    while (scan.keyword("update")) updates.push({ target: value(), value: assigned() });
    functions.push({ name: own, inputs, outputs, updates });
  }
  parser.finish();
  return { name, functions, variables, seed };
}
