import { evaluateGraph } from "./graph/evaluate.ts";
import type { NdArray } from "./graph/op.ts";
import type { FunctionGraph, ProgramGraph } from "./graph/program-graph.ts";
import { rootsOf } from "./graph/program-graph.ts";
import { nameOf, sitesOf } from "./graph/provenance.ts";
import type { Tensor } from "./graph/tensor.ts";
import { topological } from "./graph/traverse.ts";
import type { Executable } from "./plan/executable.ts";
import type { LoweredProgram, Slot } from "./plan/ir.ts";
import type { DimEnvironment } from "./shared/dim.ts";
import { isFloat, type TypedArray, viewOf } from "./shared/dtype.ts";
import { GradcError, present } from "./shared/errors.ts";
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
      throw blame(declared[index], feeds, env, bad.name);
    };
  });
  return { ...executable, functions };
}

const allFinite = ({ dtype, data }: NdArray): boolean =>
  !isFloat(dtype) || (data as TypedArray as Float32Array).every(Number.isFinite);

/** From a result that is not finite back along operands that are not, to the operation where that began. */
function blame(f: FunctionGraph, feeds: ReadonlyMap<Tensor, NdArray>, env: DimEnvironment, result: string): GradcError {
  const all = topological(rootsOf(f)).flatMap(node => node.outputs);
  const arrays = evaluateGraph(all, feeds, env);
  const values = new Map(all.map((t, i) => [t, arrays[i]]));
  const isBad = (t: Tensor): boolean => !allFinite(present(values.get(t)));
  const problem = `${f.name}: ${result} is not finite`;
  let at = rootsOf(f).find(isBad);
  if (!at) return new GradcError("not-finite", problem, { received: "rounded differently, it would be" });
  for (;;) {
    // Constants may well be infinite.
    const next: Tensor | undefined = at.node.operands.find(
      o => isBad(o) && (o.node.op.nominal || o.node.operands.length > 0),
    );
    if (!next) break;
    at = next;
  }
  const { dtype, data } = present(values.get(at));
  const element = Array.from(data).findIndex(x => !Number.isFinite(x));
  const operands = at.node.operands.map(o => {
    const { data: own } = present(values.get(o));
    return own.length === data.length || own.length === 1
      ? String(own[own.length === 1 ? 0 : element])
      : `${nameOf(o) ?? o}`;
  });
  const name = nameOf(at);
  return new GradcError("not-finite", problem, {
    expected: `finite ${dtype}`,
    received: `${data[element]} from ${at.node.op.name}(${operands.join(", ")})${name ? `, ${name}` : ""}, element ${element}`,
    sites: sitesOf(at).slice(0, 1),
  });
}
