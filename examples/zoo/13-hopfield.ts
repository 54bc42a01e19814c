// Hopfield's networks. Discrete: units of ±1 with symmetric couplings, asked one after the other until none changes;
// stored patterns are minima of the energy −½ sᵀJs. J. J. Hopfield, PNAS 79 (1982), with Hebb's rule, or the projection
// of L. Personnaz, I. Guyon, G. Dreyfus (1985). Continuous: graded units descend an energy that says what a short tour
// is. J. J. Hopfield, D. W. Tank, Biological Cybernetics 52 (1985). Stored: 5 patterns of 100 units. Reached: 98 % of
// noisy and of half patterns restored to the last unit; all starts end in tours of 10 cities. Time: 1 s.
import * as g from "gradc";
import { exponentialDecay } from "gradc/nn";
import { layer, network } from "./support/chart.ts";
import { capacity, coins, flipped, followed, halved, type Pattern, pictures, restored } from "./support/memory.ts";
import { curves, film, images } from "./support/plot.ts";
import { atLeast, atMost, zooRow } from "./support/row.ts";
import { excess, randomLand, tourSvg } from "./support/tour.ts";

const UNITS = 100;
const GRID = 2 ** 20; // sums of multiples of 1/GRID are exact in f64, and so are energies

const w = g.param("w", [UNITS, UNITS], g.zerosInit(), "f64");
const mutual = w.mul(g.sub(1, g.eye(UNITS, UNITS, "f64"))); // no unit acts on itself
const J = g.round(mutual.mul(GRID)).div(GRID);
const energy = (s: g.Tensor<"f64">): g.Scalar<"f64"> => s.dot(J.matmul(s)).mul(-0.5);

const pattern = g.input("pattern", [UNITS], "f64");
const news = pattern.sub(w.matmul(pattern)); // what lies outside the span of the patterns stored so far
const start = g.input("start", [UNITS], "f64");
const most = g.input("most", [], "i32", { default: 100 * UNITS });
const chance = g.state("chance", g.key(1));
const order = g.permutation(g.foldIn(chance, 1), UNITS);
const none = g.fill(0, [], "i32");

const settled = g.whileLoop(
  ({ quiet, asked }) => quiet.lt(UNITS).and(asked.lt(most)),
  ({ s, E, rise, quiet, asked }) => {
    const unit = order.gather(asked.rem(UNITS));
    const [field, old] = [J.gather(unit).dot(s), s.gather(unit)];
    const now = g.where(field.eq(0), old, field.sign());
    const next = g.scatterSet(s, unit, now);
    const [kept, changed] = [() => E, () => energy(next)];
    const after = g.cond(now.eq(old), kept, changed);
    const still = g.where(now.eq(old), quiet.add(1), 0);
    return { s: next, E: after, rise: rise.maximum(after.sub(E)), quiet: still, asked: asked.add(1) };
  },
  { s: start, E: energy(start), rise: g.fill(0, [], "f64"), quiet: none, asked: none },
);

const model = g.program("hopfield", {
  hebb: { inputs: [pattern], outputs: {}, updates: [g.set(w, w.add(pattern.outer(pattern).div(UNITS)))] },
  project: { inputs: [pattern], outputs: {}, updates: [g.set(w, w.add(news.outer(news).div(news.dot(news))))] },
  recall: { inputs: [start, most], outputs: settled, updates: [g.set(chance, g.foldIn(chance, 0))] },
});
export default model;

const [CITIES, STARTS, STEPS, FRAMES] = [10, 40, 1000, 50];
const distance = g.input("distance", [CITIES, CITIES]);
const u = g.state("u", g.zeros([STARTS, CITIES, CITIES])); // start, city, place on the tour
const time = g.state("time", none);
const temperature = exponentialDecay({ initial: 0.5, rate: 0.04, steps: STEPS });
const units = (u: g.Tensor<"f32">, time: g.Scalar<"i32">): g.Tensor<"f32"> => u.div(temperature(time)).sigmoid();

/** Low where each city has one place and each place one city, units are 0 or 1, and neighbours on the tour are near. */
function cost(v: g.Tensor<"f32">): g.Scalar<"f32"> {
  const once = v.sum(1).sub(1).square().sum().add(v.sum(2).sub(1).square().sum());
  const sharp = v.mul(g.sub(1, v)).sum();
  const length = g.einsum("xy,sxi,syi->", distance, v, v.roll(1, 2)) as g.Scalar<"f32">;
  return once.mul(0.5).add(sharp.mul(0.25)).add(length.mul(0.5));
}
const { carry: after } = g.scan(
  ({ u, time }) => {
    const v = units(u, time);
    const slope = u.add(g.grad(cost(v), v)).neg(); // du/dt = −u − ∂E/∂v
    return { carry: { u: u.add(slope.mul(0.1)), time: time.add(1) } };
  },
  { u, time },
  null,
  { length: STEPS / FRAMES },
);
const updates = [g.set(u, after.u), g.set(time, after.time)];
const tank = g.program("tank", { settle: { inputs: [distance], outputs: { v: units(after.u, after.time) }, updates } });

export const row = zooRow({
  number: 13,
  title: "Hopfield network (HN)",
  published: "J. J. Hopfield, PNAS 79 (1982); J. J. Hopfield and D. W. Tank, Biological Cybernetics 52 (1985)",
  about:
    "A memory that is asked with a part of what it holds: one by one, units take the side that lowers the energy, " +
    "until a stored pattern stands. With graded units and another energy, the same descent finds tours through cities.",
  chart: network([layer("backfed input", 6, { mutual: true })]),
  program: model,
  figures: {
    recalled: { what: "5 random patterns of 100 units, 30 turned over: share restored", bar: atLeast(0.95), unit: "%" },
    completed: { what: "the same, one half replaced by noise: share restored", bar: atLeast(0.95), unit: "%" },
    rise: { what: "the largest rise of energy in any update", bar: atMost(0) },
    tours: { what: "10 random cities: share of 40 starts that end in a valid tour", bar: atLeast(0.8), unit: "%" },
  },
  async show(lab) {
    const { random } = lab;
    const net = await lab.compile(model);
    net.variables.chance.set([0, lab.seed]);
    const learn = (rule: "hebb" | "project") => (patterns: readonly Pattern[]) => {
      net.variables.w.set(new Float64Array(UNITS ** 2));
      for (const pattern of patterns) net[rule]({ pattern });
    };
    const turned = (s: Pattern): Pattern => flipped(s, 30, random);
    const half = (s: Pattern): Pattern => halved(s, random);
    const five = coins(5, UNITS, random);
    learn("project")(five);
    const [noisy, halves] = [restored(net.recall, five, 200, turned), restored(net.recall, five, 200, half)];
    const fits = [capacity(learn("hebb"), net.recall, random), capacity(learn("project"), net.recall, random)];
    learn("project")(pictures());
    const starts = [...pictures().map(turned), ...pictures().map(half)];
    const { states, energies } = followed(start => net.recall({ start, most: 20 }), starts, 20);

    const land = randomLand(CITIES, random);
    const seeker = await lab.compile(tank);
    seeker.variables.u.set(Float32Array.from({ length: STARTS * CITIES ** 2 }, () => 0.02 * random.normal()));
    const course = Array.from(lab.steps(FRAMES, "tours"), () => seeker.settle({ distance: land.distance }).v);
    const of = (v: Float32Array, n: number): Float32Array => v.subarray(n * CITIES ** 2, (n + 1) * CITIES ** 2);
    const found = Array.from({ length: STARTS }, (_, n) => excess(land, of(course[FRAMES - 1], n)));
    const best = found.indexOf(Math.min(...found));
    const tours = found.filter(Number.isFinite).length / STARTS;
    return {
      figures: { recalled: noisy.share, completed: halves.share, rise: Math.max(noisy.rise, halves.rise), tours },
      exhibits: [
        {
          title: "Remembering",
          caption: "Five stored pictures, of which 30 pixels were turned over (above) or one half is noise (below).",
          html: film(states.map(now => images(now, { width: 10, height: 10, columns: 5, range: [1, -1], scale: 6 }))),
        },
        {
          title: "The energy of the ten",
          html: curves(energies, { every: 20, x: { label: "units asked" }, color: { legend: false } }),
        },
        {
          title: "How much fits into 100 units",
          caption: "The share of patterns that come back after 10 units were turned over, by how many are stored.",
          html: curves({ "Hebb's rule": fits[0], projection: fits[1] }, { every: 5, x: { label: "patterns" } }),
        },
        {
          title: "A tour through ten cities",
          caption:
            "The best of 40 starts; right, a row for each city and a column for each place on the tour. " +
            `It is ${(100 * found[best]).toFixed(1)} % longer than the shortest tour there is.`,
          html: film(course.slice(24).map(v => tourSvg(land, of(v, best)))),
        },
      ],
    };
  },
});
