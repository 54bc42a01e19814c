import { compileSync, input, program, matmul, exp, softmax } from "../src/index.ts";
import { peaks } from "./peak.ts";
const { fused } = peaks();
function go(name: string, n: number, p: any, flops: number) { const net: any = compileSync(p, { target: "wasm" }); for (const v of Object.values(net.run.inputs as any)) (v as any).fill(0.01);
 for (let i = 0; i < 50; i++) net.run.run(); const ts = []; for (let i = 0; i < n; i++) { const s = performance.now(); net.run.run(); ts.push(performance.now() - s); } ts.sort((a, b) => a - b); console.log(name, (flops / ts[0] / 1e6).toFixed(1), (flops / ts[n >> 1] / 1e6).toFixed(1), (flops / ts[Math.floor(n * .9)] / 1e6).toFixed(1)); }
for (const s of [48, 96, 240, 512]) { const a = input("a", [s, s]), b = input("b", [s, s]); go("product " + s, 100, program("p", { run: { inputs: [a, b], outputs: { z: matmul(a, b) } } }), 2 * s ** 3); }
for (const s of [1000, 20000, 100000, 1000000]) { const a = input("a", [s]); go("exp " + s, 100, program("p", { run: { inputs: [a], outputs: { z: exp(a) } } }), 18 * s); }
for (const [m, s] of [[8, 512], [64, 512], [4096, 512]]) { const a = input("a", [m, s]); go("softmax " + m, 100, program("p", { run: { inputs: [a], outputs: { z: softmax(a) } } }), 22 * m * s); }
{ const ts = []; for (let i = 0; i < 100; i++) { const s = performance.now(); fused.run(); ts.push(performance.now() - s); } ts.sort((a, b) => a - b); console.log("fused", (fused.flops / ts[0] / 1e6).toFixed(1), (fused.flops / ts[50] / 1e6).toFixed(1)); }
