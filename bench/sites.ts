import benny from "benny";
import { nextNodeId } from "../src/graph/node.ts";
import {
  add,
  captureCallSites,
  dim,
  grad,
  input,
  matmul,
  mean,
  type Param,
  param,
  relu,
  softmaxCrossEntropy,
  type Tensor,
} from "../src/index.ts";
import { adam } from "../src/nn/index.ts";
import type { Benchmark } from "./measure.ts";

const ADDITIONS = 1000;
const LAYERS = 20;

/** The dearest case: every node is a call of its own. */
function additions(): void {
  const x = input("x", [4]);
  let y: Tensor<"f32"> = x;
  for (let i = 0; i < ADDITIONS; i++) y = add(y, x);
}

/** A network as people declare it: layers, loss, gradient, optimizer. */
function network(): void {
  const B = dim("B", { max: 64 });
  const x = input("x", [B, 64]);
  const label = input("label", [B], "i32");
  const params: Record<string, Param> = {};
  let h: Tensor<"f32"> = x;
  for (let i = 0; i < LAYERS; i++) {
    const w = param(`w${i}`, [64, 64]);
    const b = param(`b${i}`, [64]);
    Object.assign(params, { [`w${i}`]: w, [`b${i}`]: b });
    h = relu(add(matmul(h, w), b));
  }
  const loss = mean(softmaxCrossEntropy(h, label));
  adam({ learningRate: 0.001 })(params, grad(loss, params));
}

/** What it costs to remember the lines that declared the nodes, a node. */
async function cost(name: string, declare: () => void, options: object): Promise<number> {
  const first = nextNodeId();
  declare();
  const nodes = nextNodeId() - first;
  // Declared behind an await, from a stack as shallow as that of a model's file: capture costs more the deeper it is.
  const declaring = (on: boolean) => async () => {
    captureCallSites(on);
    await undefined;
    declare();
  };
  const { results } = await benny.suite(
    name,
    benny.add("captured", () => declaring(true), options),
    benny.add("not captured", () => declaring(false), options),
    benny.cycle(),
  );
  const [on, off] = results.map(r => (r.details.median * 1e6) / nodes);
  return on - off;
}

/** What it costs to remember the line that declared a node. */
export const callSites: Benchmark = {
  title: "Capture of call sites",
  async run({ quick }) {
    const options = { minSamples: quick ? 5 : 50, maxTime: quick ? 0.2 : 3 };
    try {
      const realistic = await cost("call sites of a network", network, options);
      const dearest = await cost("call sites of additions", additions, options);
      return [
        { measure: "a network, a node", value: realistic, unit: "µs", bar: { sense: "at most", limit: 3 } },
        {
          measure: "a chain of additions, a node",
          value: dearest,
          unit: "µs",
          bar: { sense: "at most", limit: 3 },
        },
      ];
    } finally {
      captureCallSites(true);
    }
  },
};
