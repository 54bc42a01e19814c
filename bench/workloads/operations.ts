import {
  abs,
  add,
  conv,
  heNormal,
  input,
  matmul,
  maximum,
  minimum,
  mul,
  param,
  program,
  relu,
  softmax as softmaxOf,
  sub,
} from "../../src/index.ts";
import { values } from "./data.ts";
import { convFlops, productFlops, type Workload } from "./workload.ts";

/** An n×n matrix times another. */
const product = (n: number): Workload => ({
  name: `product-${n}`,
  title: `product ${n}³`,
  kind: "inference",
  declare() {
    const a = input("a", [n, n]);
    const b = input("b", [n, n]);
    return program("product", { predict: { inputs: [a, b], outputs: { y: matmul(a, b) } } });
  },
  feeds: call => ({ a: values(call, n * n), b: values(call + 1, n * n) }),
  flops: productFlops(n, n, n),
});

export const product512 = product(512);
export const product1024 = product(1024);

const [ROWS, COLUMNS] = [4096, 512] as const;

/** Of every row. Largest element, difference, exponential, sum and quotient count one each. */
export const softmax: Workload = {
  name: "softmax",
  title: `softmax ${ROWS}×${COLUMNS}`,
  kind: "inference",
  declare() {
    const x = input("x", [ROWS, COLUMNS]);
    return program("softmax", { predict: { inputs: [x], outputs: { y: softmaxOf(x) } } });
  },
  feeds: call => ({ x: values(call, ROWS * COLUMNS).map(v => 4 * v) }),
  flops: 5 * ROWS * COLUMNS,
};

const LENGTH = 1_000_000;

/** Twelve cheap operations one after the other, none of which another makes superfluous. */
export const chain: Workload = {
  name: "chain",
  title: "elementwise chain of 12 on 10⁶",
  kind: "inference",
  declare() {
    const x = input("x", [LENGTH]);
    const line = add(mul(x, 1.1), 0.3);
    const bend = abs(sub(mul(relu(line), line), x));
    const bounded = minimum(mul(bend, 0.7), 0.6);
    const y = mul(maximum(add(mul(bounded, line), 0.1), -0.2), x);
    return program("chain", { predict: { inputs: [x], outputs: { y } } });
  },
  feeds: call => ({ x: values(call, LENGTH) }),
  flops: 12 * LENGTH,
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
