// The support vector machine: of all borders between two classes the one with the widest margin. Linear: the hinge loss
// descends. With a kernel: the dual climbs, each step projected back onto 0 ≤ α ≤ C, Σ αᵢyᵢ = 0; only few examples keep
// an α above 0, the support vectors. B. Boser, I. Guyon, V. Vapnik, COLT (1992); C. Cortes, V. Vapnik, Machine Learning
// 20 (1995). Trained on irises and on digits. Reached: the accuracies and the optima of LIBSVM. Time: 3 s.
import * as g from "gradc";
import { input, matmul, norm, param, program, set, state, type Tensor, transpose, zeros, zerosInit } from "gradc";
import { adam, cosineDecay, parameters } from "gradc/nn";
import { type Look, trainKernel, trainLinear } from "./support/border.ts";
import { layer, network } from "./support/chart.ts";
import { accuracy, digits, fifths, iris, pick } from "./support/data.ts";
import { margins, supports } from "./support/margins.ts";
import { mistakes } from "./support/mistakes.ts";
import { curves, film } from "./support/plot.ts";
import { atLeast, atMost, zooRow } from "./support/row.ts";

const [B, STEPS] = [g.dim("B", { max: 4096 }), 1500];

/** ½‖w‖² + C·Σ max(0, 1 − y·f(x)) for each class against the rest; y is 1 or −1. */
export function linearMachine(examples: number, width: number, classes: number, C: number) {
  const [x, y] = [input("x", [examples, width]), input("y", [examples, classes])];
  const [w, b] = [param("w", [width, classes]), param("b", [classes])];
  const f = (v: Tensor<"f32">) => matmul(v, w).add(b);
  const hinge = y.mul(f(x)).neg().add(1).relu();
  const loss = w.square().sum().mul(0.5).add(hinge.sum().mul(C));
  const params = parameters(loss);
  const optimizer = adam({ learningRate: cosineDecay({ initial: 0.05, steps: STEPS }) });
  const unseen = input("unseen", [B, width]);
  return program("linearMachine", {
    learn: { inputs: [x, y], outputs: { loss }, updates: optimizer(params, g.grad(loss, params)) },
    name: { inputs: [unseen], outputs: { f: f(unseen) } },
  });
}

/** max Σα − ½·Σ αᵢyᵢ·k(xᵢ, xⱼ)·αⱼyⱼ for each class against the rest, with k(u, v) = exp(−γ‖u − v‖²). */
export function kernelMachine(examples: number, width: number, classes: number, C: number, γ: number) {
  const squares = (v: Tensor<"f32">) => v.square().sum(1, { keepDims: true });
  const k = (u: Tensor<"f32">, v: Tensor<"f32">) =>
    squares(u)
      .add(transpose(squares(v)))
      .sub(matmul(u, transpose(v)).mul(2))
      .maximum(0)
      .mul(-γ)
      .exp();

  const [x, y] = [input("x", [examples, width]), input("y", [examples, classes])];
  const known = state("known", zeros([examples, width]));
  const K = state("gram", zeros([examples, examples]));
  const η = state("rate", g.ones([]));
  const [α, b] = [param("alpha", [examples, classes], zerosInit()), param("b", [classes], zerosInit())];
  const [before, time] = [state("before", zeros([examples, classes])), state("time", zeros([]))];

  // The dual is as steep as the Gram matrix's largest eigenvalue, which power iteration finds.
  const gram = k(x, x);
  const steep = g.scan(v => ({ carry: matmul(gram, v).div(norm(v)) }), g.ones([examples, 1]), null, { length: 30 });

  // Nesterov's step, then the nearest point that is allowed: α = clip(z − ν·y), with the ν at which Σ αᵢyᵢ = 0.
  const ahead = α.add(α.sub(before).mul(time.div(time.add(3))));
  const z = ahead.add(matmul(K, ahead.mul(y)).mul(y).neg().add(1).mul(η));
  const allowed = (ν: Tensor<"f32">) => z.sub(y.mul(ν)).maximum(0).minimum(C);
  const start = { low: z.abs().max(0).add(C).neg(), high: z.abs().max(0).add(C) };
  const halve = ({ low, high }: typeof start) => {
    const middle = low.add(high).mul(0.5);
    const below = allowed(middle).mul(y).sum(0).gt(0);
    return { carry: { low: below.where(middle, low), high: below.where(high, middle) } };
  };
  const { carry: bracket } = g.scan(halve, start, null, { length: 32 });
  const ν = bracket.low.add(bracket.high).mul(0.5);

  // At the optimum ν/η is the bias; primal and dual then have the same value.
  const f = matmul(K, α.mul(y)).add(b);
  const losses = y.mul(f).neg().add(1).relu().sum(0);
  const energy = α.mul(y).mul(f.sub(b)).sum(0).mul(0.5);
  const unseen = input("unseen", [B, width]);
  return program("kernelMachine", {
    prepare: {
      inputs: [x],
      outputs: {},
      updates: [set(known, x), set(K, gram), set(η, norm(steep.carry).reciprocal())],
    },
    climb: {
      inputs: [y],
      outputs: {},
      updates: [set(before, α), set(α, allowed(ν)), set(b, ν.div(η)), set(time, time.add(1))],
    },
    values: { inputs: [y], outputs: { dual: α.sum(0).sub(energy), primal: energy.add(losses.mul(C)) } },
    name: { inputs: [unseen, y], outputs: { f: matmul(k(unseen, known), α.mul(y)).add(b) } },
  });
}

const model = kernelMachine(1438, 64, 10, 10, 0.32);
export default model;

const LIBSVM = "scikit-learn's LinearSVC (hinge) or SVC on the same rows: tests/oracle/zoo_svm.py";
const named = (what: string, reference: number) => ({
  what: `${what}: share of the test rows named right`,
  bar: atLeast(reference - 0.01),
  reference: `${(100 * reference).toFixed(1)} %, ${LIBSVM}`,
  unit: "%" as const,
});

export const row = zooRow({
  number: 26,
  title: "Support vector machine (SVM)",
  published: "B. Boser, I. Guyon, V. Vapnik, COLT (1992); C. Cortes and V. Vapnik, Machine Learning 20 (1995)",
  about:
    "The border with the widest margin. The linear machine descends the hinge loss. With a kernel there are no weights: " +
    "the dual climbs over the similarities of all pairs, and the few examples that the border leans on are left.",
  chart: network([layer("input", 3), layer("kernel", 4), layer("output", 1)]),
  program: model,
  figures: {
    irisLinear: named("irises, linear", 26 / 30),
    irisKernel: named("irises, kernel", 1),
    digitsLinear: named("digits, linear", 346 / 359),
    digitsKernel: named("digits, kernel", 355 / 359),
    gap: { what: "digits, kernel: primal above dual, as a share of the dual", bar: atMost(0.05), unit: "%" },
  },
  async show(lab) {
    const [flowers, images] = [fifths(iris()), digits()];
    const straight = await trainLinear(lab, linearMachine(flowers.train.length, 4, 3, 1), STEPS, flowers, 3);
    const { loss, accuracy: digitsLinear } = await trainLinear(lab, linearMachine(1438, 64, 10, 1), STEPS, images, 10);
    const bent = await trainKernel(lab, kernelMachine(flowers.train.length, 4, 3, 1, 0.5), flowers.train, 3);
    const { f, curve, gap, α } = await trainKernel(lab, model, images.train, 10);

    const petals = pick(iris(), [2, 3]);
    const frames: string[] = [];
    const look: Look = (f, α) => frames.push(margins(f, α, petals, 1));
    await trainKernel(lab, kernelMachine(petals.length, 2, 3, 10, 1), petals, 3, look);
    const scores = f(images.test.x);
    return {
      figures: {
        irisLinear: straight.accuracy,
        irisKernel: accuracy(bent.f(flowers.test.x), flowers.test.label),
        digitsLinear,
        digitsKernel: accuracy(scores, images.test.label),
        gap,
      },
      exhibits: [
        {
          title: "Iris versicolor against the other two, by length and width of petals",
          caption: "After 1, 2, 4, … 256 steps. Lines: the border and its margins. Ringed: the support vectors.",
          html: film(frames),
        },
        { title: "At the optimum primal and dual meet (digits)", html: curves(curve, { y: { type: "log" } }) },
        { title: "Digits that hold the borders", html: supports(α, images.train) },
        { title: "The hinge loss descends (digits, linear)", html: curves({ loss }) },
        mistakes(scores, images.test),
      ],
    };
  },
});
