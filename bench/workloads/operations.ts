import {
  abs,
  add,
  conv,
  div,
  exp,
  heNormal,
  input,
  matmul,
  maximum,
  mul,
  param,
  program,
  softmax as softmaxOf,
  sqrt,
  sub,
  tanh,
  transpose,
} from "../../src/index.ts";
import { values } from "./data.ts";
import { convFlops, DIVIDE_FLOPS, EXP_FLOPS, productFlops, TANH_FLOPS, type Workload } from "./workload.ts";

type Form = "ab" | "abT" | "aTb";
const TITLES: Readonly<Record<Form, string>> = { ab: "A·B", abT: "A·Bᵀ", aTb: "Aᵀ·B" };

/** An n×n matrix times another, either of them transposed: gradients of a layer are of the last two forms. */
const product = (n: number, form: Form = "ab"): Workload => ({
  name: form === "ab" ? `product-${n}` : `product-${n}-${form}`,
  title: `product ${n}³${form === "ab" ? "" : `, ${TITLES[form]}`}`,
  kind: "inference",
  declare() {
    const a = input("a", [n, n]);
    const b = input("b", [n, n]);
    const y = matmul(form === "aTb" ? transpose(a) : a, form === "abT" ? transpose(b) : b);
    return program("product", { predict: { inputs: [a, b], outputs: { y } } });
  },
  feeds: call => ({ a: values(call, n * n), b: values(call + 1, n * n) }),
  flops: productFlops(n, n, n),
});

export const products: readonly Workload[] = [product(512), product(512, "abT"), product(512, "aTb"), product(1024)];

const [ROWS, COLUMNS] = [4096, 512] as const;

/** Of every row: largest element, difference, exponential, sum, quotient. */
export const softmax: Workload = {
  name: "softmax",
  title: `softmax ${ROWS}×${COLUMNS}`,
  kind: "inference",
  declare() {
    const x = input("x", [ROWS, COLUMNS]);
    return program("softmax", { predict: { inputs: [x], outputs: { y: softmaxOf(x) } } });
  },
  feeds: call => ({ x: values(call, ROWS * COLUMNS).map(v => 4 * v) }),
  flops: (4 + EXP_FLOPS) * ROWS * COLUMNS,
};

const LENGTH = 1_000_000;

/** Twelve operations one after the other, of the kinds that networks and their optimizers have. */
export const chain: Workload = {
  name: "chain",
  title: "elementwise chain of 12 on 10⁶",
  kind: "inference",
  declare() {
    const x = input("x", [LENGTH]);
    const bend = tanh(add(mul(x, 1.1), 0.3));
    const root = sqrt(abs(sub(mul(bend, x), 0.2)));
    const y = maximum(div(x, add(exp(mul(root, -0.7)), 1)), -0.2);
    return program("chain", { predict: { inputs: [x], outputs: { y } } });
  },
  feeds: call => ({ x: values(call, LENGTH) }),
  flops: (8 + EXP_FLOPS + TANH_FLOPS + 2 * DIVIDE_FLOPS) * LENGTH,
};

const [SIDE, CHANNELS] = [56, 64] as const;

/** A 3×3 convolution of one image, as in the middle of a network. */
export const conv3x3: Workload = {
  name: "conv",
  title: `conv 3×3 ${CHANNELS}→${CHANNELS}, ${SIDE}×${SIDE}`,
  kind: "inference",
  declare() {
    const x = input("x", [1, SIDE, SIDE, CHANNELS]);
    const w = param("w", [3, 3, CHANNELS, CHANNELS], heNormal());
    return program("conv", { predict: { inputs: [x], outputs: { y: conv(x, w, { padding: "same" }) } } });
  },
  feeds: call => ({ x: values(call, SIDE * SIDE * CHANNELS) }),
  flops: convFlops(SIDE * SIDE, 9, CHANNELS, CHANNELS),
};
