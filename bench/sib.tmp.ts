import { compileSync, input, program, exp } from "../src/index.ts";
const a = input("a", [20000]); const net: any = compileSync(program("p", { run: { inputs: [a], outputs: { z: exp(a) } } }), { target: "wasm" });
const out: string[] = []; for (let i = 0; i < 200; i++) net.run.run(); for (let k = 0; k < 10; k++) { const t0 = performance.now(); let n = 0; while (performance.now() - t0 < 200) { net.run.run(); n++; } out.push((200e-3 * 3.24e9 / n / 5000).toFixed(1)); } console.log(process.argv[2], out.join(" "));
