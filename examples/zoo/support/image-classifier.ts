import { accuracy, batches, type Split, type Table } from "./data.ts";
import { shifted } from "./image.ts";
import type { Random } from "./random.ts";

/** A network that names images, as it is compiled. */
export interface ImageClassifier {
  train(feeds: { readonly x: ArrayLike<number>; readonly label: ArrayLike<number> }): { readonly loss: number };
  predict(feeds: { readonly images: ArrayLike<number> }): { readonly logits: ArrayLike<number> };
}

export interface Lesson {
  /** Counts epochs, as lab.steps does. */
  readonly epochs: Iterable<number>;
  readonly batch: number;
  /** Every image is moved by up to so many pixels. Default 0. */
  readonly shift?: number;
}

/** So many steps are one point of a learning curve. */
export const POINT = 20;

/** Trains for some epochs, and returns the mean loss of every POINT steps. */
export function learn(net: ImageClassifier, train: Table, random: Random, lesson: Lesson): number[] {
  const { epochs, batch, shift = 0 } = lesson;
  const losses: number[] = [];
  let [steps, sum] = [0, 0];
  for (const _ of epochs) {
    for (const { x, label } of batches(train, batch, random)) {
      sum += net.train({ x: shift > 0 ? shifted(x, Math.sqrt(train.width), shift, random) : x, label }).loss;
      if (++steps % POINT !== 0) continue;
      losses.push(sum / POINT);
      sum = 0;
    }
  }
  return losses;
}

/** Logits for all images, `most` in a call. */
export function logitsOf(net: Pick<ImageClassifier, "predict">, images: Table, most = 400): number[] {
  const { x, width, length } = images;
  const scores: number[] = [];
  for (let from = 0; from < length; from += most) {
    scores.push(...Array.from(net.predict({ images: x.subarray(from * width, (from + most) * width) }).logits));
  }
  return scores;
}

/** The share of test images that a network names right. */
export const tested = (net: Pick<ImageClassifier, "predict">, { test }: Split): number =>
  accuracy(logitsOf(net, test), test.label);

/** The place of the largest of each `width` values. */
export const largest = (scores: readonly number[], width: number): number[] =>
  Array.from({ length: scores.length / width }, (_, row) => {
    const own = scores.slice(row * width, (row + 1) * width);
    return own.indexOf(Math.max(...own));
  });
