import { grad, input, matmul, mean, mul, param, program, relu, set, sub, zerosInit } from "../src/index.ts";

/** The expression that ARCHITECTURE.md follows through the compiler. */
const x = input("x", [4, 3]);
const w = param("w", [3, 2], zerosInit());
const h = relu(matmul(x, w));
const loss = mean(mul(h, h));

export default program("walk", {
  train: { inputs: [x], outputs: { loss }, updates: [set(w, sub(w, mul(grad(loss, w), 0.1)))] },
});
