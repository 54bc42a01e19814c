// The Kohonen map: cells on a grid compete for every example; the nearest one wins, and it and its neighbours move
// towards the example: wₖ ← wₖ + η·h(k, winner)·(x − wₖ). In the end neighbours on the grid answer to what is alike.
// T. Kohonen, Self-organized formation of topologically correct feature maps, Biological Cybernetics 43 (1982).
// Trained on points of a square, on irises and on digits, without labels. Reached: quantisation errors of 14 % of
// those before, topographic errors of 0 to 3 %. Time: 2 s.
import * as g from "gradc";
import { arange, indexAt, input, param, program, set, state, type Tensor } from "gradc";
import { layer, network } from "./support/chart.ts";
import { centred, digits, endless, iris, standardised, type Table } from "./support/data.ts";
import type { Lab } from "./support/lab.ts";
import { names, ridges, sheet } from "./support/maps.ts";
import { curves, film, images } from "./support/plot.ts";
import { atMost, zooRow } from "./support/row.ts";

const N = g.dim("N", { max: 1438 });

interface MapOptions {
  /** Cells of a side of the map. */
  readonly side: number;
  /** Numbers of an example. */
  readonly width: number;
  /** How many examples are shown in all. */
  readonly shown: number;
}

function kohonenMap({ side, width, shown }: MapOptions) {
  const cells = side * side;
  const w = param("cells", [cells, width], g.uniformInit({ low: -0.1, high: 0.1 }));
  const time = state("time", g.zeros([]));
  const place = arange(cells, "f32");
  const [row, column] = [place.div(side).floor(), place.sub(place.div(side).floor().mul(side))];

  // Rate and radius shrink exponentially.
  const shrinking = (from: number, to: number, t: Tensor<"f32">) =>
    t
      .mul(Math.log(to / from) / shown)
      .exp()
      .mul(from);
  const learned = (w: Tensor<"f32">, x: Tensor<"f32">, t: Tensor<"f32">) => {
    const winner = x.sub(w).square().sum(1).argmin(0);
    const apart = row
      .sub(row.gather(winner))
      .square()
      .add(column.sub(column.gather(winner)).square());
    const h = apart
      .div(
        shrinking(side / 2, 0.5, t)
          .square()
          .mul(-2),
      )
      .exp();
    return w.add(
      h
        .mul(shrinking(0.5, 0.02, t))
        .expandDims(1)
        .mul(x.sub(w)),
    );
  };
  const x = input("x", [N, width]);
  const { carry } = g.scan(({ w, t }, x) => ({ carry: { w: learned(w, x, t), t: t.add(1) } }), { w, t: time }, x);

  // How far an example is from its cell, and whether the second nearest is one of the eight cells around the nearest.
  const distances = x.expandDims(1).sub(w).square().sum(2);
  const { values, indices } = g.topK(distances.neg(), 2);
  const [best, second] = [indexAt(indices, 0, 1), indexAt(indices, 1, 1)];
  const far = (of: Tensor<"f32">) => of.gather(best).sub(of.gather(second)).abs().gt(1);
  const quantisation = indexAt(values, 0, 1).neg().sqrt().mean();
  const topographic = far(row).or(far(column)).cast("f32").mean();
  return program("kohonenMap", {
    learn: { inputs: [x], outputs: {}, updates: [set(w, carry.w), set(time, carry.t)] },
    map: { inputs: [x], outputs: { best, quantisation, topographic } },
  });
}

const model = kohonenMap({ side: 10, width: 2, shown: 20_000 });
export default model;

/** A map that has seen `shown` examples of a table in random order; `look` is called before, at ten times, and after. */
async function trainedMap(lab: Lab, table: Table, options: MapOptions, look?: (cells: Float32Array) => void) {
  const net = await lab.compile(kohonenMap(options));
  const cells = (): Float32Array => net.variables.cells.get() as Float32Array;
  const before = net.map({ x: table.x });
  const examples = endless(table, options.shown / 100, lab.random);
  const errors: number[] = [];
  for (const step of lab.steps(100)) {
    if (step % 10 === 0) look?.(cells());
    net.learn({ x: examples.next().value.x });
    errors.push(net.map({ x: table.x }).quantisation);
  }
  look?.(cells());
  return { ...net.map({ x: table.x }), before, cells: cells(), errors };
}

export const row = zooRow({
  number: 25,
  title: "Kohonen map (KN)",
  published: "T. Kohonen, Biological Cybernetics 43 (1982)",
  about:
    "Cells stand on a sheet and compete for the examples. The winner learns, and so do its neighbours on the sheet, fewer " +
    "and fewer of them. Without any label the sheet spreads over what there is, and what is alike comes to lie side by side.",
  chart: network([layer("input", 2), layer("hidden", 9, { shape: "grid" })]),
  program: model,
  figures: {
    square: { what: "square, 10×10 cells: quantisation error, as a share of that before", bar: atMost(0.2), unit: "%" },
    squareTorn: { what: "square: topographic error", bar: atMost(0.1), unit: "%" },
    iris: { what: "irises, 10×10 cells: quantisation error, as a share of that before", bar: atMost(0.2), unit: "%" },
    irisTorn: { what: "irises: topographic error", bar: atMost(0.1), unit: "%" },
    digitsTorn: { what: "digits, 16×16 cells: topographic error", bar: atMost(0.1), unit: "%" },
  },
  async show(lab) {
    const frames = { square: [] as string[], digits: [] as string[] };
    const points = Float32Array.from({ length: 2 * 1438 }, () => lab.random.uniform() - 0.5);
    const plane: Table = { x: points, label: new Int32Array(1438), width: 2, length: 1438 };
    const square = await trainedMap(lab, plane, { side: 10, width: 2, shown: 20_000 }, cells =>
      frames.square.push(sheet(cells, 10)),
    );
    const flowers = standardised(iris());
    const irises = await trainedMap(lab, flowers, { side: 10, width: 4, shown: 15_000 });
    const { train } = digits();
    const written = await trainedMap(lab, centred(train), { side: 16, width: 64, shown: 14_000 }, cells =>
      frames.digits.push(images(cells, { width: 8, height: 8, columns: 16, scale: 3 })),
    );
    return {
      figures: {
        square: square.quantisation / square.before.quantisation,
        squareTorn: square.topographic,
        iris: irises.quantisation / irises.before.quantisation,
        irisTorn: irises.topographic,
        digitsTorn: written.topographic,
      },
      exhibits: [
        { title: "A sheet spreads over a square", caption: "Lines join neighbours.", html: film(frames.square) },
        {
          title: "Irises on the map",
          caption:
            "Dots: flowers where they belong, in the colours of their species. Dark: cells far from their neighbours.",
          html: ridges(irises.cells, 10, irises.best, flowers.label),
        },
        { title: "Digits find their places", html: film(frames.digits) },
        {
          title: "Which digit each cell answers to",
          caption: "The digit most often at a cell; the map never heard of names.",
          html: names(written.best, train.label, 16),
        },
        { title: "Quantisation error", html: curves({ square: square.errors, irises: irises.errors }) },
      ],
    };
  },
});
