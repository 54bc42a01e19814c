/**
 * Compile speed: declaration to emitted JavaScript for graphs of about 10,000 nodes, a chain of layers and a wide graph,
 * and how the time grows when the graph doubles.
 *   node --conditions=source bench/compile.ts
 */

import { generateJs } from "../codegen/js/index.ts";
import { lower, TARGETS } from "../src/compile.ts";
import { rootsOf } from "../src/graph/program-graph.ts";
import { topological } from "../src/graph/traverse.ts";
import * as g from "../src/index.ts";

/** tanh(x·a + b) layer after layer with its gradient. */
function chain(layers: number): g.Program {
  const x = g.input("x", [8, 16]);
  let h: g.Tensor<"f32"> = x;
  const params: g.Tensor<"f32">[] = [];
  for (let i = 0; i < layers; i++) {
    const a = g.param(`a${i}`, [16]);
    const b = g.param(`b${i}`, [16]);
    params.push(a, b);
    h = g.tanh(g.add(g.mul(h, a), b));
  }
  const loss = g.mean(g.mul(h, h));
  const grads = g.grad(loss, params);
  return g.program("chain", {
    train: {
      inputs: [x],
      outputs: { loss },
      updates: params.map((p, i) => g.set(p as g.Param, g.sub(p, g.mul(grads[i], 0.01)))),
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
  readonly milliseconds: number;
}

function time(declare: () => g.Program): Timing {
  const start = performance.now();
  const program = declare();
  const text = generateJs(lower(program.graph, TARGETS.js, "fast"));
  const milliseconds = performance.now() - start;
  if (text.length === 0) throw new Error("nothing was generated");
  const nodes = topological(program.graph.functions.flatMap(rootsOf)).length;
  return { nodes, milliseconds };
}

const best = (declare: () => g.Program): Timing => {
  const runs = [0, 1, 2].map(() => time(declare));
  return runs.reduce((a, b) => (b.milliseconds < a.milliseconds ? b : a));
};

for (const [name, declare, size] of [
  ["chain of 1,000 layers", chain, 1000],
  ["wide, 2,000 branches", wide, 2000],
] as const) {
  const half = best(() => declare(size / 2));
  const whole = best(() => declare(size));
  const twice = best(() => declare(size * 2));
  const show = (t: Timing): string => `${t.nodes} declared nodes in ${t.milliseconds.toFixed(0)} ms`;
  console.log(`${name}: ${show(half)}; ${show(whole)}; ${show(twice)}`);
  console.log(
    `  doubling takes ${(whole.milliseconds / half.milliseconds).toFixed(2)}× and ${(twice.milliseconds / whole.milliseconds).toFixed(2)}×`,
  );
}
