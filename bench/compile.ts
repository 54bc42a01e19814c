import { generateJs } from "../codegen/js/index.ts";
import { lower } from "../src/compile.ts";
import { rootsOf } from "../src/graph/program-graph.ts";
import { topological } from "../src/graph/traverse.ts";
import * as g from "../src/index.ts";
import { TARGETS } from "../src/targets.ts";
import type { Benchmark, Row } from "./measure.ts";

/** Layers of tanh(x·a + b), one after the other, with their gradient. */
function chain(layers: number): g.Program {
  const x = g.input("x", [8, 16]);
  let h: g.Tensor<"f32"> = x;
  const params: g.Param[] = [];
  for (let i = 0; i < layers; i++) {
    const a = g.param(`a${i}`, [16]);
    const b = g.param(`b${i}`, [16]);
    params.push(a, b);
    h = g.tanh(g.add(g.mul(h, a), b));
  }
  const loss = g.mean(g.mul(h, h));
  const grads = g.grad(loss, params as g.Tensor<"f32">[]);
  return g.program("chain", {
    train: {
      inputs: [x],
      outputs: { loss },
      updates: params.map((p, i) => g.set(p, g.sub(p as g.Tensor<"f32">, g.mul(grads[i], 0.01)))),
    },
  });
}

/** Many independent small expressions that meet in one sum. */
function wide(branches: number): g.Program {
  const x = g.input("x", [32]);
  const parts = Array.from({ length: branches }, (_, i) => g.sum(g.sin(g.add(g.mul(x, i + 1), i))));
  return g.program("wide", { f: { inputs: [x], outputs: { y: g.sum(g.stack(parts)) } } });
}

interface Timing {
  readonly nodes: number;
  readonly seconds: number;
}

function time(declare: () => g.Program): Timing {
  const start = performance.now();
  const program = declare();
  const text = generateJs(lower(program.graph, TARGETS.js, "fast"));
  const seconds = (performance.now() - start) / 1000;
  if (text.length === 0) throw new Error("nothing was generated");
  return { nodes: topological(program.graph.functions.flatMap(rootsOf)).length, seconds };
}

/** The fastest of some runs: what the compiler needs when nothing disturbs it. */
function best(declare: () => g.Program, runs: number): Timing {
  const timings = Array.from({ length: runs }, () => time(declare));
  return timings.reduce((a, b) => (b.seconds < a.seconds ? b : a));
}

const GRAPHS = [
  { name: "chain of layers", declare: chain, size: 1000 },
  { name: "wide graph", declare: wide, size: 2000 },
] as const;

/** Declaration to emitted JavaScript, and how the time grows when the graph doubles. */
export const compileSpeed: Benchmark = {
  title: "Compile speed: declaration to emitted JavaScript",
  async run({ quick }) {
    const runs = quick ? 1 : 3;
    return GRAPHS.flatMap(({ name, declare, size }): Row[] => {
      time(() => declare(size / 4));
      const [half, whole, twice] = [0.5, 1, 2].map(factor => best(() => declare(size * factor), runs));
      const label = (t: Timing): string => `${name}, ${t.nodes} nodes`;
      const growth = { sense: "at most", limit: 2.3 } as const;
      return [
        { measure: label(half), value: half.seconds, unit: "s" },
        { measure: label(whole), value: whole.seconds, unit: "s", bar: { sense: "under", limit: 2 } },
        { measure: label(twice), value: twice.seconds, unit: "s" },
        { measure: `${name}, first doubling`, value: whole.seconds / half.seconds, unit: "×", bar: growth },
        { measure: `${name}, second doubling`, value: twice.seconds / whole.seconds, unit: "×", bar: growth },
      ];
    });
  },
};
