import { accuracy } from "./data.ts";
import type { Random } from "./random.ts";

/** Times of spikes in ms, a list for each channel. */
export type SpikeTrains = readonly (readonly number[])[];

export interface Trials {
  /** 1 where a channel fires within a millisecond: [time, channels, trials]. */
  readonly spikes: Float32Array<ArrayBuffer>;
  /** Which template each trial is made of. */
  readonly label: Int32Array<ArrayBuffer>;
}

/** Poisson spike trains: a spike after waits that are exponentially distributed, in every channel. */
export const poissonTrains = (channels: number, length: number, hertz: number, random: Random): SpikeTrains =>
  Array.from({ length: channels }, () => {
    const times: number[] = [];
    for (let t = 0; ; times.push(t)) {
      t -= (1000 / hertz) * Math.log(1 - random.uniform());
      if (t >= length) return times;
    }
  });

export interface TrialsOptions {
  readonly count: number;
  /** Milliseconds of a trial. */
  readonly time: number;
  /** Every spike is moved by a normal deviate of so many ms. */
  readonly jitter: number;
}

/** Trials of templates, one after the other. */
export function trialsOf(templates: readonly SpikeTrains[], options: TrialsOptions, random: Random): Trials {
  const { count, time, jitter } = options;
  const channels = templates[0].length;
  const spikes = new Float32Array(time * channels * count);
  const label = Int32Array.from({ length: count }, (_, i) => i % templates.length);
  for (let trial = 0; trial < count; trial++) {
    for (const [channel, times] of templates[label[trial]].entries()) {
      for (const at of times) {
        const t = Math.floor(at + jitter * random.normal());
        if (t >= 0 && t < time) spikes[(t * channels + channel) * count + trial] = 1;
      }
    }
  }
  return { spikes, label };
}

/** What readouts at several times say: the share of trials named right at each; `scores` [times, trials, classes]. */
export const rightAt = (scores: Float32Array, label: Int32Array, times: number): number[] =>
  Array.from({ length: times }, (_, i) =>
    accuracy(scores.subarray((i * scores.length) / times, ((i + 1) * scores.length) / times), label),
  );
