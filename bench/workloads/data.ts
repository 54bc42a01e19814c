/** Uniform numbers in [0, 1): xorshift with 32 bits of state (Marsaglia 2003). Equal seeds give equal numbers. */
export function random(seed: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x2545f491) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** `length` numbers from −1 to 1. */
export function values(seed: number, length: number): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length }, () => 2 * next() - 1);
}

/** `length` whole numbers from 0 to `below` − 1. */
export function indices(seed: number, length: number, below: number): Int32Array {
  const next = random(seed);
  return Int32Array.from({ length }, () => Math.floor(next() * below));
}

export interface LabelledImages {
  readonly x: Float32Array;
  readonly label: Int32Array;
}

/** Images of `pixels` values from 0 to 1: half the pattern of their class, half noise. There are ten classes. */
export function images(seed: number, count: number, pixels: number): LabelledImages {
  const label = indices(seed, count, 10);
  const noise = random(seed + 1);
  const patterns = Array.from({ length: 10 }, (_, k) => values(1000 + k, pixels));
  const x = Float32Array.from({ length: count * pixels }, (_, i) => {
    const pattern = (patterns[label[Math.floor(i / pixels)]][i % pixels] + 1) / 2;
    return (pattern + noise()) / 2;
  });
  return { x, label };
}
