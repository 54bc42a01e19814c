import benny from "benny";
import { add, captureCallSites, input, type Tensor } from "../src/index.ts";
import type { Benchmark } from "./measure.ts";

const NODES = 1000;

/** Declared behind an await, from a stack as shallow as that of a model's file: capture costs more the deeper it is. */
async function declare(): Promise<void> {
  await undefined;
  const x = input("x", [4]);
  let y: Tensor<"f32"> = x;
  for (let i = 0; i < NODES; i++) y = add(y, x);
}

/** What it costs to remember the line that declared a node. */
export const callSites: Benchmark = {
  title: "Capture of call sites",
  async run({ quick }) {
    const options = { minSamples: quick ? 5 : 50, maxTime: quick ? 0.2 : 3 };
    const declaring = (on: boolean) => () => {
      captureCallSites(on);
      return declare();
    };
    try {
      const { results } = await benny.suite(
        "call sites",
        benny.add("on", () => declaring(true), options),
        benny.add("off", () => declaring(false), options),
        benny.cycle(),
      );
      const [on, off] = results.map(r => (r.details.median * 1e6) / NODES);
      return [
        { measure: "declaring, captured", value: on, unit: "µs a node" },
        { measure: "declaring, not captured", value: off, unit: "µs a node" },
        { measure: "capture", value: on - off, unit: "µs a node", bar: { sense: "at most", limit: 3 } },
      ];
    } finally {
      captureCallSites(true);
    }
  },
};
