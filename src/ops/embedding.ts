import { checkTensors } from "../graph/arguments.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { formatType } from "../shared/shape.ts";
import { callError } from "./coerce.ts";
import { gather } from "./gather.ts";

/**
 * Rows of a table: [V, E] and ids [B, T] give [B, T, E]. The gradient of the table is a scatterAdd of rows: each row's sum
 * runs in the order of the ids, whatever the number of threads.
 * @param table f32 or f64, [vocabulary, features…]
 * @param ids i32, any shape, 0 ≤ id < vocabulary; checked where they are constants or inputs, else clamped
 * @throws GradcError `shape`, `dtype`, `input-range` (constant ids out of range)
 */
export function embedding<D extends FloatDType>(table: Tensor<D>, ids: Tensor<"i32">): Tensor<D> {
  checkTensors("embedding", { table, ids });
  if (table.rank < 2) {
    throw callError("shape", "embedding: the table has no rows", {
      expected: "[vocabulary, features]",
      received: formatType(table),
    });
  }
  return gather(table, ids);
}
