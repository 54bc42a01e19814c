import type { Attrs } from "../graph/attrs.ts";
import { Interner, type Node, type Region, withInterner } from "../graph/node.ts";
import type { Op } from "../graph/op.ts";
import { addOrigin, mergeOrigins, withOrigin } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import { invariant } from "../shared/errors.ts";
import { formatType, typeEquals } from "../shared/shape.ts";
import { costOf } from "./cost.ts";
import { Fired } from "./fired.ts";
import { Layout } from "./layout.ts";
import { Marks } from "./marks.ts";
import { match } from "./pattern.ts";
import type { GraphView, Phase, Rule } from "./rule.ts";

/** Sweeps over one graph, and firings in a row at one node: generous; reaching them is reported. */
const MAX_SWEEPS = 32;
const MAX_CHAIN = 64;

export interface Optimized {
  readonly roots: readonly Tensor[];
  readonly fired: readonly Fired[];
  /** `fixpoint`: no rule fires any more. */
  readonly stopped: "fixpoint" | "sweep-limit";
  /** How often a rule was tried at a node: what the time is proportional to. */
  readonly attempts: number;
}

const same = <T>(a: readonly T[], b: readonly T[]): boolean => a.every((x, i) => x === b[i]);

/** Rules by the operation at their root, in the order of declaration; rules for any operation belong to each. */
class RuleIndex {
  private readonly rules: readonly Rule[];
  private readonly byOp = new Map<Op, readonly Rule[]>();

  constructor(rules: readonly Rule[]) {
    this.rules = rules;
  }

  for(op: Op): readonly Rule[] {
    let found = this.byOp.get(op);
    if (!found) {
      found = this.rules.filter(r => r.pattern.op === undefined || r.pattern.op === op);
      this.byOp.set(op, found);
    }
    return found;
  }
}

/**
 * Rewrites one graph bottom-up until no rule fires.
 *
 * A rule fires only if the nodes it adds cost no more than those that die by it. A matched node dies if all its users
 * die, so work that somebody else still needs is never duplicated. Stabilising rules are exempt: they pay for accuracy.
 */
class Engine {
  readonly fired: Fired[] = [];
  attempts = 0;
  stopped: Optimized["stopped"] = "fixpoint";
  private readonly index: RuleIndex;
  private readonly phase: Phase;
  private readonly regions = new Map<Region, Region>();

  constructor(rules: readonly Rule[], phase: Phase) {
    this.index = new RuleIndex(rules);
    this.phase = phase;
  }

  run(roots: readonly Tensor[]): readonly Tensor[] {
    const graph = new GraphRewriter(this, this.index, this.phase);
    let current = roots;
    for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
      const before = this.fired.length;
      current = graph.sweep(current);
      // A node that a rule looked for may have come after the place that asked: one more look.
      const again = sweep === 0 && graph.missed;
      if ((this.fired.length === before && !again) || graph.isQuiet(current)) return current;
    }
    this.stopped = "sweep-limit";
    return current;
  }

  /** The body of a region op, rewritten on its own: it stays closed, for rules only use what their left side has. */
  region(region: Region): Region {
    let found = this.regions.get(region);
    if (!found) {
      const results = this.run(region.results);
      found = same(results, region.results) ? region : { parameters: region.parameters, results };
      this.regions.set(region, found);
      this.regions.set(found, found);
    }
    return found;
  }
}

/** The sweeps over the nodes of one graph (the program's, or the body of a region). */
class GraphRewriter implements GraphView {
  private readonly engine: Engine;
  private readonly index: RuleIndex;
  private readonly phase: Phase;
  /** Whether a rule asked for a node that was not there (yet). */
  missed = false;
  private readonly interner = new Interner();
  private readonly marks = new Marks();

  constructor(engine: Engine, index: RuleIndex, phase: Phase) {
    this.engine = engine;
    this.index = index;
    this.phase = phase;
  }

  sweep(roots: readonly Tensor[]): readonly Tensor[] {
    const nodes = topological(roots);
    this.rewriteRegions(nodes);
    const graph = new Layout(nodes, roots);
    this.marks.next();
    for (const node of nodes) this.marks.of(node).before = true;
    /** What stands for the values of the graph, by their numbers. */
    const values: Tensor[] = new Array(graph.uses.length);
    const coming: Node[] = new Array(nodes.length);
    // What a node becomes is known as soon as its operands are. A rule at an earlier node may need to know that it will be
    // there: found out in the next sweep only, a chain of such rewrites would take a sweep for each of its links.
    const announce = (i: number): void => {
      coming[i] = this.intern(nodes[i], graph.operands(i, values));
      this.marks.of(coming[i]).before = true;
    };
    for (let i = 0; i < nodes.length; i++) if (nodes[i].operands.length === 0) announce(i);
    for (let i = 0; i < nodes.length; i++) {
      const next = coming[i];
      const mark = this.marks.of(next);
      mark.live = true;
      for (let k = 0; k < next.outputs.length; k++) {
        values[graph.first[i] + k] = next.outputs[k];
        mark.uses += graph.uses[graph.first[i] + k];
      }
      if (next.outputs.length === 1 && !mark.settled) {
        values[graph.first[i]] = this.rewrite(next.outputs[0]);
      }
      graph.done(i, announce);
    }
    const results = roots.map((_, i) => values[graph.roots[i]]);
    return same(results, roots) ? roots : results;
  }

  /** Whether no rule would fire any more: a look at the nodes that are not settled, which costs less than a sweep. */
  isQuiet(roots: readonly Tensor[]): boolean {
    const nodes = topological(roots);
    if (!this.rewriteRegions(nodes)) return false;
    this.marks.next();
    const open = nodes.filter(node => node.outputs.length === 1 && !this.marks.of(node).settled);
    if (open.length === 0) return true;
    for (const node of nodes) {
      this.marks.of(node).before = true;
      for (const o of node.operands) this.count(o, 1);
    }
    for (const root of roots) this.count(root, 1);
    return open.every(node => !this.step(node.outputs[0], false));
  }

  /** Bodies first, for their own sweeps leave marks too. Says whether they stay as they are. */
  private rewriteRegions(nodes: readonly Node[]): boolean {
    let same = true;
    for (const node of nodes) for (const r of node.regions) if (this.engine.region(r) !== r) same = false;
    return same;
  }

  private count(value: Tensor, change: number): void {
    this.marks.of(value.node).uses += change;
  }

  /** The node with its new operands: an equal node that is there already, or the old node itself where nothing changed. */
  private intern(node: Node, operands: readonly Tensor[]): Node {
    if (node.op.nominal || (this.marks.of(node).settled && same(operands, node.operands))) return node;
    const next = this.interner.renew(
      node,
      operands,
      node.regions.map(r => this.engine.region(r)),
    );
    for (let i = 0; i < next.outputs.length; i++) mergeOrigins(next.outputs[i], node.outputs[i]);
    return next;
  }

  find(op: Op, operands: readonly Tensor[], attrs: Attrs): Tensor | undefined {
    const node = this.interner.find(op, operands, attrs);
    const mark = node && this.marks.of(node);
    if (node && mark && (mark.before || (mark.live && mark.uses > 0))) return node.outputs[0];
    this.missed = true;
    return undefined;
  }

  /** Applies rules at a value until none fires. */
  private rewrite(value: Tensor): Tensor {
    let current = value;
    for (let chain = 0; chain < MAX_CHAIN && !this.marks.of(current.node).settled; chain++) {
      const next = this.step(current);
      if (!next) break;
      current = next;
    }
    return current;
  }

  /** The first right side that may replace a value; it is in the graph then, unless this is just a question. */
  private step(value: Tensor, fires = true): Tensor | undefined {
    let matched = false;
    for (const rule of this.index.for(value.node.op)) {
      this.engine.attempts++;
      const found = match(rule.pattern, value);
      if (!found || (rule.when && !rule.when(found.bindings))) continue;
      matched = true;
      const origin = { kind: "rewrite", rule: rule.name, replaced: value } as const;
      const next = withInterner(this.interner, () => withOrigin(origin, () => rule.build(found.bindings, this)));
      if (!next || next === value) continue;
      invariant(
        typeEquals(next, value),
        `rule ${rule.name} turns ${formatType(value)} into ${formatType(next)}: both sides must be of one type`,
      );
      const dying = this.dying(found.nodes);
      const added = this.added(next, dying);
      if (!this.pays(rule, total(dying) - total(added))) continue;
      if (!fires) return next;
      this.replace(value, next, dying, added);
      // Leaves and constants keep the origins they have: what they stand for now says nothing about them.
      if (next.node.operands.length > 0) {
        addOrigin(next, origin);
        mergeOrigins(next, value);
      }
      this.engine.fired.push(new Fired(rule, this.phase, value, next));
      return next;
    }
    // A match that was turned down may pass once other users are gone.
    if (!matched) this.marks.of(value.node).settled = true;
    return undefined;
  }

  /** Whether a rewrite that saves this much may fire. Other rounding has to be bought with less work. */
  private pays(rule: Rule, saved: number): boolean {
    if (this.phase === "stabilise") return true;
    return rule.contract === "reassociates" ? saved > 0 : saved >= 0;
  }

  /** Matched nodes that nobody needs once the first of them is replaced. */
  private dying(nodes: readonly Node[]): Set<Node> {
    const dead = new Set<Node>([nodes[0]]);
    for (let grew = true; grew; ) {
      grew = false;
      for (const node of nodes) {
        if (dead.has(node) || node.op.nominal) continue;
        let reads = 0;
        for (const d of dead) for (const o of d.operands) if (o.node === node) reads++;
        if (reads >= this.marks.of(node).uses) {
          dead.add(node);
          grew = true;
        }
      }
    }
    return dead;
  }

  /** The nodes below a value that the graph lacks, or would lack without it. */
  private added(value: Tensor, dying: ReadonlySet<Node>): Set<Node> {
    const nodes = new Set<Node>();
    const stack = [value.node];
    for (let node = stack.pop(); node; node = stack.pop()) {
      const { live, before } = this.marks.of(node);
      const there = node.op.nominal || ((live || before) && !dying.has(node));
      if (there || nodes.has(node)) continue;
      nodes.add(node);
      for (const o of node.operands) stack.push(o.node);
    }
    return nodes;
  }

  private replace(old: Tensor, next: Tensor, dying: ReadonlySet<Node>, added: ReadonlySet<Node>): void {
    const users = this.marks.of(old.node).uses;
    for (const node of dying) {
      const mark = this.marks.of(node);
      mark.live = false;
      mark.before = false;
      for (const o of node.operands) this.count(o, -1);
    }
    for (const node of added) {
      this.marks.of(node).live = true;
      for (const o of node.operands) this.count(o, 1);
    }
    this.count(old, -users);
    this.count(next, users);
  }
}

const total = (nodes: Iterable<Node>): number => {
  let sum = 0;
  for (const node of nodes) sum += costOf(node);
  return sum;
};

/**
 * Rewrites the graph below the roots, bodies of regions included, until no rule fires. The time is linear in the number
 * of nodes per sweep; chains settle in one sweep because operands come first.
 */
export function optimize(
  roots: readonly Tensor[],
  options: { readonly rules: readonly Rule[]; readonly phase: Phase },
): Optimized {
  const engine = new Engine(options.rules, options.phase);
  const result = engine.run(roots);
  return { roots: result, fired: engine.fired, stopped: engine.stopped, attempts: engine.attempts };
}
