/** Cells of the well-known chart of neural networks (F. van Veen, The Asimov Institute, 2016), by what they do. */
export type CellKind =
  | "input"
  | "backfed input"
  | "noisy input"
  | "hidden"
  | "probabilistic hidden"
  | "spiking hidden"
  | "capsule"
  | "output"
  | "match input output"
  | "recurrent"
  | "memory"
  | "gated memory"
  | "kernel"
  | "convolution";

type Mark = "circle" | "triangle" | "none";

const LOOK: Readonly<Record<CellKind, readonly [colour: string, mark: Mark]>> = {
  input: ["#f2e233", "none"],
  "backfed input": ["#f2e233", "circle"],
  "noisy input": ["#f2e233", "triangle"],
  hidden: ["#6cc24a", "none"],
  "probabilistic hidden": ["#6cc24a", "circle"],
  "spiking hidden": ["#6cc24a", "triangle"],
  capsule: ["#6cc24a", "circle"],
  output: ["#e8743b", "none"],
  "match input output": ["#e8743b", "circle"],
  recurrent: ["#4fa3e0", "none"],
  memory: ["#4fa3e0", "circle"],
  "gated memory": ["#4fa3e0", "triangle"],
  kernel: ["#c77fc9", "none"],
  convolution: ["#c77fc9", "circle"],
};

/** A column of cells. Of a large layer a few cells stand for all. */
export interface Layer {
  readonly kind: CellKind;
  readonly cells: number;
  /** Cells of the layer are joined with each other. */
  readonly mutual?: boolean;
  /** To which later layers lines go, besides the next one: by their numbers. */
  readonly skips?: readonly number[];
}

/** How the lines to the next layer run: each to each, each to its own, or each to its neighbours. */
export type Links = "full" | "single" | "near" | "sparse" | "none";

export interface Picture {
  readonly layers: readonly Layer[];
  readonly links: readonly Links[];
}

export const layer = (kind: CellKind, cells: number, more: Omit<Layer, "kind" | "cells"> = {}): Layer => ({
  kind,
  cells,
  ...more,
});

/** A network of layers from left to right. `links` between them, by default each cell to each. */
export const network = (layers: readonly Layer[], links: readonly Links[] = []): Picture => ({
  layers,
  links: layers.slice(1).map((_, i) => links[i] ?? "full"),
});

const STEP = 56;
const GAP = 30;
const RADIUS = 10;

type Point = readonly [x: number, y: number];

const joined = (links: Links, i: number, n: number, j: number, m: number): boolean => {
  if (links === "none") return false;
  if (links === "full") return true;
  // Layers of different length: cells at about the same height are each other's own.
  const apart = Math.abs(i - (n - 1) / 2 - (j - (m - 1) / 2));
  if (links === "single") return apart < 0.75;
  if (links === "near") return apart < 1.25;
  return (i * 7 + j * 5) % 3 !== 0;
};

const line = ([x, y]: Point, [u, v]: Point): string => `<line x1="${x}" y1="${y}" x2="${u}" y2="${v}"/>`;

/** The picture as SVG, on any ground. */
export function chartSvg({ layers, links }: Picture): string {
  const most = Math.max(...layers.map(l => l.cells));
  const [width, height] = [layers.length * STEP, (most + (layers.some(l => l.skips) ? 1 : 0)) * GAP];
  const places = layers.map((l, x) =>
    Array.from({ length: l.cells }, (_, i): Point => [(x + 0.5) * STEP, height / 2 + (i - (l.cells - 1) / 2) * GAP]),
  );
  const lines = layers.flatMap((l, x) => [
    ...places[x].flatMap((from, i) =>
      (places[x + 1] ?? []).flatMap((to, j) =>
        joined(links[x], i, l.cells, j, layers[x + 1].cells) ? [line(from, to)] : [],
      ),
    ),
    ...(l.mutual ? mutual(places[x]) : []),
    ...(l.skips ?? []).map(to => bow(places[x][0], places[to][0])),
  ]);
  const cells = layers.flatMap((l, x) => places[x].map(at => cell(l.kind, at)));
  return (
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" class="network">` +
    `<title>${layers.map(l => `${l.cells} ${l.kind}`).join(", ")}</title>` +
    `<g stroke="currentColor" stroke-opacity="0.35" fill="none">${lines.join("")}</g>${cells.join("")}</svg>`
  );
}

const mutual = (places: readonly Point[]): string[] =>
  places.slice(1).flatMap((b, i) => places.slice(0, i + 1).map(a => bow(a, b)));

/** A curve past what lies between two places. */
function bow([x, y]: Point, [u, v]: Point): string {
  const [side, lift] = x === u ? [0.35 * Math.abs(v - y), 0] : [0, -1.6 * GAP];
  return `<path d="M${x},${y}Q${(x + u) / 2 + side},${(y + v) / 2 + lift} ${u},${v}"/>`;
}

function cell(kind: CellKind, [x, y]: Point): string {
  const [colour, mark] = LOOK[kind];
  const inner =
    mark === "circle"
      ? `<circle cx="${x}" cy="${y}" r="${RADIUS / 2}" fill="none"/>`
      : mark === "triangle"
        ? `<path d="M${x},${y - 5}L${x + 5},${y + 4}L${x - 5},${y + 4}Z" fill="none"/>`
        : "";
  return `<g stroke="#0008"><circle cx="${x}" cy="${y}" r="${RADIUS}" fill="${colour}"/>${inner}</g>`;
}
