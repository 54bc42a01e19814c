import * as Plot from "@observablehq/plot";
import type { NetVariable } from "gradc";
import type { Table } from "./data.ts";
import { type ImageClassifier, POINT } from "./image-classifier.ts";
import { curves, plot } from "./plot.ts";
import type { Exhibit } from "./row.ts";
import { exhibit } from "./time.ts";

type Momentum = Pick<ImageClassifier, "train"> & { readonly variables: Readonly<Record<string, NetVariable>> };

/** The gradients of all parameters that a name fits, from the first step of momentum: velocities begin with 0. */
export function gradientsOf(net: Momentum, { x, label }: Table, fits = /./): ArrayLike<number>[] {
  net.train({ x, label });
  const velocity = (name: string): string => `momentum.${name}.velocity`;
  return Object.keys(net.variables)
    .filter(name => velocity(name) in net.variables && fits.test(name))
    .map(name => net.variables[velocity(name)].get() as ArrayLike<number>);
}

/** The root mean square of the gradient of each layer's weights, in the order of their declaration. */
export const gradientSizes = (net: Momentum, batch: Table): number[] =>
  gradientsOf(net, batch, /\.w$/).map(values =>
    Math.sqrt(Array.from(values).reduce((sum, v) => sum + v * v, 0) / values.length),
  );

type Curves = Readonly<Record<string, readonly number[]>>;

/** Training losses of several networks; `shares` of the test digits they name right. */
export const trained = (losses: Curves, shares: readonly number[]): Exhibit =>
  exhibit(
    "Training loss",
    Object.keys(losses)
      .map((name, i) => `${name}: ${(100 * shares[i]).toFixed(1)} % of the test digits`)
      .join("; "),
    curves(losses, { every: POINT }),
  );

export const gradientsByLayer = (sizes: Curves): Exhibit =>
  exhibit(
    "How large the gradient is in each layer before the first step",
    "Root mean square over the layer's weights, the first layer at the left.",
    curves(sizes, { x: { label: "layer" }, y: { type: "log", label: "gradient" } }),
  );

/** Compile times of networks that differ in depth alone, beside a straight line through the origin and the last. */
export const timesOfDepths = (depths: readonly number[], seconds: readonly number[]): Exhibit =>
  exhibit(
    "How long it takes to compile so many layers",
    `${depths.map((depth, i) => `${depth} layers: ${seconds[i].toFixed(2)} s`).join("; ")}. The least of three times; dashed: in proportion to the last.`,
    plot({
      grid: true,
      x: { label: "layers", domain: [0, Math.max(...depths)] },
      y: { label: "seconds" },
      marks: [
        Plot.line(
          [
            [0, 0],
            [depths.at(-1) ?? 0, seconds.at(-1) ?? 0],
          ],
          { stroke: "#999", strokeDasharray: "4 3" },
        ),
        Plot.lineY(depths, { x: depths, y: seconds, marker: "dot", stroke: "#4269d0" }),
      ],
    }),
  );
