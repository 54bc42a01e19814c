import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { RUNTIME } from "../../codegen/module/runtime.generated.ts";
import { compile } from "../../src/index.ts";
import type { createNet as CreateNet, NetBase, NetFunction } from "../../src/runtime/net.ts";
import wide from "../hosts/wide.ts";
import { executable, manifest } from "./fixture.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

// The runtime as emitted modules carry it.
const createNet = new Function(`return ${RUNTIME.createNet}`)() as typeof CreateNet;

/** Bytes per call: the least of several runs, since the host allocates on its own now and then. */
function bytesPerCall(body: () => void, calls = 10_000, runs = 6): number {
  const measure = (): number => {
    for (let i = 0; i < calls; i++) body();
    gc();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < calls; i++) body();
    return (process.memoryUsage().heapUsed - before) / calls;
  };
  return Math.min(...Array.from({ length: runs }, measure));
}

test("a call allocates its result object alone, run allocates nothing", () => {
  const net = createNet(manifest, executable()) as NetBase & { train: NetFunction };
  const args = { x: new Float32Array(8).fill(1), label: Int32Array.of(3, 4) };
  const sizes = { B: 2 };
  let result: unknown;
  const empty = bytesPerCall(() => {
    result = { loss: Math.random() };
  });
  const call = bytesPerCall(() => {
    result = net.train(args);
  });
  const run = bytesPerCall(() => net.train.run(sizes));
  expect(result).toEqual({ loss: 11 });
  expect(run).toBeLessThan(1);
  // An object made property by property has room for four.
  expect(call).toBeLessThan(empty + 48);
  expect(bytesPerCall(() => [1, 2, 3, 4, args].map(String))).toBeGreaterThan(empty + 48);
});

test("nor does run on several threads", async () => {
  using net = await compile(wide, { threads: 2 });
  expect(net.train.inputs.x.buffer).toBeInstanceOf(SharedArrayBuffer);
  const sizes = { B: 1 };
  // The engine optimises late: the threads that look for work leave it little of two processors.
  expect(bytesPerCall(() => net.train.run(sizes), 1000, 20)).toBeLessThan(1);
});
