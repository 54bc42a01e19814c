import { hasRelaxedSimd } from "../codegen/wasm/index.ts";
import { compile, input, matmul, program } from "../src/index.ts";
import { type Benchmark, callsFor, interleave, type Row } from "./measure.ts";
import { peaks } from "./peak.ts";

const SIZES = [256, 512] as const;

/** n×n times n×n, resident: nothing is copied. */
async function product(n: number): Promise<{ run(): void; readonly flops: number }> {
  const a = input("a", [n, n]);
  const b = input("b", [n, n]);
  const net = await compile(program("product", { multiply: { inputs: [a, b], outputs: { c: matmul(a, b) } } }), {
    target: "wasm",
  });
  const { a: left, b: right } = net.multiply.inputs;
  for (let i = 0; i < left.length; i++) {
    left[i] = (i % 7) - 3;
    right[i] = (i % 5) - 2;
  }
  net.multiply.run();
  check(n, left, right, net.multiply.outputs.c);
  return { run: () => net.multiply.run(), flops: 2 * n ** 3 };
}

/** Small integers: every partial sum is exact, so some elements of the plain definition must be met exactly. */
function check(n: number, a: ArrayLike<number>, b: ArrayLike<number>, c: ArrayLike<number>): void {
  for (let at = 0; at < n * n; at += n + 17) {
    const [row, column] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let k = 0; k < n; k++) sum += a[row * n + k] * b[k * n + column];
    if (c[at] !== sum) throw new Error(`product ${n}: [${row}, ${column}] is ${c[at]}, not ${sum}`);
  }
}

/** Matrix products in WebAssembly as a share of what the same run reaches with all operands in registers. */
export const productShare: Benchmark = {
  title: `Matrix product in WebAssembly, one thread${hasRelaxedSimd() ? "" : " (this host has no fused multiply-add)"}`,
  async run({ quick }) {
    const { fused, separate } = peaks();
    const entries = [
      { name: "peak of fused multiply-add", ...fused },
      { name: "peak of multiply and add", ...separate },
    ];
    for (const n of SIZES) entries.push({ name: `product ${n}³`, ...(await product(n)) });
    const contenders = entries.map(({ name, run }) => {
      run(); // The first call may be in the baseline tier, and there is no replacement within a call.
      return { name, body: run, calls: callsFor(run, quick ? 0.005 : 0.05) };
    });
    const seconds = interleave(contenders, quick ? 3 : 41);
    const speed = entries.map(({ name, flops }) => flops / (seconds.get(name) ?? Number.NaN) / 1e9);
    const rows: Row[] = entries.map(({ name }, i) => ({ measure: name, value: speed[i], unit: "GFLOP/s" }));
    SIZES.forEach((n, i) => {
      rows.push({
        measure: `product ${n}³ / peak of fused multiply-add`,
        value: (speed[2 + i] / speed[0]) * 100,
        unit: "%",
        ...(n === 512 ? { bar: { sense: "at least", limit: 60 } } : {}),
      });
    });
    return rows;
  },
};
