import * as Plot from "@observablehq/plot";
import { encode } from "fast-png";
import { parseHTML } from "linkedom";

const { document } = parseHTML("<html><body></body></html>");

/** A plot of Observable Plot as text: HTML with SVG inside, in the colours of the page around it. */
export function plot(options: Plot.PlotOptions): string {
  const size = { width: 420, height: 260, style: { background: "none" } };
  return Plot.plot({ document: document as unknown as Document, ...size, ...options }).outerHTML;
}

/** Curves over the same steps: `{ training: losses, test: losses }`; step i is drawn at `i · every`. */
export function curves(
  series: Readonly<Record<string, ArrayLike<number>>>,
  options: Plot.PlotOptions & { readonly every?: number } = {},
): string {
  const { every = 1, ...rest } = options;
  const names = Object.keys(series);
  const points = names.flatMap(name =>
    Array.from(series[name], (value, i) => ({ name, step: i * every, value })).filter(p => Number.isFinite(p.value)),
  );
  return plot({
    grid: true,
    x: { label: "step" },
    y: { label: names.length === 1 ? names[0] : null },
    color: { legend: names.length > 1, domain: names },
    marks: [Plot.lineY(points, { x: "step", y: "value", stroke: "name" })],
    ...rest,
  });
}

export interface ImagesOptions {
  /** Size of one image, in pixels of the image. */
  readonly width: number;
  readonly height: number;
  /** Images in a row. Default: all. */
  readonly columns?: number;
  /** The values that are black and white. Default: the least and the largest. */
  readonly range?: readonly [number, number];
  /** Pixels of the screen for one of the image. Default 4. */
  readonly scale?: number;
}

/** Grey images, one after the other in `values`, in a grid with a line between them: a PNG in an `<img>`. */
export function images(values: ArrayLike<number>, options: ImagesOptions): string {
  const { width, height, scale = 4 } = options;
  const count = values.length / (width * height);
  const columns = options.columns ?? count;
  const [low, high] = options.range ?? extent(values);
  const [w, h] = [columns * (width + 1) - 1, Math.ceil(count / columns) * (height + 1) - 1];
  const data = new Uint8Array(w * h * 2);
  for (let n = 0; n < count; n++) {
    const [left, top] = [(n % columns) * (width + 1), Math.floor(n / columns) * (height + 1)];
    for (let i = 0; i < width * height; i++) {
      const at = 2 * ((top + Math.floor(i / width)) * w + left + (i % width));
      data[at] = Math.max(
        0,
        Math.min(255, Math.round((255 * (values[n * width * height + i] - low)) / (high - low || 1))),
      );
      data[at + 1] = 255;
    }
  }
  const png = Buffer.from(encode({ width: w, height: h, data, channels: 2, depth: 8 })).toString("base64");
  const size = `width="${w * scale}" height="${h * scale}"`;
  return `<img ${size} style="image-rendering:pixelated" alt="${count} images" src="data:image/png;base64,${png}">`;
}

function extent(values: ArrayLike<number>): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return [low, high];
}

/** Pictures that follow each other; the gallery's page plays them. Each frame is HTML. */
export const film = (frames: readonly string[]): string =>
  `<div class="film">${frames.map(frame => `<div class="frame">${frame}</div>`).join("")}</div>`;

/** Text as it is, in letters of one width. */
export const text = (content: string): string =>
  `<pre>${content.replace(/[&<>]/g, c => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c] ?? c)}</pre>`;
