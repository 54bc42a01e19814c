import { expandRequests, guardsIn, SAFE_BRANCHES } from "./autodiff/index.ts";
import { tapTargets } from "./autodiff/tap.ts";
import { Interner, withInterner } from "./graph/node.ts";
import { type ProgramGraph, rootsOf, withRoots } from "./graph/program-graph.ts";
import { withOrigin } from "./graph/provenance.ts";
import type { Tensor } from "./graph/tensor.ts";
import { rebuild, withOperands } from "./graph/traverse.ts";
import { mergeScans } from "./kinds/merge-scans.ts";
import type { NumericMode } from "./loop/ir.ts";
import { canonicalise, expandComposites, Fired, simplify, stabilise } from "./optimize/index.ts";
import { improveLoops } from "./optimize/loops/index.ts";
import type { Pass } from "./shared/pass.ts";

/** What a pass works on: the values that the program needs, of all functions together. */
export interface PassState {
  readonly roots: readonly Tensor[];
  readonly mode: NumericMode;
  /** Which rules fired, pass by pass. */
  readonly fired: readonly Fired[];
}

type GraphPass = Pass<PassState>;

const rewriting = (
  name: string,
  reason: string,
  phase: (roots: readonly Tensor[], mode: NumericMode) => { roots: readonly Tensor[]; fired: readonly Fired[] },
): GraphPass => ({
  name,
  reason,
  run: state => {
    const { roots, fired } = phase(state.roots, state.mode);
    return { ...state, roots, fired: [...state.fired, ...fired] };
  },
});

/** From the declared graph to the graph that is lowered, in order. */
export const PASSES: readonly GraphPass[] = [
  {
    name: "tap",
    reason: "first: values that are differentiated for must survive every rewrite until they have been",
    run: state => ({ ...state, roots: tapTargets(state.roots) }),
  },
  rewriting("canonicalise", "before stabilise: its patterns are written for the canonical form", canonicalise),
  rewriting("stabilise", "before autodiff: derivatives are taken of the stable form", stabilise),
  {
    name: "autodiff",
    reason: "expands requests innermost first; each level is stabilised before it is differentiated again",
    run: state => {
      const fired: Fired[] = [...state.fired];
      let first = true;
      const prepare = (roots: readonly Tensor[]): readonly Tensor[] => {
        // The first level was prepared by the passes before.
        if (first) {
          first = false;
          return roots;
        }
        const a = canonicalise(roots, state.mode);
        const b = stabilise(a.roots, state.mode);
        fired.push(...a.fired, ...b.fired);
        return b.roots;
      };
      const roots = expandRequests(state.roots, prepare);
      for (const { before, after } of guardsIn(roots)) fired.push(new Fired(SAFE_BRANCHES, "stabilise", before, after));
      return { ...state, roots, fired };
    },
  },
  {
    name: "merge loops",
    reason: "right after autodiff: a loop and its copy that saves residuals run the same steps",
    run: state => ({ ...state, roots: mergeScans(state.roots) }),
  },
  {
    name: "improve loops",
    reason:
      "after merging, which wants loops as they were declared; before simplify, which clears up what is left over",
    run: state => ({ ...state, roots: improveLoops(state.roots) }),
  },
  rewriting("simplify", "while composites are whole: cheaper to see through them by name", simplify),
  {
    name: "expand composites",
    reason: "after autodiff, which uses their own gradients",
    run: state => ({ ...state, roots: expandComposites(state.roots) }),
  },
  rewriting("simplify again", "expansion brings new neighbours together", simplify),
];

/** Sees the state after every pass; no pass knows of it. */
export type Observer = (pass: Pass<PassState>, before: PassState, after: PassState) => void;

/** Runs the passes over all functions of a program at once, so that what they share stays shared. */
export function optimizeProgram(
  graph: ProgramGraph,
  mode: NumericMode,
  observe?: Observer,
  initialisers = true,
): { graph: ProgramGraph; fired: readonly Fired[] } {
  const initial = initialisers ? graph.variables.map(v => v.initial) : [];
  const declared = [...graph.functions.flatMap(rootsOf), ...initial];
  const interner = new Interner();
  // What passes make comes from what it replaces, never from where the compiler was called.
  const compiling = <T>(body: () => T): T => withOrigin(null, () => withInterner(interner, body));
  const final = compiling(() => {
    const roots = rebuild(declared, (node, operands) => withOperands(node, operands).outputs);
    let state: PassState = { roots, mode, fired: [] };
    for (const pass of PASSES) {
      const before = state;
      state = pass.run(before);
      observe?.(pass, before, state);
    }
    return state;
  });
  return { graph: withProgramRoots(graph, final.roots, initialisers), fired: final.fired };
}

/** The program with other roots, in the order functions' roots, then initial values. */
export function withProgramRoots(graph: ProgramGraph, roots: readonly Tensor[], initialisers = true): ProgramGraph {
  let next = 0;
  const functions = graph.functions.map(f => {
    const count = rootsOf(f).length;
    next += count;
    return withRoots(f, roots.slice(next - count, next));
  });
  const variables = initialisers ? graph.variables.map(v => ({ ...v, initial: roots[next++] })) : graph.variables;
  return { ...graph, functions, variables };
}
