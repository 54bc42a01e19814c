// Echo state network: a recurrent layer of random weights that never learn, x ← tanh(x·w + u·wᵢₙ + b), whose states are
// echoes of the input, and a linear readout of [x, u, 1] by ridge regression. What it reads out is its next input.
// H. Jaeger, GMD Report 148 (2001); H. Jaeger & H. Haas, Science 304 (2004).
// Trained on 3,000 values of the Mackey–Glass series (delay 17), which is chaotic; tested on the next 3,000.
// Reached: NRMSE 4e-5 for the next value, 1.4e-3 for the 84th, with 400 cells. Time: 0.4 s, one solve.
import * as Plot from "@observablehq/plot";
import * as g from "gradc";
import { concat, eye, input, normal, ones, param, program, scan, set, type Tensor, uniformInit, zeros } from "gradc";
import { captioned } from "./support/captioned.ts";
import { layer, network } from "./support/chart.ts";
import { mackeyGlass } from "./support/mackey-glass.ts";
import { curves, plot } from "./support/plot.ts";
import { deviation, rmse } from "./support/regression.ts";
import { atMost, zooRow } from "./support/row.ts";

const CELLS = 400;
const RADIUS = 0.95;
const RIDGE = 1e-8;
const LENGTH = 3000;
const STARTS = 50;
const HORIZON = 84;
const DREAM = 1000;
const WASHOUT = 200; // the first states are no echoes yet

type Numbers = Tensor<"f64">; // the readout's equations are nearly dependent

/** lim ‖wᵏ‖^(1/k) (I. Gelfand), by two powers, so that constant factors go. */
function spectralRadius(w: Numbers): Numbers {
  const power = g.matrixPower(w, 512);
  const growth = power.matmul(power).norm().div(power.norm());
  return growth.pow(1 / 512);
}

function reservoir(key: Tensor<"u32">, shape: readonly number[]): Numbers {
  const w = normal(key, shape, { dtype: "f64" }).div(Math.sqrt(CELLS));
  return w.mul(RADIUS).div(spectralRadius(w));
}

const w = param("w", [CELLS, CELLS], reservoir, "f64");
const wIn = param("wIn", [CELLS], uniformInit({ low: -1, high: 1 }), "f64");
const b = param("b", [CELLS], uniformInit({ low: -0.2, high: 0.2 }), "f64");
const wOut = param("wOut", [CELLS + 2, 1], undefined, "f64"); // alone is ever updated

const next = (x: Numbers, u: Numbers, weights: Numbers = w) => x.matmul(weights).add(u.mul(wIn)).add(b).tanh();
const features = (x: Numbers, u: Numbers) => concat([x, u, ones([x.shape[0], 1], "f64")], 1);
const echoes = (series: Numbers, start: Numbers, weights: Numbers) =>
  scan((x, u) => ({ carry: next(x, u, weights), out: next(x, u, weights) }), start, series).out;

const series = input("series", [LENGTH], "f64");
const target = input("target", [LENGTH, 1], "f64");
const u = series.expandDims(1);
const x = echoes(series, zeros([CELLS], "f64"), w);
const [φ, t] = [features(x, u).slice([WASHOUT]), target.slice([WASHOUT])];
const φT = φ.transpose();
const ridge = eye(CELLS + 2, CELLS + 2, "f64").mul(RIDGE);
const solution = g.choleskySolve(g.cholesky(φT.matmul(φ).add(ridge)), φT.matmul(t));

// From some of the states on, all at once, the network hears itself.
const starts = input("starts", [STARTS], "i32");
function speech(from: Tensor<"i32">, length: number): Numbers {
  const speak = ({ x, u }: { readonly x: Numbers; readonly u: Numbers }) => {
    const y = features(x, u).matmul(wOut);
    return { carry: { x: next(x, y), u: y }, out: y };
  };
  return scan(speak, { x: g.gather(x, from), u: g.gather(u, from) }, null, { length }).out;
}

// How far two states are that began apart and hear the same, for any spectral radius.
const radius = input("radius", [], "f64");
const scaled = w.mul(radius.div(RADIUS));
const ends = [zeros([CELLS], "f64"), ones([CELLS], "f64")].map(start => echoes(series, start, scaled));

const model = program("echoState", {
  learn: { inputs: [series, target], outputs: {}, updates: [set(wOut, solution)] },
  predict: { inputs: [series], outputs: { y: features(x, u).matmul(wOut) } },
  forecast: { inputs: [series, starts], outputs: { y: speech(starts, HORIZON) } },
  dream: { inputs: [series, starts], outputs: { y: speech(starts.slice([0], [1]), DREAM) } },
  forget: { inputs: [series, radius], outputs: { distance: ends[0].sub(ends[1]).norm(1) } },
});
export default model;
export const row = zooRow({
  number: 23,
  title: "Echo state network (ESN)",
  published: "H. Jaeger, GMD Report 148 (2001); H. Jaeger & H. Haas, Science 304 (2004)",
  about:
    "A random recurrent layer hears a chaotic series. Its states echo what it heard, in 400 different ways, and a linear " +
    "readout of them foretells the next value. Fed with its own words, the network goes on to speak like the series.",
  chart: network([layer("input", 3), layer("recurrent", 4), layer("output", 3)], ["sparse", "full"]),
  program: model,
  figures: {
    next: { what: "NRMSE, next value", bar: atMost(1e-3), reference: "NumPy: 4.0e-5 (tests/oracle/zoo_solved.py)" },
    later: { what: "NRMSE, 84 steps on", bar: atMost(0.05), reference: "NumPy: 0.0011 (tests/oracle/zoo_solved.py)" },
  },
  async show(lab) {
    const all = mackeyGlass(2 * LENGTH + 1).map(y => y - 1);
    const net = await lab.compile(model);
    net.learn({ series: all.subarray(0, LENGTH), target: all.subarray(1, LENGTH + 1) });

    const test = all.subarray(LENGTH);
    const series = test.subarray(0, LENGTH);
    const σ = deviation(series);
    const starts = Int32Array.from({ length: STARTS }, (_, i) => WASHOUT + 50 * i);
    const { y: nexts } = net.predict({ series });
    const { y: paths } = net.forecast({ series, starts });
    const ahead = Array.from({ length: HORIZON }, (_, k) => {
      const truth = Float64Array.from(starts, start => test[start + k + 1]);
      return rmse(paths.subarray(STARTS * k, STARTS * (k + 1)), truth) / σ;
    });
    const { y: network } = net.dream({ series, starts });
    const speech = { series: test.subarray(WASHOUT + 1, WASHOUT + 1 + DREAM), network };
    const loop = (y: Float64Array): string => {
      const points = Array.from({ length: DREAM - 17 }, (_, t): [number, number] => [y[t + 17], y[t]]);
      return plot({ width: 300, height: 300, axis: null, marks: [Plot.line(points, { strokeWidth: 0.6 })] });
    };
    const distances = [0.5, 0.95, 1.5].map(radius => {
      const { distance } = net.forget({ series, radius });
      return [`radius ${radius}`, distance.subarray(0, 200)] as const;
    });
    return {
      figures: {
        next: rmse(nexts.subarray(WASHOUT), test.subarray(WASHOUT + 1)) / σ,
        later: ahead[HORIZON - 1],
      },
      exhibits: [
        {
          title: "The network goes on by itself",
          caption: "After 200 values of the series it hears nothing but itself, for 1,000 steps.",
          html: curves(speech, { width: 900 }),
        },
        {
          title: "y(t − 17) over y(t)",
          caption: "The attractor of the series, and of what the network makes of it.",
          html: captioned(speech, loop),
        },
        {
          title: "How far it sees",
          caption: "NRMSE of 50 forecasts, by steps ahead.",
          html: curves({ NRMSE: ahead }, { y: { type: "log", label: "NRMSE" } }),
        },
        {
          title: "Echoes fade",
          caption:
            "How far two states are apart that began apart and hear the same. With a spectral radius well above 1 they " +
            "may never meet: what such a network says depends on where it began.",
          html: curves(Object.fromEntries(distances), { y: { type: "log", label: "distance" } }),
        },
      ],
    };
  },
});
