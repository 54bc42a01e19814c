import { InternalError, invariant } from "../shared/errors.ts";
import { formatType, typeEquals } from "../shared/shape.ts";
import { inputOp, parameterOp, paramOp, stateOp } from "./leaves.ts";
import type { Node, Region } from "./node.ts";
import type { ProgramGraph } from "./program-graph.ts";
import { rootsOf } from "./program-graph.ts";
import { nameOf, sitesOf } from "./provenance.ts";
import type { Tensor } from "./tensor.ts";
import { topological } from "./traverse.ts";

/** How messages call a node: `add f32 [2] (node 12, "h", model.ts:3:4)`. */
function describe(node: Node): string {
  const [output] = node.outputs;
  const name = output && nameOf(output);
  const site = output && sitesOf(output)[0];
  const extra = [`node ${node.id}`, name && JSON.stringify(name), site && `${site.file}:${site.line}`].filter(Boolean);
  return `${node.op.name} ${output ? formatType(output) : "without outputs"} (${extra.join(", ")})`;
}

function verifyNode(node: Node): void {
  for (const [i, o] of node.operands.entries()) {
    invariant(o.node.outputs[o.index] === o, `operand ${i} of ${describe(node)} is no output of its node`);
  }
  let types: readonly { dtype: Tensor["dtype"]; shape: Tensor["shape"] }[];
  try {
    types = node.op.inferTypes(node.operands, node.attrs, node.regions);
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
    throw new InternalError(`${describe(node)} does not pass its own type rule: ${why}`, error);
  }
  invariant(types.length === node.outputs.length, `${describe(node)} has the wrong number of outputs`);
  for (const [i, output] of node.outputs.entries()) {
    invariant(output.node === node && output.index === i, `output ${i} of ${describe(node)} belongs elsewhere`);
    invariant(
      typeEquals(output, types[i]),
      `output ${i} of ${describe(node)} is ${formatType(output)}, its rule says ${formatType(types[i])}`,
    );
  }
  for (const region of node.regions) verifyRegion(region, node);
}

/** A body depends on its own parameters and on sources only. */
function verifyRegion(region: Region, owner: Node): void {
  const own = new Set(region.parameters);
  invariant(own.size === region.parameters.length, `a region of ${describe(owner)} has one parameter twice`);
  for (const p of region.parameters) {
    invariant(p.node.op === parameterOp, `${describe(p.node)} is no parameter of ${describe(owner)}`);
  }
  verifyOrder(region.results, leaf => own.has(leaf.outputs[0]), `the region of ${describe(owner)}`);
}

function verifyOrder(roots: readonly Tensor[], mayUse: (leaf: Node) => boolean, where: string): void {
  const position = new Map<Node, number>();
  for (const node of topological(roots)) {
    for (const o of node.operands) {
      invariant(position.has(o.node), `${describe(node)} comes before its operand ${describe(o.node)}: a cycle`);
    }
    position.set(node, position.size);
    if (node.op.nominal) invariant(mayUse(node), `${describe(node)} is used in ${where} but not part of it`);
    verifyNode(node);
  }
}

/**
 * Checks what every pass relies on: types are what the ops' rules say, operands come before users, regions are closed.
 * @throws InternalError naming the node
 */
export function verifyGraph(roots: readonly Tensor[]): void {
  verifyOrder(roots, leaf => leaf.op !== parameterOp, "the graph");
}

/** The same for a whole program, and that functions read their own inputs, variables and nothing else. */
export function verifyProgram(program: ProgramGraph): void {
  const variables = new Set(program.variables.map(v => v.value));
  for (const v of program.variables) {
    const { op } = v.value.node;
    invariant(op === paramOp || op === stateOp, `variable ${v.name} is a ${op.name}`);
    invariant(typeEquals(v.value, v.initial), `variable ${v.name} starts as ${v.initial}`);
    verifyOrder([v.initial], leaf => leaf.outputs[0] === program.seed, `the initial value of ${v.name}`);
  }
  for (const f of program.functions) {
    const inputs = new Set(f.inputs);
    for (const x of f.inputs) invariant(x.node.op === inputOp, `${x} is no input of ${f.name}`);
    verifyOrder(rootsOf(f), l => inputs.has(l.outputs[0]) || variables.has(l.outputs[0]), `function ${f.name}`);
    for (const u of f.updates) {
      invariant(variables.has(u.target), `function ${f.name} updates ${u.target}, which is no variable`);
      invariant(typeEquals(u.target, u.value), `function ${f.name} gives ${u.target} the value ${u.value}`);
    }
  }
}
