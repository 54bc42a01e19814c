import type { OpTable } from "../graph/parse.ts";
import { afterOp } from "../kinds/after.ts";
import { batchedOp } from "../kinds/batched.ts";
import { checkpointOp } from "../ops/checkpoint.ts";
import { customGradTextOp } from "../ops/custom.ts";
import { OPS } from "../ops/index.ts";
import { jvpRequest, vjpRequest } from "./request.ts";
import { tapOp } from "./tap.ts";

/**
 * Every operation that the text of a graph may name, at any stage: the catalogue, requests of derivatives, the taps on
 * their targets, functions with rules of their own, batches of composites, and checkpoints.
 */
export const GRAPH_OPS: OpTable = new Map([
  ...OPS,
  ...[vjpRequest, jvpRequest, tapOp, customGradTextOp, batchedOp, afterOp, checkpointOp].map(
    op => [op.name, op] as const,
  ),
]);
