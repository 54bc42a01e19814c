import { generateWasm, hasRelaxedSimd } from "../codegen/wasm/index.ts";
import { compile, lower } from "../src/compile.ts";
import * as g from "../src/index.ts";
import { adam } from "../src/nn/index.ts";
import { TARGETS } from "../src/targets.ts";
import type { Benchmark, Row } from "./measure.ts";
import { SEED, workloadNamed } from "./workloads/index.ts";

/** A residual network: h ← h + relu(h·w + b), its gradient, and Adam for every layer. */
function residual(layers: number): g.Program {
  const x = g.input("x", [8, 32]);
  const params: Record<string, g.Param> = {};
  let h: g.Tensor<"f32"> = x;
  for (let i = 0; i < layers; i++) {
    const w = g.param(`w${i}`, [32, 32]);
    const b = g.param(`b${i}`, [32]);
    Object.assign(params, { [`w${i}`]: w, [`b${i}`]: b });
    h = g.add(h, g.relu(g.add(g.matmul(h, w), b)));
  }
  const loss = g.mean(g.mul(h, h));
  const updates = adam({ learningRate: 0.001 })(params, g.grad(loss, params));
  return g.program("residual", { train: { inputs: [x], outputs: { loss }, updates } });
}

const STAGES = ["declare", "passes and lowering", "WebAssembly", "module and instance"] as const;

/** Milliseconds of each stage, from declaring to an instance. */
function stages(declare: () => g.Program): number[] {
  const marks = [performance.now()];
  const mark = (): void => {
    marks.push(performance.now());
  };
  const { graph } = declare();
  mark();
  const lowered = lower(graph, TARGETS.wasm, "fast");
  mark();
  const bytes = generateWasm(lowered, { relaxed: hasRelaxedSimd() });
  mark();
  new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource));
  mark();
  return STAGES.map((_, i) => marks[i + 1] - marks[i]);
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Declaration to a network that runs in WebAssembly. */
export const compileWasm: Benchmark = {
  title: "Compile speed: declaration to an instance in WebAssembly",
  async run({ quick }) {
    const mlp = workloadNamed("mlp");
    // Warm: the compiler itself has been compiled by its engine.
    for (let i = 0; i < (quick ? 3 : 30); i++) stages(() => mlp.declare());
    const runs = Array.from({ length: quick ? 3 : 15 }, () => stages(() => mlp.declare()));
    const total = median(runs.map(r => r.reduce((a, b) => a + b)));
    const rows: Row[] = STAGES.map((name, i) => ({
      measure: `mlp: ${name}`,
      value: median(runs.map(r => r[i])),
      unit: "ms",
    }));
    rows.push({ measure: "mlp, warm", value: total, unit: "ms", bar: { sense: "at most", limit: 60 } });
    const start = performance.now();
    await compile(residual(quick ? 30 : 300), { target: "wasm", seed: SEED });
    const seconds = (performance.now() - start) / 1000;
    rows.push({
      measure: "300 residual layers, with the first reset",
      value: seconds,
      unit: "s",
      bar: { sense: "under", limit: 2 },
    });
    return rows;
  },
};
