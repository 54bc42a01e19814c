import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { lenet } from "../../bench/workloads/lenet.ts";
import { mlp } from "../../bench/workloads/mlp.ts";
import { type EmitOptions, emit } from "../../src/aot.ts";
import { lower } from "../../src/compile.ts";
import { grad, input, mean, type Program, program, relu, square, sub, type Tensor } from "../../src/index.ts";
import { adam, dense, parameters } from "../../src/nn/index.ts";
import { TARGETS } from "../../src/targets.ts";

const KB = 1024;

/** Everything that is shipped, gzipped file by file. */
async function shipped(declared: Program, options: EmitOptions): Promise<number> {
  const files = [...(await emit(declared, options))].filter(([name]) => /\.(js|wasm)$/.test(name));
  return files.reduce((n, [, bytes]) => n + gzipSync(bytes, { level: 9 }).length, 0);
}

describe.each([
  { workload: mlp, limit: 12 * KB },
  { workload: lenet, limit: 20 * KB },
])("the training module of $workload.title", ({ workload, limit }) => {
  test.each([
    [{ simd: "plain" }],
    [{ simd: "relaxed" }],
    [{ simd: "plain", wasm: "beside" }],
    [{ simd: "relaxed", wasm: "import" }],
  ] as const)("%j: is at most as large as it may be", async options => {
    const size = await shipped(workload.declare(), options);
    expect(size).toBeLessThanOrEqual(limit);
    expect(size).toBeGreaterThan(limit / 3);
  });

  test("with both variants it is a twentieth larger", async () => {
    const [one, both] = [await shipped(workload.declare(), { simd: "plain" }), await shipped(workload.declare(), {})];
    expect(both).toBeLessThan(1.06 * one);
  });
});

/** A network of equal layers, 32 wide. */
function deep(layers: number): Program {
  const x = input("x", [16, 32]);
  const y = input("y", [16, 32]);
  let h: Tensor<"f32"> = x;
  for (let i = 0; i < layers; i++) h = dense(h, 32, { name: `layer${i}`, activation: relu });
  const loss = mean(square(sub(h, y)));
  const params = parameters(loss);
  return program("deep", { train: { inputs: [x, y], outputs: { loss }, updates: adam()(params, grad(loss, params)) } });
}

describe("layers of the same size share kernels", () => {
  test.each(["wasm", "js"] as const)("%s: twenty layers have as many kernels as ten", target => {
    const kernels = (layers: number): number => lower(deep(layers).graph, TARGETS[target], "fast").kernels.length;
    expect(kernels(20)).toBe(kernels(10));
    expect(kernels(20)).toBeLessThan(30);
  });

  test("so that the module grows by names and calls alone", async () => {
    const [ten, twenty] = [await shipped(deep(10), {}), await shipped(deep(20), {})];
    expect(twenty - ten).toBeLessThan(1.5 * KB);
  });
});
