import { add, dim, grad, input, mean, param, program, square, sub, type Tensor, tanh } from "gradc";
import { dense, parameters, sgd } from "gradc/nn";
import { layer, network } from "../../examples/zoo/support/chart.ts";
import { curves, film, images } from "../../examples/zoo/support/plot.ts";
import { atLeast, atMost, type Row, zooRow } from "../../examples/zoo/support/row.ts";

const B = dim("B", { max: 8 });

/** Regression through so many layers. */
function regression(depth: number) {
  const x = input("x", [B, 4]);
  const y = input("y", [B, 4]);
  let hidden: Tensor<"f32"> = x;
  for (let i = 0; i < depth; i++) hidden = add(hidden, dense(hidden, 4, { name: `layer${i}`, activation: tanh }));
  const loss = mean(square(sub(hidden, y)));
  const params = parameters(loss);
  return program("regression", {
    train: { inputs: [x, y], outputs: { loss }, updates: sgd({ learningRate: 0.1 })(params, grad(loss, params)) },
  });
}

const common = { published: "Someone, in a journal <1958>", about: "Regression & more." };

/** Learns a little, and shows a curve, an image and a film of three frames. */
export const shallow: Row = zooRow({
  ...common,
  number: 2,
  title: "Shallow network",
  chart: network([
    layer("input", 4),
    layer("recurrent", 3, { skips: [0] }),
    layer("output", 2, { label: "2 classes" }),
  ]),
  program: regression(2),
  figures: {
    loss: { what: "loss after ten steps", bar: atMost(10), reference: "a library: 9.5" },
    seed: { what: "the seed, which has to be at least 2", bar: atLeast(2) },
    missing: { what: "what needs data that are not there", bar: atLeast(0.9), unit: "%", needs: "mnist10k" },
  },
  async show(lab) {
    const net = await lab.compile(shallow.program);
    const losses: number[] = [];
    for (const _ of lab.steps(10)) {
      const { loss } = net.train({ x: new Float32Array(32).fill(0.5), y: new Float32Array(32) });
      losses.push(Number(loss));
    }
    const frame = (k: number): string => images(Float32Array.of(0, 1, k, 3), { width: 2, height: 2 });
    return {
      figures: { loss: losses[9], seed: lab.seed, missing: undefined },
      exhibits: [
        { title: "Loss", caption: "It falls.", html: curves({ losses }) },
        { title: "A film", html: film([0, 1, 2].map(frame)) },
      ],
    };
  },
});

/** Its graphs are too large to be drawn operation by operation. */
export const deep: Row = zooRow({
  ...common,
  number: 3,
  title: "Deep network",
  chart: network([layer("input", 4), layer("hidden", 6, { mutual: true }), layer("output", 1)]),
  program: regression(60),
  figures: { done: { what: "done", bar: atLeast(1) } },
  async show() {
    return { figures: { done: 1 }, exhibits: [] };
  },
});

/** Throws while it trains; it learns without a gradient. */
export const broken: Row = zooRow({
  ...common,
  number: 4,
  title: "Broken network",
  chart: network([layer("backfed input", 4, { mutual: true }), layer("probabilistic hidden", 2, { mutual: true })]),
  program: program("still", { show: { inputs: [], outputs: { w: param("w", [2]) } } }),
  figures: { done: { what: "done", bar: atLeast(1) } },
  show() {
    throw new Error("no <data> here");
  },
});
