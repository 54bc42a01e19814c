import { groupBy, type Item } from "./layers.ts";

/** Between neighbours: two boxes, or a box and a passage. */
const BOX_GAP = 18;
const PASSAGE_GAP = 12;
const SCOPE_GAP = 16;
/** Sweeps over all layers that look for an order, and that straighten lines in it; fewer where there is much to sweep. */
const ORDER_SWEEPS = 12;
const PLACE_SWEEPS = 8;
const SWEPT_ITEMS = 300_000;

/** Between the centres of neighbours. */
function distance(a: Item, b: Item): number {
  const gap = a.passage || b.passage ? PASSAGE_GAP : BOX_GAP;
  return (a.width + b.width) / 2 + gap + (a.scope === b.scope ? 0 : SCOPE_GAP);
}

const mean = (items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0) / items.length;

type Side = "above" | "below";

/** Where an item would like to stand: in the middle of what it is tied to. */
const wish = (item: Item, side: Side): number => (item[side].length === 0 ? item.x : mean(item[side], tied => tied.x));

/** Passages pull hard, so that long lines are straight. */
const weight = (item: Item): number => (item.passage ? 40 : 1 + item.above.length + item.below.length);

/**
 * Puts a layer at the positions nearest to `wishes` (weighted least squares) that keep the order and the distances:
 * neighbours that would overlap are pooled into blocks that move as one (pool adjacent violators).
 */
export function place(layer: readonly Item[], wishes: ReadonlyMap<Item, number>): void {
  const blocks: { from: number; at: number; weight: number }[] = [];
  // Offsets turn distances into the order of plain numbers.
  const offsets = [0];
  for (let i = 1; i < layer.length; i++) offsets.push(offsets[i - 1] + distance(layer[i - 1], layer[i]));
  layer.forEach((item, i) => {
    let block = { from: i, at: (wishes.get(item) ?? item.x) - offsets[i], weight: weight(item) };
    for (let last = blocks.at(-1); last && last.at > block.at; last = blocks.at(-1)) {
      const total = last.weight + block.weight;
      block = { from: last.from, at: (last.at * last.weight + block.at * block.weight) / total, weight: total };
      blocks.pop();
    }
    blocks.push(block);
  });
  blocks.forEach(({ from, at }, k) => {
    const end = blocks[k + 1]?.from ?? layer.length;
    for (let i = from; i < end; i++) layer[i].x = at + offsets[i];
  });
}

/** Sorts a layer by wishes, each scope in one run at the mean of its own. */
function sort(layer: Item[], wishes: ReadonlyMap<Item, number>): void {
  const of = (item: Item): number => wishes.get(item) ?? item.x;
  const scopes = new Map([...groupBy(layer, item => item.scope)].map(([scope, items]) => [scope, mean(items, of)]));
  const run = (item: Item): number => (item.scope === "" ? of(item) : (scopes.get(item.scope) ?? 0));
  layer.sort((a, b) => run(a) - run(b) || (a.scope < b.scope ? -1 : a.scope > b.scope ? 1 : 0) || of(a) - of(b));
  number(layer);
}

function number(layer: readonly Item[]): void {
  layer.forEach((item, i) => {
    item.order = i;
  });
}

/** Edges between neighbouring layers that cross: inversions, counted in a tree of partial sums. */
export function crossings(layers: readonly (readonly Item[])[]): number {
  let count = 0;
  layers.slice(1).forEach((layer, k) => {
    const tree = new Array<number>(layer.length + 1).fill(0);
    let seen = 0;
    for (const upper of layers[k]) {
      const ends = upper.below.map(b => b.order + 1);
      for (const end of ends) {
        let before = 0;
        for (let i = end; i > 0; i -= i & -i) before += tree[i];
        count += seen - before;
      }
      for (const end of ends) for (let i = end; i < tree.length; i += i & -i) tree[i]++;
      seen += ends.length;
    }
  });
  return count;
}

/** Orders every layer so that few edges cross, and gives every item its x. */
export function arrange(layers: Item[][]): void {
  const settle = (layer: Item[], side: Side, reorder: boolean): void => {
    const wishes = new Map(layer.map(item => [item, wish(item, side)]));
    if (reorder) sort(layer, wishes);
    place(layer, wishes);
  };
  const sweep = (step: number, reorder: boolean): void => {
    if (step % 2 === 0) for (const layer of layers) settle(layer, "above", reorder);
    else for (const layer of layers.toReversed()) settle(layer, "below", reorder);
  };
  for (const layer of layers) {
    const wishes = new Map(layer.map((item, i) => [item, i]));
    sort(layer, wishes);
    place(layer, wishes);
  }
  const orders = (): Item[][] => layers.map(layer => [...layer]);
  let best = { crossings: Number.POSITIVE_INFINITY, orders: orders() };
  const affordable = Math.max(2, Math.round(SWEPT_ITEMS / layers.flat().length));
  for (let step = 0; step < Math.min(ORDER_SWEEPS, affordable) && best.crossings > 0; step++) {
    sweep(step, true);
    const found = crossings(layers);
    if (found < best.crossings) best = { crossings: found, orders: orders() };
  }
  best.orders.forEach((order, k) => {
    layers[k] = order;
    number(order);
  });
  for (let step = 0; step < Math.min(PLACE_SWEEPS, affordable); step++) sweep(step, false);
}
