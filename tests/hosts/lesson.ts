import digits from "../../examples/digits.ts";
import type { CompileOptions } from "../../src/compile.ts";
import { compileSync } from "../../src/compile-sync.ts";

export interface Answer {
  readonly losses: readonly number[];
  readonly probabilities: readonly number[];
}

/** Sixteen patterns, three training steps and a prediction of the digits network: text, since it runs on every host. */
export const LESSON = `
export const seed = 3;
const x = Float32Array.from({ length: 16 * 64 }, (_, i) => ((i * 7919) % 101) / 100);
const label = Int32Array.from({ length: 16 }, (_, i) => i % 10);
export function lesson(net) {
  const losses = [0, 1, 2].map(() => net.train({ x, label, learningRate: 0.01 }).loss);
  return { losses, probabilities: Array.from(net.predict({ x }).probabilities) };
}
`;

/** What the lesson gives in memory, here. In reproducible mode these are the bits that every host has to give. */
export async function lessonHere(options: CompileOptions): Promise<Answer> {
  const { lesson, seed } = await import(`data:text/javascript,${encodeURIComponent(LESSON)}`);
  const answer: Answer = lesson(compileSync(digits, { ...options, seed }));
  const { losses } = answer;
  if (!(losses[2] < losses[0])) throw new Error(`the lesson teaches nothing: ${losses.join()}`);
  return answer;
}
