import {
  add,
  binaryCrossEntropyWithLogits,
  div,
  exp,
  grad,
  input,
  mul,
  program,
  relu,
  square,
  sub,
  sum,
} from "../../src/index.ts";
import { adam, dense, parameters } from "../../src/nn/index.ts";
import { images, values } from "./data.ts";
import { productFlops, trained, type Workload } from "./workload.ts";

const BATCH = 64;
const [PIXELS, HIDDEN, LATENT] = [784, 400, 20] as const;

/** A variational autoencoder (Kingma & Welling 2014). Its noise is an input, so that every contender has the same. */
export const vae: Workload = {
  name: "vae",
  title: "VAE 784-400-20, batch 64, Adam",
  kind: "training",
  declare() {
    const x = input("x", [BATCH, PIXELS]);
    const noise = input("noise", [BATCH, LATENT]);

    const encoded = dense(x, HIDDEN, { name: "encoder", activation: relu });
    const mean = dense(encoded, LATENT, { name: "mean" });
    const logVariance = dense(encoded, LATENT, { name: "logVariance" });
    const z = add(mean, mul(exp(mul(logVariance, 0.5)), noise));
    const decoded = dense(z, HIDDEN, { name: "decoder", activation: relu });
    const logits = dense(decoded, PIXELS, { name: "pixels" });

    // −ln p(x | z), and the divergence of N(mean, variance) from N(0, 1): −½·Σ(1 + ln σ² − μ² − σ²).
    const reconstruction = sum(binaryCrossEntropyWithLogits(logits, x));
    const divergence = mul(sum(sub(add(1, logVariance), add(square(mean), exp(logVariance)))), -0.5);
    const loss = div(add(reconstruction, divergence), BATCH);

    const params = parameters(loss);
    return program("vae", {
      train: { inputs: [x, noise], outputs: { loss }, updates: adam()(params, grad(loss, params)) },
    });
  },
  feeds: call => ({ x: images(call, BATCH, PIXELS).x, noise: values(call + 1, BATCH * LATENT) }),
  flops:
    trained(productFlops(BATCH, PIXELS, HIDDEN), "first") +
    2 * trained(productFlops(BATCH, HIDDEN, LATENT)) +
    trained(productFlops(BATCH, LATENT, HIDDEN)) +
    trained(productFlops(BATCH, HIDDEN, PIXELS)),
};
