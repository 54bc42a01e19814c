import { lenet, lenet1 } from "./lenet.ts";
import { lstm } from "./lstm.ts";
import { mlp, mlp1, mlp256 } from "./mlp.ts";
import { chain, conv3x3, products, softmax } from "./operations.ts";
import { resnet } from "./resnet.ts";
import { transformer } from "./transformer.ts";
import { vae } from "./vae.ts";
import type { Workload } from "./workload.ts";
import { xor } from "./xor.ts";

/** All workloads: training steps, inference, single operations. */
export const WORKLOADS: readonly Workload[] = [
  xor,
  mlp,
  lenet,
  lstm,
  vae,
  transformer,
  resnet,
  mlp1,
  mlp256,
  lenet1,
  ...products,
  softmax,
  chain,
  conv3x3,
];

/** @throws Error that lists the names, for one that is not there */
export function workloadNamed(name: string): Workload {
  const found = WORKLOADS.find(w => w.name === name);
  if (found) return found;
  throw new Error(`no workload ${name}. There are: ${WORKLOADS.map(w => w.name).join(", ")}.`);
}

export * from "./workload.ts";
