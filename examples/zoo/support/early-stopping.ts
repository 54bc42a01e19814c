import { batches, type Split, type Table, take } from "./data.ts";
import type { Lab } from "./lab.ts";
import type { Random } from "./random.ts";

/** What early stopping needs of a network that learns to name examples. */
export interface Student {
  train(feeds: { readonly x: ArrayLike<number>; readonly label: ArrayLike<number> }): { readonly loss: number };
  test(feeds: { readonly x: ArrayLike<number>; readonly label: ArrayLike<number> }): { readonly loss: number };
  save(): Uint8Array;
  restore(saved: Uint8Array): unknown;
}

/** Sets apart a random share of the training examples, to see when training should stop. */
export function withValidation({ train, test }: Split, share: number, random: Random) {
  const order = random.permutation(train.length);
  const count = Math.round(share * train.length);
  return { train: take(train, order.subarray(count)), validation: take(train, order.subarray(0, count)), test };
}

export interface StoppingOptions {
  /** Examples of a batch. */
  readonly size: number;
  /** At most so many epochs. */
  readonly epochs: number;
  /** Stops after so many epochs without a smaller loss on the validation examples. */
  readonly patience: number;
  readonly title: string;
}

export interface Stopped {
  /** Mean loss of each epoch's batches. */
  readonly training: readonly number[];
  /** Loss on the validation examples after each epoch. */
  readonly validation: readonly number[];
  /** The epoch whose variables the network has now: the one with the smallest loss on the validation examples. */
  readonly best: number;
}

/** Trains until the loss on examples that are never trained with has stopped falling, and takes the best variables. */
export function trainUntilBest(
  lab: Lab,
  net: Student,
  data: { readonly train: Table; readonly validation: Table },
  { size, epochs, patience, title }: StoppingOptions,
): Stopped {
  const [training, validation]: [number[], number[]] = [[], []];
  let best = 0;
  let saved = net.save();
  for (const epoch of lab.steps(epochs, title)) {
    let [total, steps] = [0, 0];
    for (const { x, label } of batches(data.train, size, lab.random)) {
      total += net.train({ x, label }).loss;
      steps++;
    }
    training.push(total / steps);
    validation.push(net.test({ x: data.validation.x, label: data.validation.label }).loss);
    if (epoch === 0 || validation[epoch] < validation[best]) {
      best = epoch;
      saved = net.save();
    }
    if (epoch - best >= patience) break;
  }
  net.restore(saved);
  return { training, validation, best };
}
