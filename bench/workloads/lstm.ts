import {
  add,
  gather,
  grad,
  input,
  matmul,
  mul,
  type Program,
  param,
  program,
  scan,
  sigmoid,
  split,
  stack,
  type Tensor,
  tanh,
  unstack,
  zeros,
} from "../../src/index.ts";
import { adam, crossEntropy, dense, parameters } from "../../src/nn/index.ts";
import { indices } from "./data.ts";
import { productFlops, trained, type Workload } from "./workload.ts";

const SYMBOLS = 64;
const HIDDEN = 128;
const STEPS = 32;
const BATCH = 16;

type Carry = { readonly h: Tensor<"f32">; readonly c: Tensor<"f32"> };

/**
 * One step of a long short-term memory (Hochreiter & Schmidhuber 1997, with a forget gate):
 * c ← σ(f)·c + σ(i)·tanh(g), h ← σ(o)·tanh(c).
 * @param x what the input adds to the gates, [batch, 4·hidden]
 */
function cell({ h, c }: Carry, x: Tensor<"f32">, wh: Tensor<"f32">): Carry {
  const [i, f, g, o] = split(add(x, matmul(h, wh)), 4, 1);
  const next = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
  return { h: mul(sigmoid(o), tanh(next)), c: next };
}

/** How the steps become a graph: as a loop, or one by one. */
export type Loop = "scan" | "unrolled";

/** The hidden states of all steps, [steps, batch, hidden]. */
function states(loop: Loop, start: Carry, xs: Tensor<"f32">, wh: Tensor<"f32">): Tensor<"f32"> {
  if (loop === "scan") {
    const body = (carry: Carry, x: Tensor<"f32">) => {
      const after = cell(carry, x, wh);
      return { carry: after, out: after.h };
    };
    return scan(body, start, xs).out;
  }
  let carry = start;
  const hidden = unstack(xs).map(x => {
    carry = cell(carry, x, wh);
    return carry.h;
  });
  return stack(hidden);
}

export function declareLstm(loop: Loop, steps = STEPS): Program {
  const symbol = input("symbol", [steps, BATCH], "i32");
  const next = input("next", [steps, BATCH], "i32");

  const wx = param("wx", [SYMBOLS, 4 * HIDDEN]);
  const wh = param("wh", [HIDDEN, 4 * HIDDEN]);
  const b = param("b", [4 * HIDDEN]);
  const start: Carry = { h: zeros([BATCH, HIDDEN]), c: zeros([BATCH, HIDDEN]) };
  const h = states(loop, start, add(gather(wx, symbol), b), wh);
  const loss = crossEntropy(dense(h, SYMBOLS, { name: "out" }), next);

  const params = parameters(loss);
  return program("lstm", {
    train: { inputs: [symbol, next], outputs: { loss }, updates: adam()(params, grad(loss, params)) },
  });
}

/** Predicts the next of 64 symbols. A symbol picks its row of the input weights: its product with them as a unit vector. */
export const lstm: Workload = {
  name: "lstm",
  title: "char LSTM 64-128, 32 steps, batch 16, Adam",
  kind: "training",
  declare: () => declareLstm("scan"),
  feeds(call) {
    const text = indices(call, (STEPS + 1) * BATCH, SYMBOLS);
    return { symbol: text.slice(0, STEPS * BATCH), next: text.slice(BATCH) };
  },
  flops:
    trained(STEPS * productFlops(BATCH, HIDDEN, 4 * HIDDEN)) + trained(productFlops(STEPS * BATCH, HIDDEN, SYMBOLS)),
};
