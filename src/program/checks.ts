import { inputOp, paramOp, stateOp } from "../graph/leaves.ts";
import type { Node } from "../graph/node.ts";
import { nameOf, sitesOf } from "../graph/provenance.ts";
import { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import { threefryOp, threefryWordsOp } from "../ops/threefry.ts";
import { describe } from "../shared/describe.ts";
import { dimSymbols } from "../shared/dim.ts";
import { GradcError } from "../shared/errors.ts";
import { formatType } from "../shared/shape.ts";
import { checkName, declarationError, isRecord, sites } from "./names.ts";
import type { FunctionDeclaration } from "./program.ts";
import { Update } from "./update.ts";

const quoted = (value: Tensor): string => JSON.stringify(nameOf(value));
const siteOf = (value: Tensor) => sitesOf(value)[0];

/** Inputs and variables that the roots depend on, in the order in which they were declared. */
export function leavesUnder(roots: readonly Tensor[]): Tensor[] {
  return topological(roots)
    .filter(n => n.op === inputOp || n.op === paramOp || n.op === stateOp)
    .sort((a, b) => a.id - b.id)
    .map(n => n.outputs[0]);
}

const PARTS = ["inputs", "outputs", "updates"];

/** Whether a declaration has the form that its type says (users may write plain JavaScript). */
export function checkDeclaration(fn: string, f: FunctionDeclaration): void {
  const form = `Write ${fn}: { inputs: [x, …], outputs: { y, … }, updates: [set(w, value), …] }.`;
  const wrong = (problem: string, expected: string, received: unknown, mend = form): GradcError =>
    declarationError("program", `${fn}: ${problem}`, { expected, received: describe(received), mend });
  if (!isRecord(f)) throw wrong("this does not declare a function", "{ inputs, outputs, updates }", f);
  const strange = Object.keys(f).find(key => !PARTS.includes(key));
  if (strange !== undefined)
    throw wrong(`a function has no part ${JSON.stringify(strange)}`, PARTS.join(", "), strange);
  if (!Array.isArray(f.inputs)) throw wrong("its inputs are not a list", "inputs: [x, …]", f.inputs);
  for (const i of f.inputs) {
    if (!(i instanceof Tensor) || i.node.op !== inputOp) {
      throw wrong(
        "one of its inputs was not declared with input(…)",
        "what input(…) returned",
        i,
        "List inputs only: parameters and state are found by themselves.",
      );
    }
  }
  const repeated = f.inputs.find((i, at) => f.inputs.indexOf(i) !== at);
  if (repeated) throw wrong("an input is listed twice", "each input once", nameOf(repeated));
  if (!isRecord(f.outputs)) {
    throw wrong("its outputs are not a record", "outputs: { loss }", f.outputs);
  }
  for (const [name, value] of Object.entries(f.outputs)) {
    checkName(`output of ${fn}`, name);
    if (!(value instanceof Tensor))
      throw wrong(
        `output ${JSON.stringify(name)} is not a tensor`,
        "a tensor",
        value,
        typeof value === "number" || Array.isArray(value) ? "Wrap plain numbers in constant(…)." : form,
      );
  }
  const updates = f.updates ?? [];
  if (!Array.isArray(updates)) throw wrong("its updates are not a list", "updates: [set(w, value), …]", updates);
  for (const u of updates) {
    if (!(u instanceof Update)) throw wrong("one of its updates is none", "what set(target, value) returned", u);
  }
  if (Object.keys(f.outputs).length === 0 && updates.length === 0) {
    throw declarationError("program", `${fn}: it has neither outputs nor updates`, {
      expected: "at least one",
      received: "none",
    });
  }
}

/** Inputs, parameters and state share one space of names. */
export function checkNames(leaves: readonly Tensor[]): void {
  const byName = new Map<string | undefined, Tensor>();
  for (const leaf of leaves) {
    const name = nameOf(leaf);
    const other = byName.get(name);
    if (other) {
      throw new GradcError("duplicate-name", `${leaf.node.op.name} ${quoted(leaf)} is declared twice`, {
        received: `${other.node.op.name} ${formatType(other)} and ${leaf.node.op.name} ${formatType(leaf)}`,
        sites: sites(siteOf(other), siteOf(leaf)),
      });
    }
    byName.set(name, leaf);
  }
}

export function checkUpdates(fn: string, f: FunctionDeclaration): void {
  const byTarget = new Map<Tensor, Update>();
  for (const update of f.updates ?? []) {
    const other = byTarget.get(update.target);
    if (other) {
      throw new GradcError("two-updates", `${fn}: ${quoted(update.target)} is updated twice`, {
        sites: sites(other.site, update.site),
      });
    }
    byTarget.set(update.target, update);
  }
}

/** The list of inputs against what outputs and updates read. */
export function checkInputs(fn: string, f: FunctionDeclaration, leaves: readonly Tensor[]): void {
  const used = new Set(leaves.filter(l => l.node.op === inputOp));
  const listed = new Set<Tensor>(f.inputs);
  const list = `[${f.inputs.map(i => nameOf(i)).join(", ")}]`;
  for (const input of used) {
    if (!listed.has(input)) {
      throw new GradcError("input-not-listed", `${fn}: input ${quoted(input)} is used but not listed`, {
        received: `inputs: ${list}`,
        sites: sites(siteOf(input)),
      });
    }
  }
  for (const input of listed) {
    if (!used.has(input)) {
      throw new GradcError("input-unused", `${fn}: input ${quoted(input)} is listed but nothing depends on it`, {
        received: `inputs: ${list}`,
        sites: sites(siteOf(input)),
      });
    }
  }
}

/** All nodes below some values, those in the bodies of loops included. */
export function* nodesWithBodies(roots: readonly Tensor[]): Generator<Node> {
  for (const node of topological(roots)) {
    yield node;
    for (const region of node.regions) yield* nodesWithBodies(region.results);
  }
}

/** Every symbol has one bound, and every function can tell its symbols from its inputs. */
export function checkDimensions(
  functions: readonly (readonly [string, FunctionDeclaration])[],
  roots: readonly Tensor[],
): void {
  const bounds = new Map<string, { readonly max: number; readonly where: Tensor }>();
  const inputs = functions.flatMap(([, f]) => f.inputs);
  for (const value of [...inputs, ...valuesOf(roots)]) {
    for (const { name, max } of dimSymbols(value.shape)) {
      const known = bounds.get(name);
      if (known && known.max !== max) {
        throw new GradcError("dimension", `dimension ${JSON.stringify(name)} has two bounds`, {
          expected: `one bound for ${name}`,
          received: `max ${known.max} and max ${max}`,
          sites: sites(siteOf(known.where), siteOf(value)),
        });
      }
      if (!known) bounds.set(name, { max, where: value });
    }
  }
  if (bounds.size === 0) return;
  for (const input of inputs) {
    const clash = bounds.get(String(nameOf(input)));
    if (!clash) continue;
    throw new GradcError("duplicate-name", `input ${quoted(input)} has the name of a dimension`, {
      expected: "two names: a call gives inputs and sizes by name",
      received: `input ${formatType(input)} and dimension ${nameOf(input)}, max ${clash.max}`,
      sites: sites(siteOf(input), siteOf(clash.where)),
    });
  }
  for (const [fn, f] of functions) {
    const known = new Set(dimSymbols(f.inputs.flatMap(i => i.shape)).map(s => s.name));
    for (const value of valuesOf([...Object.values(f.outputs), ...(f.updates ?? []).map(u => u.value)])) {
      const unknown = dimSymbols(value.shape).find(s => !known.has(s.name));
      if (unknown) {
        throw new GradcError("dimension", `${fn}: a call cannot tell the size of ${JSON.stringify(unknown.name)}`, {
          expected: `an input whose shape has ${unknown.name}`,
          received: formatType(value),
          sites: sites(siteOf(value)),
          mend: `List an input of ${fn} whose shape has ${unknown.name}, or use a number.`,
        });
      }
    }
  }
}

function* valuesOf(roots: readonly Tensor[]): Generator<Tensor> {
  for (const node of nodesWithBodies(roots)) yield* node.outputs;
}

/** Initial values are graphs of the seed alone. */
export function checkInitial(variable: Tensor, initial: Tensor, seed: Tensor): void {
  const stranger = leavesUnder([initial]).find(l => l !== seed);
  if (stranger) {
    throw new GradcError("program", `the first value of ${quoted(variable)} depends on ${quoted(stranger)}`, {
      expected: "constants and random numbers of a key",
      received: `${stranger.node.op.name} ${quoted(stranger)}`,
      sites: sites(siteOf(variable), siteOf(stranger)),
      mend: "First values exist before any call: build them from constants and key(seed).",
    });
  }
}

/** The key that a node uses up: by drawing bits, or by being split. Folds of a key leave it to be folded again. */
function keyUsedUp(node: Node): Tensor | undefined {
  if (node.op === threefryOp) return node.operands[0];
  return node.op === threefryWordsOp && node.operands[1].rank > 0 ? node.operands[0] : undefined;
}

/** Two draws (as the user wrote them: before equal nodes become one) from one key give the same bits. */
export function checkDraws(fn: string, roots: readonly Tensor[], imported: (value: Tensor) => Tensor): void {
  const draws = new Map<Tensor, Node>();
  for (const node of nodesWithBodies(roots)) {
    const key = keyUsedUp(node);
    if (!key) continue;
    const other = draws.get(imported(key));
    if (other && other !== node) {
      throw new GradcError("random-key-reused", `${fn}: two draws from one random key`, {
        sites: sites(siteOf(other.outputs[0]), siteOf(node.outputs[0])),
      });
    }
    draws.set(imported(key), node);
  }
}
