import type { Lab } from "./lab.ts";
import { film } from "./plot.ts";
import type { Shown } from "./row.ts";

/** A generator and a discriminator, as they are compiled. */
export interface Players {
  /** One step of the discriminator, on real examples and as many of the generator's. */
  discriminate(feeds: { readonly x: ArrayLike<number> }): { readonly loss: number };
  /** One step of the generator. */
  generate(): { readonly loss: number };
  /** Examples of these codes. */
  make(feeds: { readonly z: ArrayLike<number> }): { readonly x: Float32Array };
  /** The discriminator's logits at these places. */
  judge(feeds: { readonly places: ArrayLike<number> }): { readonly logits: Float32Array };
}

export interface Rules {
  /** Numbers of a code. */
  readonly latents: number;
  /** Examples of a step. */
  readonly batch: number;
  readonly steps: number;
  readonly rateG: number;
  readonly rateD: number;
  /** γ of the discriminator's penalty. */
  readonly penalty: number;
}

/** What a game came to. */
export type Played<K extends string> = Promise<Shown<K>>;

/** Lets the players play, and judges them. */
export type Game<K extends string> = (lab: Lab, players: Players, rules: Rules) => Played<K>;

const FRAMES = 40;
const EVERY = 20;

/**
 * The players take turns.
 * @param data real examples, a batch at each call
 * @param draw a picture of how far they are; the pictures become a film
 */
export function play(lab: Lab, players: Players, { steps }: Rules, data: () => Float32Array, draw: () => string) {
  const frames: string[] = [];
  const losses: Record<"discriminator" | "generator", number[]> = { discriminator: [], generator: [] };
  for (const step of lab.steps(steps)) {
    if (step % Math.floor(steps / FRAMES) === 0) frames.push(draw());
    const [d, g] = [players.discriminate({ x: data() }), players.generate()];
    if (step % EVERY > 0) continue;
    losses.discriminator.push(d.loss);
    losses.generator.push(g.loss);
  }
  return { film: film([...frames, draw()]), losses, every: EVERY };
}

/** Codes as the generator gets them in training. */
export const codes = (lab: Lab, count: number, { latents }: Rules): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: count * latents }, () => lab.random.normal());
