import type { FunctionInterface, LoweredProgram, Slot } from "../../src/plan/ir.ts";
import type { Entry, Manifest, Size } from "../../src/runtime/manifest.ts";
import type { PoolLayout } from "../../src/runtime/pool.ts";
import { type Dim, dimSymbols, foldDim } from "../../src/shared/dim.ts";
import { present } from "../../src/shared/errors.ts";

/** What the runtime needs of a program, as plain data. */
export function manifestOf(program: LoweredProgram): Manifest {
  return {
    name: program.name,
    bytes: memoryBytes(program),
    functions: program.interfaces.map(f => ({
      name: f.name,
      dims: f.dims.map(d => ({ name: d.name, max: d.max })),
      inputs: f.inputs.map(i => ({
        ...entryOf(i),
        ...(i.default === undefined ? {} : { default: i.default }),
        ...(i.below ? { below: leastOf(i.below) } : {}),
      })),
      outputs: f.outputs.map(entryOf),
      steps: stepsOf(f),
    })),
    variables: program.variables.map(v => ({ ...entryOf(v), role: v.role })),
    ...(program.seed ? { seed: program.seed.offset } : {}),
  };
}

/** What the runtime needs of a program for several threads. */
export function poolLayoutOf({ name, functions, threads }: LoweredProgram): PoolLayout {
  const { control, mirrors, stride } = present(threads, `${name} is for one thread`);
  return { name, control, mirrors, stride, functions: functions.map(f => [f.name, Boolean(f.parallel)]) };
}

/**
 * Each dim is told by the length of an input in which it is the only one not known yet; where there is no such input, the
 * caller tells one, and lengths may tell the others again. See FunctionEntry.
 */
function stepsOf(f: FunctionInterface): [number, number][] {
  const unknown = new Set(f.dims.map(d => d.name));
  const steps: [number, number][] = [];
  const add = (name: string, input: number): void => {
    unknown.delete(name);
    steps.push([f.dims.findIndex(d => d.name === name), input]);
  };
  while (unknown.size > 0) {
    const before = steps.length;
    f.inputs.forEach((input, at) => {
      const open = dimSymbols(input.shape).filter(d => unknown.has(d.name));
      if (open.length === 1) add(open[0].name, at);
    });
    if (steps.length === before) add([...unknown][0], -1);
  }
  return steps;
}

/** The memory's size, rounded so that every typed array fits on it. */
export const memoryBytes = (program: LoweredProgram): number => Math.ceil(program.memory.bytes / 16) * 16;

const entryOf = (slot: Slot): Entry => ({
  name: slot.name,
  dtype: slot.dtype,
  shape: slot.shape.map(sizeOfDim),
  offset: slot.offset,
});

const sizeOfDim = (d: Dim): Size =>
  foldDim<Size>(d, {
    constant: value => value,
    symbol: s => s.name,
    add: (a, b) => combine("+", a, b),
    mul: (a, b) => combine("*", a, b),
  });

const leastOf = (bounds: readonly Dim[]): Size =>
  bounds.length === 1 ? sizeOfDim(bounds[0]) : ["min", ...bounds.map(sizeOfDim)];

/** Sums of sums are one sum. */
function combine(operator: "+" | "*", a: Size, b: Size): Size {
  const terms = (s: Size): readonly Size[] =>
    typeof s === "object" && s[0] === operator ? (s.slice(1) as readonly Size[]) : [s];
  return [operator, ...terms(a), ...terms(b)];
}
