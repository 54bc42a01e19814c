import {
  argumentError,
  checkFunction,
  checkOptions,
  checkTensors,
  checkText,
  concat,
  declarationError,
  expandDims,
  type FloatDType,
  formatType,
  type Initializer,
  leavesOf,
  log,
  mapTree,
  neg,
  oneCall,
  type Shape,
  scan,
  Tensor,
  type Tree,
  uniform,
  where,
  zeros,
} from "../api.ts";

/**
 * A network that is applied step after step. `recurrent` runs it along a sequence; a loop of your own (a decoder that
 * reads what it wrote) calls `cell.advance(carry, cell.project(x))` in the body of a scan.
 */
export interface Cell<Carry extends Tree<Tensor>, D extends FloatDType = "f32"> {
  /** Zeros to begin with. @param batch the leading axes of one step's input */
  zero(batch: Shape): Carry;
  /** What an input adds to the gates, […, features] → […, gates]: one product for a whole sequence. */
  project(x: Tensor<D>): Tensor<D>;
  /** One step. @param projected what project made of the step's input */
  advance(carry: Carry, projected: Tensor<D>): { readonly carry: Carry; readonly out: Tensor<D> };
}

export interface CellOptions {
  /** The first part of the names of its parameters. */
  readonly name: string;
  /** First values of the input's weights `wx`; glorotUniform() unless told. */
  readonly init?: Initializer;
  /** First values of the recurrent weights `wh`; glorotUniform() unless told. orthogonalInit() keeps long memories. */
  readonly recurrentInit?: Initializer;
}

export interface GatedOptions extends CellOptions {
  /**
   * How many steps the longest memories last, more than 2: first biases with which units forget after 1 to so many steps
   * (chrono initialisation; Tallec & Ollivier 2018).
   */
  readonly longest?: number;
}

export interface SequenceOptions<Carry> {
  /** The first carry; zeros unless told. A state that is set to the last carry continues a text (truncated gradients). */
  readonly initial?: Carry;
  /** From the last step to the first. */
  readonly reverse?: boolean;
  /** Derivatives compute the gates again, and what an input adds to them: less memory, more work. */
  readonly checkpoint?: boolean;
  /** bool [time, …batch]: where it is false the carry stays as it was and the result is 0 (sequences of several lengths). */
  readonly mask?: Tensor<"bool">;
}

/** What a sequence gives: every step's result [time, …batch, units], and the carry after the last one. */
export interface Sequence<Carry, D extends FloatDType = FloatDType> {
  readonly out: Tensor<D>;
  readonly carry: Carry;
}

export const CELL = ["name", "init", "recurrentInit"] as const;
export const GATED = [...CELL, "longest"] as const;
export const SEQUENCE = ["initial", "reverse", "checkpoint", "mask"] as const;

/** Over a tree that is not known here, which TypeScript would try to unfold. */
const loop = scan as unknown as (
  body: (carry: unknown, x: unknown) => object,
  init: unknown,
  xs: object,
  options: object,
) => unknown;

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** The number of features, the size of the last axis. @throws GradcError `argument`, `shape` */
export function featuresOf(who: string, x: Tensor): number {
  checkTensors(who, { x });
  const features = x.shape[x.rank - 1];
  if (x.rank >= 2 && typeof features === "number") return features;
  throw declarationError("shape", `${who}: not a sequence with a fixed number of features`, {
    expected: "[time, …batch, features]",
    received: String(x),
  });
}

export function checkCell(who: string, sizes: Readonly<Record<string, number>>, options: CellOptions): void {
  checkText(who, "its name", options?.name);
  for (const name in sizes) {
    if (Number.isInteger(sizes[name]) && sizes[name] > 0) continue;
    throw argumentError(who, `${name} is not a size`, "a whole number of at least 1", sizes[name]);
  }
}

/**
 * First biases of gates in a row: of those that keep the memory ln(u) with u uniform on [1, longest − 1), so that σ keeps
 * 1 − 1/(u + 1) of it in a step, of those that let new values in −ln(u), and 0 of the others.
 */
export function chronoInit(who: string, longest: number, gates: readonly ("keep" | "enter" | "other")[]): Initializer {
  if (typeof longest !== "number" || !(longest > 2)) {
    throw argumentError(who, "longest is not a number of steps", "a number greater than 2", longest);
  }
  return (key, [size], dtype) => {
    const units = size / gates.length;
    const keep = log(uniform(key, [units], { low: 1, high: longest - 1, dtype }));
    const first = { keep, enter: neg(keep), other: zeros([units], dtype) };
    return concat(gates.map(gate => first[gate]));
  };
}

/**
 * Runs a cell along the leading axis of a sequence, as a scan.
 * @param x [time, …batch, features]
 * @throws GradcError `shape`, `dtype`, `argument`
 */
export function recurrent<Carry extends Tree<Tensor>, D extends FloatDType>(
  cell: Cell<Carry, D>,
  x: Tensor<D>,
  options: SequenceOptions<NoInfer<Carry>> = {},
): Sequence<Carry, D> {
  return oneCall(() => {
    for (const part of ["zero", "project", "advance"] as const) checkFunction("recurrent", part, cell?.[part]);
    featuresOf("recurrent", x);
    checkOptions("recurrent", options, SEQUENCE);
    const { reverse = false, checkpoint = false, mask } = options;
    const batch = x.shape.slice(1, -1);
    if (mask !== undefined) checkMask(mask, x.shape.slice(0, -1));
    const initial = options.initial ?? cell.zero(batch);
    // What is computed again must not be kept for all steps at once.
    const inputs = checkpoint ? x : cell.project(x);
    const steps = mask === undefined ? { inputs } : { inputs, mask };
    const body = (before: unknown, step: unknown) => {
      const { inputs: own, mask: now } = step as { readonly inputs: Tensor<D>; readonly mask?: Tensor<"bool"> };
      const after = cell.advance(before as Carry, checkpoint ? cell.project(own) : own);
      if (now === undefined) return after;
      const runs = expandDims(now, -1);
      const old = leavesOf(before, isTensor);
      let next = 0;
      const carry = mapTree(after.carry, isTensor, value => where(runs, value as Tensor<D>, old[next++] as Tensor<D>));
      return { carry: carry as Carry, out: where(runs, after.out, 0) as Tensor<D> };
    };
    return loop(body, initial, steps, { reverse, checkpoint }) as Sequence<Carry, D>;
  });
}

function checkMask(mask: Tensor<"bool">, expected: Shape): void {
  checkTensors("recurrent", { mask });
  const type = { dtype: "bool", shape: expected } as const;
  if (formatType(mask) === formatType(type)) return;
  throw declarationError("shape", "recurrent: the mask does not fit the sequence", {
    expected: formatType(type),
    received: formatType(mask),
  });
}

/** Options for a layer inside of another: pass them on, with your own. */
export interface Part {
  readonly name: string;
}

export interface DirectedPart extends Part {
  readonly reverse: boolean;
}

/**
 * Two layers, one from the first step to the last and one from the last to the first; their results side by side
 * (Schuster & Paliwal 1997).
 *
 * @example bidirectional(x, { name: "words" }, (v, part) => lstm(v, 32, part)) // out [time, batch, 64]
 * @param layer called twice, with the names `<name>.forward` and `<name>.backward`
 */
export function bidirectional<Carry, D extends FloatDType>(
  x: Tensor<D>,
  options: { readonly name: string },
  layer: (x: Tensor<D>, part: DirectedPart) => Sequence<Carry, D>,
): Sequence<{ readonly forward: Carry; readonly backward: Carry }, D> {
  return oneCall(() => {
    const name = nameOfWhole("bidirectional", x, options, layer);
    const forward = layer(x, { name: `${name}.forward`, reverse: false });
    const backward = layer(x, { name: `${name}.backward`, reverse: true });
    const out = concat([forward.out, backward.out], -1) as Tensor<D>;
    return { out, carry: { forward: forward.carry, backward: backward.carry } };
  });
}

/**
 * Layers on top of each other, each along the results of the one below.
 *
 * @example deep(x, 2, { name: "text" }, (v, part) => bidirectional(v, part, (u, way) => gru(u, 64, way)))
 * @param layer called for each layer, with the names `<name>.0`, `<name>.1` …
 */
export function deep<Carry, D extends FloatDType>(
  x: Tensor<D>,
  layers: number,
  options: { readonly name: string },
  layer: (x: Tensor<D>, part: Part, index: number) => Sequence<Carry, D>,
): Sequence<Carry[], D> {
  return oneCall(() => {
    const name = nameOfWhole("deep", x, options, layer);
    if (!Number.isInteger(layers) || layers < 1 || layers > MOST_LAYERS) {
      throw argumentError("deep", "not a number of layers", `a whole number from 1 to ${MOST_LAYERS}`, layers);
    }
    const carry: Carry[] = [];
    let out = x;
    for (let i = 0; i < layers; i++) {
      const made = layer(out, { name: `${name}.${i}` }, i);
      carry.push(made.carry);
      out = made.out;
    }
    return { out, carry };
  });
}

const MOST_LAYERS = 1000;

function nameOfWhole(who: string, x: Tensor, options: { readonly name: string }, layer: unknown): string {
  checkTensors(who, { x });
  checkOptions(who, options, ["name"]);
  checkText(who, "its name", options.name);
  checkFunction(who, "the layer", layer);
  return options.name;
}
