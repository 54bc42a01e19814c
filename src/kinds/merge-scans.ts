import { attrKey } from "../graph/attrs.ts";
import { createNode, type Node, type Region } from "../graph/node.ts";
import { mergeOrigins } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { rebuild, topological, withOperands } from "../graph/traverse.ts";
import { replaceWithin } from "./closure.ts";
import { isLowerable } from "./form.ts";
import type { ScanAttrs } from "./region.ts";

const isScan = (node: Node): boolean =>
  isLowerable(node.op) && node.op.kind === "region" && node.op.form(node).form === "scan";

const id = (value: Tensor): string => `${value.node.id}.${value.index}`;

/** Loops that carry the same over the same operands: they differ in what they stack. */
interface Family {
  readonly region: Region;
  /** The first member. */
  readonly first: Node;
  /** Everything that a member stacks, over the region's parameters. */
  readonly stacked: Set<Tensor>;
  members: number;
}

/** The results of a loop over another loop's parameters (the same nodes where an interner is active). */
const over = (region: Region, { parameters }: Region): Tensor[] =>
  replaceWithin(region.results, new Map(region.parameters.map((p, k) => [p, parameters[k]])));

/** Do two loops over the same values end under the same condition, if any? */
const sameEnd = (a: Node, b: Node): boolean =>
  b.regions.slice(1).every((end, k) => {
    const other = a.regions[k + 1];
    return other === end || over(end, other).every((result, i) => result === other.results[i]);
  });

const carriesOf = (node: Node): number => (node.attrs as ScanAttrs).carries;

interface Member {
  readonly family: Family;
  /** The member's stacked results, over the family's parameters. */
  readonly stacked: readonly Tensor[];
}

function familiesOf(scans: readonly Node[]): Map<Node, Member> {
  const families = new Map<string, Family[]>();
  const members = new Map<Node, Member>();
  for (const node of scans) {
    const [region] = node.regions;
    const carries = carriesOf(node);
    const key = [node.op.name, attrKey(node.attrs), ...node.operands.map(id)].join();
    const known = families.get(key) ?? [];
    families.set(key, known);
    let results: readonly Tensor[] = region.results;
    let family = known.find(f => {
      results = f.region === region ? region.results : over(region, f.region);
      return f.region.results.slice(0, carries).every((carry, k) => carry === results[k]) && sameEnd(f.first, node);
    });
    if (!family) {
      family = { region, first: node, stacked: new Set(), members: 0 };
      known.push(family);
      results = region.results;
    }
    const stacked = results.slice(carries);
    for (const value of stacked) family.stacked.add(value);
    family.members++;
    members.set(node, { family, stacked });
  }
  return members;
}

/** One round; null where nothing merges. */
function mergeOnce(roots: readonly Tensor[]): readonly Tensor[] | null {
  const members = familiesOf(topological(roots).filter(isScan));
  if (![...members.values()].some(m => m.family.members > 1)) return null;
  const made = new Map<Family, Node>();
  return rebuild(roots, (node, operands) => {
    const member = members.get(node);
    if (!member || member.family.members < 2) {
      return operands.every((o, k) => o === node.operands[k]) ? node.outputs : withOperands(node, operands).outputs;
    }
    const { family } = member;
    const carries = carriesOf(node);
    const all = [...family.stacked];
    let loop = made.get(family);
    if (!loop) {
      const results = [...family.region.results.slice(0, carries), ...all];
      loop = createNode(node.op, operands, node.attrs, [{ ...family.region, results }, ...node.regions.slice(1)]);
      made.set(family, loop);
    }
    const { outputs } = loop;
    return node.outputs.map((old, k) => {
      const output = outputs[k < carries ? k : carries + all.indexOf(member.stacked[k - carries])];
      mergeOrigins(output, old);
      return output;
    });
  });
}

/** Merges the loops in bodies. */
function mergeInside(roots: readonly Tensor[]): readonly Tensor[] {
  if (!topological(roots).some(n => n.regions.length > 0)) return roots;
  return rebuild(roots, (node, operands) => {
    const regions = node.regions.map(region => {
      const results = mergeScans(region.results);
      return results.every((r, k) => r === region.results[k]) ? region : { ...region, results };
    });
    const same = regions.every((r, k) => r === node.regions[k]) && operands.every((o, k) => o === node.operands[k]);
    return same ? node.outputs : withOperands(node, operands, regions).outputs;
  });
}

/**
 * Makes one loop of loops that differ only in what they stack. The derivative of a loop runs it anew to save residuals,
 * so that the original and its copies are one again here. Merging one pair can make the operands of another equal: goes
 * on until nothing merges. Best under an interner, which makes equal bodies the same nodes.
 */
export function mergeScans(roots: readonly Tensor[]): readonly Tensor[] {
  let current = mergeInside(roots);
  for (let next = mergeOnce(current); next; next = mergeOnce(current)) current = next;
  return current;
}
