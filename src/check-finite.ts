import { allFinite, firstBad } from "./graph/first-bad.ts";
import type { NdArray } from "./graph/op.ts";
import type { FunctionGraph, ProgramGraph } from "./graph/program-graph.ts";
import { rootsOf } from "./graph/program-graph.ts";
import { sitesOf } from "./graph/provenance.ts";
import type { Tensor } from "./graph/tensor.ts";
import { kernelOf } from "./lower/kernel-of.ts";
import type { Executable } from "./plan/executable.ts";
import type { LoweredProgram, Slot } from "./plan/ir.ts";
import type { DimEnvironment } from "./shared/dim.ts";
import { viewOf } from "./shared/dtype.ts";
import { GradcError } from "./shared/errors.ts";
import { resolveShape } from "./shared/shape.ts";

type Functions = Executable["functions"];

/**
 * The executable with a look at the results of every call. Where one is not finite, the variables are put back to what
 * they were, and the call is repeated by naive evaluation to find the operation that is to blame.
 * @param graph the functions as they were lowered; asked for only when something is to blame
 */
export function checkFinite(executable: Executable, program: LoweredProgram, graph: () => ProgramGraph): Executable {
  const { memory } = executable;
  const read = (slot: Slot, env: DimEnvironment): NdArray => {
    const shape = resolveShape(slot.shape, env);
    const length = shape.reduce((n, size) => n * size, 1);
    return { dtype: slot.dtype, shape, data: viewOf(slot.dtype, memory, slot.offset, length) };
  };
  const functions: Record<string, Functions[string]> = { ...executable.functions };
  program.interfaces.forEach((f, index) => {
    const run = functions[f.name];
    functions[f.name] = (...sizes) => {
      const env = Object.fromEntries(f.dims.map((d, i) => [d.name, sizes[i]]));
      const before = program.variables.map(v => ({ ...read(v, {}), data: read(v, {}).data.slice() }));
      run(...sizes);
      const bad = [...f.outputs, ...program.variables].find(slot => !allFinite(read(slot, env)));
      if (!bad) return;
      program.variables.forEach((v, i) => {
        read(v, {}).data.set(before[i].data);
      });
      const { functions: declared, variables } = graph();
      const feeds = new Map<Tensor, NdArray>();
      f.inputs.forEach((slot, i) => {
        feeds.set(declared[index].inputs[i], read(slot, env));
      });
      for (const v of variables) {
        const at = program.variables.findIndex(slot => slot.name === v.name);
        if (at >= 0) feeds.set(v.value, before[at]);
      }
      throw blame(program, declared[index], feeds, env, bad.name);
    };
  });
  return { ...executable, functions };
}

/** From a result that is not finite to an error that names the operation where that began, its line and its kernel. */
function blame(
  program: LoweredProgram,
  f: FunctionGraph,
  feeds: ReadonlyMap<Tensor, NdArray>,
  env: DimEnvironment,
  result: string,
): GradcError {
  const problem = `${f.name}: ${result} is not finite`;
  const found = firstBad(rootsOf(f), feeds, env);
  if (!found) return new GradcError("not-finite", problem, { received: "rounded differently, it would be" });
  const { at, text, rounds, frames } = found;
  const kernel = frames.map(frame => kernelOf(program, f.name, frame.at, frame.roots)).find(name => name !== undefined);
  const places = [...(kernel ? [`in the kernel ${kernel}`] : []), ...rounds];
  return new GradcError("not-finite", problem, {
    expected: `finite ${at.dtype}`,
    received: [text, ...places].join(", "),
    sites: sitesOf(at).slice(0, 1),
  });
}
