import { argumentError, foldIn, GradcError, requireUpdate, State, set, type Tensor, type Update } from "../api.ts";

/** Whether layers train or infer, where they get random keys, and what they want updated. */
export interface Mode {
  readonly training: boolean;
  /** A random key that no other call gets. */
  key(): Tensor<"u32">;
  /**
   * What layers add to the function's updates: `updates: [...optimizer(params, grads), ...mode.updates]`. program() reports
   * a program that lacks them. (A mode of your own, whose key() folds a constant key, draws the same in every call.)
   */
  readonly updates: Update[];
}

/** @throws GradcError `argument` for what is no mode: a layer was called without one */
export function checkMode(who: string, mode: unknown): void {
  if (typeof mode === "object" && mode !== null && "training" in mode && "updates" in mode) return;
  const mend = "Pass training(key) in a function that trains, inference in others.";
  throw argumentError(who, "the mode is missing", "training(key) or inference", mode, mend);
}

/**
 * The mode of a training function. Make one for each function.
 * @param key a state that holds a random key: `state("key", key(1))`; it advances with every call of the function
 */
export function training(key: State<string, "u32">): Mode {
  if (!(key instanceof State) || key.dtype !== "u32") {
    throw argumentError("training", "the key is not a state", 'state("key", key(1))', key);
  }
  const updates: Update[] = [];
  let next: Update | undefined;
  let drawn = 0;
  return {
    training: true,
    updates,
    key() {
      // Fold 0 is the next call's key; folds 1, 2, … are this call's subkeys.
      if (!next) {
        next = set(key, foldIn(key, 0));
        updates.push(next);
      }
      drawn++;
      return requireUpdate(foldIn(key, drawn), next);
    },
  };
}

/** The mode of a function that does not train: no randomness, no updates. */
export const inference: Mode = {
  training: false,
  updates: [],
  key() {
    throw new GradcError("attribute", "inference has no random key", {
      expected: "training(key)",
      received: "inference",
      mend: "Draw only where mode.training is true.",
    });
  },
};
Object.freeze(inference.updates);
