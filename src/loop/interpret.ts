import { InternalError, invariant, present } from "../shared/errors.ts";
import { Buffers, type LanePlaces, type Observe } from "./interpret-memory.ts";
import type { Expr, Kernel, MemoryAccess, NumericMode, ScalarFunction, Stmt } from "./ir.ts";
import { binaryFn, bitcastFn, castFn, compareFn, narrow, unaryFn } from "./numeric.ts";

export type RunKernel = (places: readonly number[], extents: readonly number[]) => void;

type Scalar = () => number;
type Vector = () => readonly number[];
type Action = () => void;

/**
 * Turns a kernel into closures over `memory`: the living definition of the loop IR. Every operation rounds to its dtype;
 * fma rounds twice in both modes, so that the result is the reproducible one. The kernel may not run inside itself.
 *
 * @throws InternalError where a load or store leaves the memory (when run) or the kernel is malformed.
 */
export function compileKernel(
  kernel: Kernel,
  memory: ArrayBufferLike,
  _mode: NumericMode = "reproducible",
  observe?: Observe,
): RunKernel {
  const frame = new Frame(`kernel ${kernel.name}`, memory, observe);
  for (const buffer of kernel.buffers) frame.buffers.add(buffer);
  const extents = kernel.extents.map(name => frame.slot(name));
  const run = block(kernel.body, frame);
  return (places, values) => {
    invariant(
      places.length === kernel.buffers.length && values.length === extents.length,
      `${frame.name}: called with ${places.length} places and ${values.length} extents`,
    );
    kernel.buffers.forEach((b, i) => {
      frame.buffers.place(b.name, places[i]);
    });
    for (let i = 0; i < extents.length; i++) frame.scalars[extents[i]] = values[i];
    run();
  };
}

/** A scalar function on numbers. */
export function compileFunction(fn: ScalarFunction): (...args: number[]) => number {
  const frame = new Frame(`function ${fn.name}`, new ArrayBuffer(0));
  const params = fn.params.map(p => ({ slot: frame.slot(p.name), rounded: narrow(p.dtype) }));
  const body = block(fn.body, frame);
  const result = scalar(fn.result, frame);
  return (...args) => {
    for (let i = 0; i < params.length; i++) frame.scalars[params[i].slot] = params[i].rounded(args[i]);
    body();
    return result();
  };
}

/** The variables of one kernel: a slot per name. */
class Frame {
  readonly name: string;
  readonly buffers: Buffers;
  readonly scalars: number[] = [];
  readonly vectors: (readonly number[])[] = [];
  readonly arrays = new Map<string, (number | readonly number[])[]>();
  readonly #slots = new Map<string, number>();
  readonly #functions = new Map<ScalarFunction, (...args: number[]) => number>();

  constructor(name: string, memory: ArrayBufferLike, observe?: Observe) {
    this.name = name;
    this.buffers = new Buffers(name, memory, observe);
  }

  slot(name: string): number {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const slot = this.#slots.size;
    this.#slots.set(name, slot);
    this.scalars.push(0);
    this.vectors.push([]);
    return slot;
  }

  function(fn: ScalarFunction): (...args: number[]) => number {
    const known = this.#functions.get(fn);
    if (known) return known;
    const compiled = compileFunction(fn);
    this.#functions.set(fn, compiled);
    return compiled;
  }
}

function block(body: readonly Stmt[], frame: Frame): Action {
  const actions = body.map(s => statement(s, frame));
  if (actions.length === 1) return actions[0];
  return () => {
    for (let i = 0; i < actions.length; i++) actions[i]();
  };
}

function statement(s: Stmt, frame: Frame): Action {
  switch (s.op) {
    case "let":
    case "var":
    case "assign":
      return setVariable(s.name, s.value, frame);
    case "array": {
      const init = anyValue(s.init, frame);
      return () => {
        frame.arrays.set(s.name, new Array(s.size).fill(init()));
      };
    }
    case "setElement": {
      const index = scalar(s.index, frame);
      const value = anyValue(s.value, frame);
      return () => {
        const array = arrayOf(frame, s.array);
        const at = index();
        invariant(at >= 0 && at < array.length, `${frame.name}: ${s.array}[${at}] of ${array.length} elements`);
        array[at] = value();
      };
    }
    case "store":
      return store(s, frame);
    case "for": {
      const slot = frame.slot(s.name);
      const from = scalar(s.from, frame);
      const to = scalar(s.to, frame);
      const run = block(s.body, frame);
      return () => {
        const end = to();
        for (let i = from(); i < end; i += s.step) {
          frame.scalars[slot] = i;
          run();
        }
      };
    }
    case "while": {
      const condition = scalar(s.condition, frame);
      const run = block(s.body, frame);
      return () => {
        while (condition()) run();
      };
    }
    case "if": {
      const condition = scalar(s.condition, frame);
      const then = block(s.then, frame);
      const otherwise = block(s.otherwise ?? [], frame);
      return () => (condition() ? then() : otherwise());
    }
    case "barrier":
      return () => undefined;
  }
}

function setVariable(name: string, value: Expr, frame: Frame): Action {
  const slot = frame.slot(name);
  if (value.lanes === 1) {
    const evaluate = scalar(value, frame);
    return () => {
      frame.scalars[slot] = evaluate();
    };
  }
  const evaluate = vector(value, frame);
  return () => {
    frame.vectors[slot] = evaluate();
  };
}

function store(s: Extract<Stmt, { op: "store" }>, frame: Frame): Action {
  if (s.value.lanes > 1) {
    const write = frame.buffers.laneWriter(lanePlaces(s, frame));
    const value = vector(s.value, frame);
    return () => write(value());
  }
  const write = frame.buffers.writer(s.buffer);
  const index = scalar(s.index, frame);
  const value = scalar(s.value, frame);
  const there = s.mask && scalar(s.mask, frame);
  return () => {
    const [at, stored] = [index(), value()];
    if (!there || there()) write(at, stored);
  };
}

function lanePlaces({ buffer, index, stride, mask }: MemoryAccess, frame: Frame): LanePlaces {
  return {
    buffer,
    index: scalar(index, frame),
    stride: stride ? scalar(stride, frame) : () => 1,
    mask: mask && vector(mask, frame),
  };
}

const arrayOf = (frame: Frame, name: string): (number | readonly number[])[] =>
  present(frame.arrays.get(name), `${frame.name}: no array ${name}`);

const anyValue = (e: Expr, frame: Frame): Scalar | Vector => (e.lanes === 1 ? scalar(e, frame) : vector(e, frame));

function scalar(e: Expr, frame: Frame): Scalar {
  invariant(e.lanes === 1, `${frame.name}: ${e.op} has ${e.lanes} lanes where one is expected`);
  switch (e.op) {
    case "const": {
      const value = narrow(e.dtype)(e.value);
      return () => value;
    }
    case "var": {
      const { scalars } = frame;
      const slot = frame.slot(e.name);
      return () => scalars[slot];
    }
    case "load": {
      const read = frame.buffers.reader(e.buffer);
      const index = scalar(e.index, frame);
      if (!e.mask) return () => read(index());
      const there = scalar(e.mask, frame);
      return () => (there() ? read(index()) : 0);
    }
    case "element": {
      const index = scalar(e.index, frame);
      return () => {
        const at = index();
        const value = arrayOf(frame, e.array)[at];
        invariant(typeof value === "number", `${frame.name}: ${e.array}[${at}] is not a scalar`);
        return value;
      };
    }
    case "lane": {
      const x = vector(e.x, frame);
      return () => x()[e.lane];
    }
    case "select":
    case "guard": {
      const condition = scalar(e.condition, frame);
      const then = scalar(e.then, frame);
      const otherwise = scalar(e.otherwise, frame);
      return () => (condition() ? then() : otherwise());
    }
    case "splat":
      return scalar(e.x, frame);
    case "ramp":
    case "shuffle":
      throw new InternalError(`${frame.name}: a ${e.op} of one lane`);
    default: {
      const apply = operation(e, frame);
      const args = operands(e).map(x => scalar(x, frame));
      if (args.length === 1) {
        const [x] = args;
        return () => apply(x());
      }
      if (args.length === 2) {
        const [x, y] = args;
        return () => apply(x(), y());
      }
      return () => apply(...args.map(a => a()));
    }
  }
}

function vector(e: Expr, frame: Frame): Vector {
  const { lanes } = e;
  if (lanes === 1) throw new InternalError(`${frame.name}: ${e.op} has one lane where a vector is expected`);
  switch (e.op) {
    case "const": {
      const value = new Array<number>(lanes).fill(narrow(e.dtype)(e.value));
      return () => value;
    }
    case "var": {
      const { vectors } = frame;
      const slot = frame.slot(e.name);
      return () => vectors[slot];
    }
    case "load": {
      if (!e.splat) return frame.buffers.laneReader(lanePlaces(e, frame), lanes);
      const read = frame.buffers.reader(e.buffer);
      const index = scalar(e.index, frame);
      return () => new Array<number>(lanes).fill(read(index()));
    }
    case "element": {
      const index = scalar(e.index, frame);
      return () => {
        const at = index();
        const value = arrayOf(frame, e.array)[at];
        invariant(typeof value === "object", `${frame.name}: ${e.array}[${at}] is not a vector`);
        return value;
      };
    }
    case "splat": {
      const x = scalar(e.x, frame);
      return () => new Array<number>(lanes).fill(x());
    }
    case "ramp": {
      const value = Array.from({ length: lanes }, (_, lane) => lane);
      return () => value;
    }
    case "select": {
      const condition = vector(e.condition, frame);
      const then = vector(e.then, frame);
      const otherwise = vector(e.otherwise, frame);
      return () => {
        const [c, x, y] = [condition(), then(), otherwise()];
        return c.map((chosen, i) => (chosen ? x[i] : y[i]));
      };
    }
    case "shuffle": {
      const [x, y] = [vector(e.x, frame), vector(e.y, frame)];
      return () => {
        const both = [...x(), ...y()];
        return e.order.map(at => both[at]);
      };
    }
    case "guard":
    case "lane":
      throw new InternalError(`${frame.name}: ${e.op} has ${lanes} lanes`);
    default: {
      const apply = operation(e, frame);
      const args = operands(e).map(x => vector(x, frame));
      return () => {
        const values = args.map(a => a());
        return values[0].map((_, i) => apply(...values.map(v => v[i])));
      };
    }
  }
}

type Operation = Extract<Expr, { op: "unary" | "binary" | "compare" | "cast" | "bitcast" | "fma" | "call" }>;

/** What an operation does to one lane. */
function operation(e: Operation, frame: Frame): (...args: number[]) => number {
  switch (e.op) {
    case "unary":
      return unaryFn(e.fn, e.x.dtype);
    case "binary":
      return binaryFn(e.fn, e.dtype);
    case "compare":
      return compareFn(e.fn);
    case "cast":
      return castFn(e.x.dtype, e.dtype);
    case "bitcast":
      return bitcastFn(e.x.dtype, e.dtype);
    case "fma": {
      const rounded = narrow(e.dtype);
      const multiply = binaryFn("mul", e.dtype);
      return (x, y, z) => rounded(multiply(x, y) + z);
    }
    case "call":
      return frame.function(e.fn);
  }
}

function operands(e: Operation): readonly Expr[] {
  switch (e.op) {
    case "unary":
    case "cast":
    case "bitcast":
      return [e.x];
    case "binary":
    case "compare":
      return [e.x, e.y];
    case "fma":
      return [e.x, e.y, e.z];
    case "call":
      return e.args;
  }
}
