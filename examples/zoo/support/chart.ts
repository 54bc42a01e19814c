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

/** A group of cells. Of a large layer a few cells stand for all. */
export interface Layer {
  readonly kind: CellKind;
  readonly cells: number;
  /** Cells of the layer are joined with each other; `sparse`: some of them with some. */
  readonly mutual?: boolean | "sparse";
  /** To which other layers lines go, besides the next one: by their numbers. Those that go back are dashed. */
  readonly skips?: readonly number[];
  /**
   * How the cells stand. A grid joins neighbours, a tape is a memory of slots. Default: a column, and a circle for five or
   * more cells that are joined with each other.
   */
  readonly shape?: "column" | "circle" | "grid" | "tape";
  /** A few letters below the layer: `8 × 8`. */
  readonly label?: string;
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
