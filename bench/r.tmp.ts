import { compileSync, input, program, exp, softmax, sub, max, sum, mul, add } from "../src/index.ts";
function go(name: string, n: number, p: any, elements: number) { const net: any = compileSync(p, { target: "wasm" }); for (const v of Object.values(net.run.inputs as any)) for (let i = 0; i < (v as any).length; i++) (v as any)[i] = Math.sin(i);
 for (let i = 0; i < 50; i++) net.run.run(); let best = 1e9; const reps = Math.ceil(2e5 / elements); for (let i = 0; i < n; i++) { const s = performance.now(); for (let k = 0; k < reps; k++) net.run.run(); best = Math.min(best, (performance.now() - s) / reps); } console.log(name.padEnd(30), (best * 1e6 * 3.24 / (elements / 4)).toFixed(2), "cycles/vector"); }
for (const [m, s] of [[512, 64], [64, 512], [8, 4096], [1, 32768], [4096, 512]]) { const a = input("a", [m, s]); go(`softmax ${m}x${s}`, 200, program("p", { run: { inputs: [a], outputs: { z: softmax(a) } } }), m * s);
 go(`exp(x-max) sum ${m}x${s}`, 200, program("p", { run: { inputs: [a], outputs: { z: sum(exp(sub(a, max(a, 1, { keepDims: true }))), 1) } } }), m * s);
 go(`max ${m}x${s}`, 200, program("p", { run: { inputs: [a], outputs: { z: max(a, 1) } } }), m * s);
 go(`exp ${m}x${s}`, 200, program("p", { run: { inputs: [a], outputs: { z: exp(a) } } }), m * s);
}
