import { compileSync, input, program, softmax, max, exp } from "../src/index.ts";
const what = process.argv[2]; const a = input("a", [64, 512]);
const net: any = compileSync(program("p", { run: { inputs: [a], outputs: { z: what === "max" ? max(a, 1) : what === "exp" ? exp(a) : softmax(a) } } }), { target: "wasm" });
for (let i = 0; i < 20000; i++) net.run.run();
