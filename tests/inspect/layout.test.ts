import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrange, crossings, place } from "../../src/inspect/arrange.ts";
import { type Item, type LayoutEdge, type LayoutNode, layered, ranksOf } from "../../src/inspect/layers.ts";
import { type Layout, layout, type Place, type Point } from "../../src/inspect/layout.ts";
import { present } from "../../src/shared/errors.ts";

interface Drawn {
  readonly nodes: readonly LayoutNode[];
  readonly edges: readonly LayoutEdge[];
}

const node = (id: number | string, scope = "", width = 60): LayoutNode => ({ id: `n${id}`, width, height: 30, scope });
const edge = (from: number | string, to: number | string): LayoutEdge => ({ from: `n${from}`, to: `n${to}` });

/** Graphs with scopes, double edges and long edges; nodes come operands first. */
const graphs: fc.Arbitrary<Drawn> = fc
  .array(
    fc.record({
      scope: fc.constantFrom("", "", "a", "b"),
      width: fc.integer({ min: 44, max: 200 }),
      height: fc.integer({ min: 24, max: 52 }),
      operands: fc.array(fc.nat(), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 24 },
  )
  .map(drawn => ({
    nodes: drawn.map((n, i) => ({ ...n, id: `n${i}` })),
    edges: drawn.flatMap((n, i) => (i === 0 ? [] : n.operands.map(o => edge(o % i, i)))),
  }));

const inside = ({ x, y }: Point, p: Place, by = 0): boolean =>
  Math.abs(x - p.x) < p.width / 2 - by && Math.abs(y - p.y) < p.height / 2 - by;

const PARTS = Array.from({ length: 33 }, (_, i) => i / 32);

/** Even-odd rule. */
function covers(outline: readonly Point[], { x, y }: Point): boolean {
  let odd = false;
  outline.forEach((a, i) => {
    const b = outline[(i + 1) % outline.length];
    if (a.y > y !== b.y > y && x < a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x)) odd = !odd;
  });
  return odd;
}

const placeOf = (drawing: Layout, id: string): Place => present(drawing.places.get(id));
const onGraphs = (property: (drawn: Drawn, drawing: Layout) => void): void =>
  fc.assert(
    fc.property(graphs, drawn => property(drawn, layout(drawn.nodes, drawn.edges))),
    { numRuns: 300 },
  );

describe("a drawing", () => {
  it("has every box inside of it, and no two that overlap", () => {
    onGraphs(({ nodes }, drawing) => {
      const boxes = nodes.map(n => placeOf(drawing, n.id));
      expect(boxes).toMatchObject(nodes.map(({ width, height }) => ({ width, height })));
      const sides = boxes.map(p => [p.x - p.width / 2, p.y - p.height / 2, p.x + p.width / 2, p.y + p.height / 2]);
      expect(sides.every(([left, top]) => left > 0 && top > 0)).toBe(true);
      expect(sides.every(([, , right, bottom]) => right < drawing.width && bottom < drawing.height)).toBe(true);
      const overlaps = sides.flatMap(([left, top, right, bottom], i) =>
        sides.slice(i + 1).filter(([l, t, r, b]) => l < right && left < r && t < bottom && top < b),
      );
      expect(overlaps).toEqual([]);
    });
  });

  it("has a line for every edge, from its box or a line of its box, down to its user", () => {
    onGraphs(({ edges }, drawing) => {
      expect(drawing.paths).toHaveLength(edges.length);
      edges.forEach(({ from, to }, i) => {
        const path = drawing.paths[i];
        const [first, last] = [path[0], path[path.length - 1]];
        const [upper, lower] = [placeOf(drawing, from), placeOf(drawing, to)];
        expect(path.slice(1).every((p, k) => p.y > path[k].y)).toBe(true);
        expect(last.y).toBeCloseTo(lower.y - lower.height / 2);
        expect(Math.abs(last.x - lower.x)).toBeLessThan(lower.width / 2);
        if (first.y === upper.y + upper.height / 2) {
          expect(first.x).toBeCloseTo(upper.x);
          return;
        }
        const trunks = edges.flatMap((e, k) => (e.from === from && k !== i ? [drawing.paths[k]] : []));
        expect(trunks.some(trunk => passes(trunk, first))).toBe(true);
      });
    });
  });

  it("has no line through a box", () => {
    onGraphs(({ nodes }, drawing) => {
      for (const path of drawing.paths) {
        const met = path.slice(1).flatMap((b, k) => {
          const a = path[k];
          const points = PARTS.map(part => ({ x: a.x + part * (b.x - a.x), y: a.y + part * (b.y - a.y) }));
          return nodes.filter(n => points.some(p => inside(p, placeOf(drawing, n.id), 0.2)));
        });
        expect(met).toEqual([]);
      }
    });
  });

  it("covers the boxes of a scope, and no others, with the areas of the scope", () => {
    onGraphs(({ nodes }, drawing) => {
      for (const n of nodes) {
        const p = placeOf(drawing, n.id);
        const corners = [-0.49, 0.49].flatMap(h =>
          [-0.49, 0.49].map(v => ({ x: p.x + h * p.width, y: p.y + v * p.height })),
        );
        for (const corner of [...corners, p]) {
          const scopes = drawing.areas.filter(a => covers(a.outline, corner)).map(a => a.scope);
          expect(scopes).toEqual(n.scope === "" ? [] : [n.scope]);
        }
      }
    });
  });

  it("is the same every time", () => {
    onGraphs(({ nodes, edges }, drawing) => {
      expect(layout(nodes, edges)).toEqual(drawing);
    });
  });

  it("takes graphs of thousands of nodes, and values with thousands of users", () => {
    const count = 5000;
    const nodes = Array.from({ length: count }, (_, i) => node(i));
    const chain = nodes.slice(1).map((_, i) => edge(i, i + 1));
    const fan = nodes.slice(1).map((_, i) => edge(0, i + 1));
    expect(layout(nodes, chain).places.size).toBe(count);
    expect(layout(nodes, fan).places.size).toBe(count);
    expect(layout([], []).places.size).toBe(0);
  });
});

/** Whether a line goes through a point. */
const passes = (path: readonly Point[], p: Point): boolean =>
  path.slice(1).some((b, k) => {
    const a = path[k];
    return a.y <= p.y && p.y <= b.y && Math.abs(a.x + ((p.y - a.y) / (b.y - a.y)) * (b.x - a.x) - p.x) < 0.2;
  });

describe("layers", () => {
  it("put operands above users", () => {
    fc.assert(
      fc.property(graphs, ({ nodes, edges }) => {
        const ranks = ranksOf(nodes, edges);
        for (const { from, to } of edges) expect(present(ranks.get(to))).toBeGreaterThan(present(ranks.get(from)));
        expect(Math.min(...ranks.values())).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("put what is read late above its user, with what it alone reads", () => {
    // 0 → 1 → 2 → 3, and 4 → 5 → 3.
    const ids = [0, 1, 2, 4, 5, 3];
    const edges = [edge(0, 1), edge(1, 2), edge(2, 3), edge(4, 5), edge(5, 3)];
    const ranks = ranksOf(
      ids.map(i => node(i)),
      edges,
    );
    expect([0, 1, 2, 3, 4, 5].map(i => ranks.get(`n${i}`))).toEqual([0, 1, 2, 3, 1, 2]);
  });
});

const stateOf = ({ nodes, edges }: Drawn): Item[][] => {
  const { layers } = layered(nodes, edges);
  arrange(layers);
  return layers;
};

describe("orders", () => {
  it("are counted by their crossings as the definition says", () => {
    fc.assert(
      fc.property(graphs, drawn => {
        const layers = stateOf(drawn);
        let expected = 0;
        for (const layer of layers) {
          const ties = layer.flatMap(upper => upper.below.map(lower => [upper.order, lower.order]));
          for (const [a, b] of ties) for (const [c, d] of ties) if (a < c && b > d) expected++;
        }
        expect(crossings(layers)).toBe(expected);
      }),
    );
  });

  it("have no crossing where a tree or parallel chains need none", () => {
    // Declared from left to right, right to left, in turns.
    const tree = Array.from({ length: 31 }, (_, i) => 30 - i);
    const up = tree.slice(0, -1).map(i => edge(i, Math.floor((i - 1) / 2)));
    expect(crossings(stateOf({ nodes: tree.map(i => node(i)), edges: up }))).toBe(0);
    const turns = Array.from({ length: 5 }, (_, k) => [0, 1, 2, 3].map(i => ({ i, k }))).flatMap((row, k) =>
      k % 2 === 0 ? row : row.toReversed(),
    );
    const chains = turns.flatMap(({ i, k }) => (k === 0 ? [] : [edge(`${i}.${k - 1}`, `${i}.${k}`)]));
    expect(crossings(stateOf({ nodes: turns.map(({ i, k }) => node(`${i}.${k}`)), edges: chains }))).toBe(0);
  });

  it("are far better than the order of declaration", () => {
    let [before, after] = [0, 0];
    fc.assert(
      fc.property(graphs, ({ nodes, edges }) => {
        const plain = nodes.map(n => ({ ...n, scope: "" }));
        const { layers } = layered(plain, edges);
        for (const layer of layers) for (const [i, item] of layer.entries()) item.order = i;
        before += crossings(layers);
        after += crossings(stateOf({ nodes: plain, edges }));
      }),
      { seed: 1, numRuns: 200 },
    );
    expect(before).toBeGreaterThan(300);
    expect(after).toBeLessThan(before / 2);
  });
});

it("positions in a layer are the nearest to the wishes that keep order and distances", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -200, max: 200 }), { minLength: 1, maxLength: 8 }),
      fc.nat(),
      (wants, seed) => {
        const { layers } = layered(
          wants.map((_, i) => node(i, "", 40 + 10 * (i % 3))),
          [],
        );
        const [items] = layers;
        const wishes = new Map(items.map((item, i) => [item, wants[i]]));
        place(items, wishes);
        const x = items.map(i => i.x);
        const error = (xs: readonly number[]): number => xs.reduce((sum, at, i) => sum + (at - wants[i]) ** 2, 0);
        const gaps = items.slice(1).map((item, i) => (item.width + items[i].width) / 2 + 18);
        expect(gaps.every((gap, i) => x[i + 1] - x[i] > gap - 1e-6)).toBe(true);
        // No feasible point nearby is better; the problem is convex.
        fc.assert(
          fc.property(
            fc.array(fc.integer({ min: -8, max: 8 }), { minLength: x.length, maxLength: x.length }),
            steps => {
              const near = x.map((at, i) => at + steps[i] / 8);
              if (gaps.every((gap, i) => near[i + 1] - near[i] >= gap))
                expect(error(near)).toBeGreaterThan(error(x) - 1e-6);
            },
          ),
          { seed, numRuns: 50 },
        );
      },
    ),
  );
});
