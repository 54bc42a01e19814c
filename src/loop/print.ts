import type { Expr, Kernel, MemoryAccess, ScalarFunction, Stmt } from "./ir.ts";
import { operandsOf } from "./operands.ts";

export { kernelKey } from "./kernel-key.ts";

/** Text of kernels for people, like small C; equal for equal kernels. */

const typeName = (e: Pick<Expr, "dtype" | "lanes">): string => (e.lanes === 1 ? e.dtype : `${e.dtype}x${e.lanes}`);

export function printKernel(kernel: Kernel): string {
  const buffers = kernel.buffers.map(b => `${b.name}: ${b.private ? "private " : ""}${b.access} ${b.dtype}`).join(", ");
  const extents = kernel.extents.length > 0 ? `; ${kernel.extents.join(", ")}` : "";
  return [`kernel ${kernel.name}(${buffers}${extents}) {`, ...printStmts(kernel.body, "  "), "}"].join("\n");
}

export function printScalarFunction(fn: ScalarFunction): string {
  const params = fn.params.map(p => `${p.name}: ${p.dtype}`).join(", ");
  const result = `  return ${printExpr(fn.result)}`;
  return [`${typeName(fn.result)} ${fn.name}(${params}) {`, ...printStmts(fn.body, "  "), result, "}"].join("\n");
}

export function printStmts(body: readonly Stmt[], indent = ""): string[] {
  return body.flatMap(s => printStmt(s, indent));
}

function printStmt(s: Stmt, indent: string): string[] {
  const nested = (statements: readonly Stmt[]): string[] => printStmts(statements, `${indent}  `);
  switch (s.op) {
    case "let":
      return [`${indent}let ${s.name} = ${printExpr(s.value)}`];
    case "var":
      return [`${indent}var ${s.name}: ${typeName(s.value)} = ${printExpr(s.value)}`];
    case "assign":
      return [`${indent}${s.name} = ${printExpr(s.value)}`];
    case "array":
      return [`${indent}array ${s.name}[${s.size}]: ${typeName(s.init)} = ${printExpr(s.init)}`];
    case "setElement":
      return [`${indent}${s.array}[${printExpr(s.index)}] = ${printExpr(s.value)}`];
    case "store":
      return [`${indent}${access(s, s.value.lanes)} = ${printExpr(s.value)}`];
    case "for": {
      const bounds = `${s.name} = ${printExpr(s.from)} .. ${printExpr(s.to)}`;
      const step = s.step === 1 ? "" : ` step ${s.step}`;
      const grain = s.grain === undefined ? "" : ` grain ${s.grain}`;
      const head = `${indent}for ${bounds}${step}${s.unroll ? " unroll" : ""}${s.parallel ? " parallel" : ""}${grain} {`;
      return [head, ...nested(s.body), `${indent}}`];
    }
    case "while":
      return [`${indent}while ${printExpr(s.condition)} {`, ...nested(s.body), `${indent}}`];
    case "if": {
      const otherwise = s.otherwise?.length ? [`${indent}} else {`, ...nested(s.otherwise)] : [];
      return [`${indent}if ${printExpr(s.condition)} {`, ...nested(s.then), ...otherwise, `${indent}}`];
    }
    case "barrier":
      return [`${indent}barrier`];
  }
}

/** `x[i]`, `x[i .. +4]`, `x[i .. +4 by n if m]` */
function access({ buffer, index, stride, mask }: MemoryAccess, lanes: number): string {
  const width = lanes === 1 ? "" : ` .. +${lanes}`;
  const by = stride ? ` by ${printExpr(stride)}` : "";
  return `${buffer}[${printExpr(index)}${width}${by}${mask ? ` if ${printExpr(mask)}` : ""}]`;
}

const OPERATORS: Readonly<Record<string, string | undefined>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  rem: "%",
  and: "&",
  or: "|",
  xor: "^",
  shl: "<<",
  shr: ">>",
  eq: "==",
  ne: "!=",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
};

/** Operations inside others stand in parentheses: no precedence to remember. */
export function printExpr(e: Expr, inner = false): string {
  const operand = (x: Expr): string => printExpr(x, true);
  const invoke = (name: string, args: readonly Expr[]): string => `${name}(${args.map(x => printExpr(x)).join(", ")})`;
  switch (e.op) {
    case "const":
      return constant(e);
    case "var":
      return e.name;
    case "unary":
      return e.fn === "neg" ? `-${operand(e.x)}` : invoke(e.fn, [e.x]);
    case "binary":
    case "compare": {
      const operator = OPERATORS[e.fn];
      if (operator === undefined) return invoke(e.fn, [e.x, e.y]);
      const text = `${operand(e.x)} ${operator} ${operand(e.y)}`;
      return inner ? `(${text})` : text;
    }
    case "select":
      return invoke("select", operandsOf(e));
    case "guard": {
      const text = `${operand(e.condition)} ? ${operand(e.then)} : ${operand(e.otherwise)}`;
      return inner ? `(${text})` : text;
    }
    case "cast":
      return invoke(typeName(e), [e.x]);
    case "bitcast":
      return invoke(`bits.${typeName(e)}`, [e.x]);
    case "fma":
      return invoke("fma", operandsOf(e));
    case "call":
      return invoke(e.fn.name, e.args);
    case "load":
      return e.splat ? `${access(e, 1)}.splat${e.lanes}` : access(e, e.lanes);
    case "element":
      return `${e.array}[${printExpr(e.index)}]`;
    case "splat":
      return `${operand(e.x)}.splat${e.lanes}`;
    case "ramp":
      return `ramp${e.lanes}`;
    case "shuffle":
      return `shuffle(${printExpr(e.x)}, ${printExpr(e.y)}; ${e.order.join(" ")})`;
    case "lane":
      return `${operand(e.x)}.lane${e.lane}`;
  }
}

function constant(e: Extract<Expr, { op: "const" }>): string {
  if (e.dtype === "bool") return e.value ? "true" : "false";
  const text = Object.is(e.value, -0) ? "-0" : String(e.value);
  const isFraction = /[.eIN]/.test(text);
  const scalar = e.dtype === "i32" ? text : e.dtype === "u32" ? `${text}u` : isFraction ? text : `${text}.0`;
  return `${scalar}${e.dtype === "f64" ? "d" : ""}${e.lanes === 1 ? "" : `.splat${e.lanes}`}`;
}
