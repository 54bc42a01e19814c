import { type DType, isFloat, isInt } from "../shared/dtype.ts";
import { InternalError } from "../shared/errors.ts";
import type { BinaryFn, BufferParam, Expr, Kernel, Lanes, MemoryAccess, ScalarFunction, Stmt, UnaryFn } from "./ir.ts";
import { accessOperands, operandsOf } from "./operands.ts";
import { printExpr, printStmts } from "./print.ts";

/**
 * The invariants of the loop IR: operands fit their operations in dtype and lanes; names are defined before use, once, and
 * used with the type they have; only `var`s are assigned; buffers are accessed as declared; steps are positive; parallel
 * loops assign nothing from outside; barriers stand at the top; private buffers are scratch.
 *
 * @throws InternalError naming the kernel and the statement.
 */
export function verifyKernel(kernel: Kernel): void {
  const verifier = new Verifier(`kernel ${kernel.name}`);
  for (const b of kernel.buffers) verifier.addBuffer(b);
  for (const name of kernel.extents) verifier.define(name, { kind: "let", dtype: "i32", lanes: 1 });
  for (const s of kernel.body) if (s.op !== "barrier") verifier.statement(s);
}

/** The same for a scalar function, which moreover may not touch memory. */
export function verifyScalarFunction(fn: ScalarFunction): void {
  const verifier = new Verifier(`function ${fn.name}`);
  for (const p of fn.params) verifier.define(p.name, { kind: "let", dtype: p.dtype, lanes: 1 });
  verifier.block(fn.body, { expr: fn.result });
}

interface Definition {
  readonly kind: "let" | "var" | "array";
  readonly dtype: DType;
  readonly lanes: Lanes;
}

const FLOAT_UNARY: ReadonlySet<UnaryFn> = new Set([
  "sqrt",
  "floor",
  "ceil",
  "trunc",
  "nearest",
  "mantissa",
  "exponent",
]);
const LOGIC: ReadonlySet<BinaryFn> = new Set(["and", "or", "xor"]);
const SHIFTS: ReadonlySet<BinaryFn> = new Set(["shl", "shr"]);

class Verifier {
  readonly #where: string;
  readonly #buffers = new Map<string, BufferParam>();
  /** Names that can be seen here. */
  readonly #visible = new Map<string, Definition>();
  /** All names ever defined: they are unique in a kernel. */
  readonly #taken = new Set<string>();
  /** Names outside the innermost parallel loop: its rounds may not assign them. */
  #shared: ReadonlySet<string> = new Set();
  #place: Stmt | undefined;

  constructor(where: string) {
    this.#where = where;
  }

  addBuffer(buffer: BufferParam): void {
    this.#take(buffer.name);
    this.#check(!buffer.private || buffer.access !== "read", `${buffer.name} is private and only read`);
    this.#buffers.set(buffer.name, buffer);
  }

  define(name: string, definition: Definition): void {
    this.#take(name);
    this.#visible.set(name, definition);
  }

  #take(name: string): void {
    this.#check(!this.#taken.has(name), `${name} is defined twice`);
    this.#taken.add(name);
  }

  /** Checks statements, then `last` in their scope, and closes the scope. */
  block(body: readonly Stmt[], last?: { readonly expr: Expr }): void {
    const before = [...this.#visible.keys()].length;
    for (const s of body) this.statement(s);
    if (last) this.#expr(last.expr);
    for (const name of [...this.#visible.keys()].slice(before)) this.#visible.delete(name);
  }

  statement(s: Stmt): void {
    this.#place = s;
    switch (s.op) {
      case "let":
      case "var":
        this.#expr(s.value);
        this.define(s.name, { kind: s.op, dtype: s.value.dtype, lanes: s.value.lanes });
        break;
      case "assign":
        this.#expr(s.value);
        this.#sameType(this.#definition(s.name, "var"), s.value, s.name);
        this.#check(!this.#shared.has(s.name), `rounds of a parallel loop share ${s.name}`);
        break;
      case "array":
        this.#expr(s.init);
        this.#check(Number.isInteger(s.size) && s.size > 0, `a register array of ${s.size} elements`);
        this.define(s.name, { kind: "array", dtype: s.init.dtype, lanes: s.init.lanes });
        break;
      case "setElement":
        this.#index(s.index);
        this.#expr(s.value);
        this.#sameType(this.#definition(s.array, "array"), s.value, s.array);
        this.#check(!this.#shared.has(s.array), `rounds of a parallel loop share ${s.array}`);
        break;
      case "store":
        for (const e of accessOperands(s)) this.#expr(e);
        this.#expr(s.value);
        this.#access(s, "read", s.value);
        break;
      case "for":
        this.#index(s.from);
        this.#index(s.to);
        this.#check(Number.isInteger(s.step) && s.step > 0, `a loop with step ${s.step}`);
        this.#check(!s.parallel || !s.unroll, "a loop is unrolled and parallel");
        this.#check(s.grain === undefined || (Boolean(s.parallel) && s.to.op === "var"), "a grain without a named end");
        this.#check(s.grain === undefined || (s.grain > 0 && s.step % s.grain === 0), `a step that grains do not fill`);
        this.#loop(s);
        break;
      case "while":
        this.#condition(s.condition);
        this.#scoped(s.body);
        break;
      case "if":
        this.#condition(s.condition);
        this.#scoped(s.then);
        this.#scoped(s.otherwise ?? []);
        break;
      case "barrier":
        throw this.#error("a barrier inside a block");
    }
  }

  #loop(s: Extract<Stmt, { op: "for" }>): void {
    const outer = this.#shared;
    if (s.parallel) this.#shared = new Set(this.#visible.keys());
    this.#scoped(s.body, s.name);
    this.#shared = outer;
  }

  #scoped(body: readonly Stmt[], loop?: string): void {
    if (loop !== undefined) this.define(loop, { kind: "let", dtype: "i32", lanes: 1 });
    this.block(body);
    if (loop !== undefined) this.#visible.delete(loop);
  }

  #expr(e: Expr): void {
    const operands = operandsOf(e);
    for (const x of operands) this.#expr(x);
    switch (e.op) {
      case "var":
        this.#sameType(this.#definition(e.name), e, e.name);
        break;
      case "element":
        this.#index(e.index, false);
        this.#sameType(this.#definition(e.array, "array"), e, e.array);
        break;
      case "load":
        this.#access(e, "write", e);
        this.#check(!e.splat || e.lanes > 1, "a splat load of one lane");
        this.#check(!e.splat || !(e.stride || e.mask), "a splat load with a stride or mask");
        break;
      case "splat":
        this.#check(e.x.lanes === 1 && e.lanes > 1 && e.x.dtype === e.dtype, `splat: ${printExpr(e)}`);
        break;
      case "ramp":
        this.#check(e.dtype === "i32" && e.lanes > 1, `a ramp is i32 with several lanes: ${printExpr(e)}`);
        break;
      case "lane":
        this.#check(e.lanes === 1 && e.lane >= 0 && e.lane < e.x.lanes && e.x.dtype === e.dtype, printExpr(e));
        break;
      case "shuffle": {
        const [all, picked] = [[e, e.x, e.y], e.order.every(at => Number.isInteger(at) && at >= 0 && at < 8)];
        const alike = all.every(x => x.lanes === 4 && x.dtype === e.dtype) && e.dtype !== "bool";
        this.#check(alike && picked && e.order.length === 4, `four of eight lanes: ${printExpr(e)}`);
        break;
      }
      case "guard":
        this.#check(e.lanes === 1, "guard has one lane");
        this.#operation(e);
        break;
      default:
        for (const x of operands) {
          this.#check(x.lanes === e.lanes, `lanes differ (${x.lanes}, ${e.lanes}): ${printExpr(e)}`);
        }
        this.#operation(e);
    }
  }

  /** The dtypes of an operation and its operands. */
  #operation(e: Expr): void {
    const fits = (ok: boolean): void => this.#check(ok, `${e.op} does not fit ${e.dtype}: ${printExpr(e)}`);
    switch (e.op) {
      case "unary":
        if (e.fn === "exponent") fits(isFloat(e.x.dtype) && e.dtype === "i32");
        else if (e.fn === "power2") fits(e.x.dtype === "i32" && e.dtype === "f64");
        else if (e.fn === "not") fits(!isFloat(e.dtype) && e.x.dtype === e.dtype);
        else fits(e.x.dtype === e.dtype && (FLOAT_UNARY.has(e.fn) ? isFloat(e.dtype) : e.dtype !== "bool"));
        break;
      case "binary":
        fits(e.x.dtype === e.dtype && e.y.dtype === (e.fn === "ldexp" ? "i32" : e.dtype));
        if (e.fn === "ldexp") fits(isFloat(e.dtype));
        else if (LOGIC.has(e.fn)) fits(!isFloat(e.dtype));
        else if (SHIFTS.has(e.fn)) fits(isInt(e.dtype));
        else fits(e.dtype !== "bool");
        break;
      case "compare":
        fits(e.x.dtype === e.y.dtype && e.dtype === "bool");
        break;
      case "select":
      case "guard":
        fits(e.condition.dtype === "bool" && e.then.dtype === e.dtype && e.otherwise.dtype === e.dtype);
        break;
      case "bitcast":
        fits([e.x.dtype, e.dtype].every(d => d === "f32" || isInt(d)));
        break;
      case "fma":
        fits(isFloat(e.dtype) && operandsOf(e).every(x => x.dtype === e.dtype));
        break;
      case "call":
        fits(e.fn.result.dtype === e.dtype && e.args.length === e.fn.params.length);
        fits(e.args.every((x, i) => x.dtype === e.fn.params[i].dtype));
        break;
      default:
        break;
    }
  }

  /** `check`: also checks the expression itself. */
  #index(e: Expr, check = true): void {
    if (check) this.#expr(e);
    this.#check(e.dtype === "i32" && e.lanes === 1, `an index is i32 with one lane: ${printExpr(e)}`);
  }

  #condition(e: Expr): void {
    this.#expr(e);
    this.#check(e.dtype === "bool" && e.lanes === 1, `a condition is a bool: ${printExpr(e)}`);
  }

  /** An access of checked expressions, to elements of the type of `value`. */
  #access({ buffer: name, index, stride, mask }: MemoryAccess, forbidden: BufferParam["access"], value: Expr): void {
    const { dtype, lanes } = value;
    const buffer = this.#buffers.get(name);
    if (!buffer) throw this.#error(`no buffer ${name}`);
    this.#check(buffer.access !== forbidden, `${name} is for ${buffer.access} only`);
    this.#check(buffer.dtype === dtype, `${name} has ${buffer.dtype}, not ${dtype}`);
    this.#index(index, false);
    if (stride) {
      this.#check(lanes > 1, "a stride of one lane");
      this.#check(stride.dtype === "i32" && stride.lanes === 1, `a stride is i32 with one lane: ${printExpr(stride)}`);
    }
    if (mask) {
      const fits = mask.dtype === "bool" && mask.lanes === lanes;
      this.#check(fits, `a mask is a bool with the lanes of its access (${lanes}): ${printExpr(mask)}`);
    }
  }

  #definition(name: string, kind?: Definition["kind"]): Definition {
    const definition = this.#visible.get(name);
    if (!definition) throw this.#error(`${name} is not defined here`);
    const ok = kind === undefined ? definition.kind !== "array" : definition.kind === kind;
    this.#check(ok, `${name} is a ${definition.kind}`);
    return definition;
  }

  #sameType(definition: Definition, e: Expr, name: string): void {
    const ok = definition.dtype === e.dtype && definition.lanes === e.lanes;
    this.#check(ok, `${name} is ${definition.dtype}x${definition.lanes}, not ${e.dtype}x${e.lanes}`);
  }

  #check(ok: boolean, problem: string): void {
    if (!ok) throw this.#error(problem);
  }

  #error(problem: string): InternalError {
    const place = this.#place ? `\n  in ${printStmts([this.#place])[0]}` : "";
    return new InternalError(`${this.#where}: ${problem}${place}`);
  }
}
