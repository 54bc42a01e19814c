/** Where stored values go: a byte offset in the memory, how many bytes, or how many halves that become f32. */
export type Place = readonly [offset: number, count: number, half?: 1];

/**
 * Puts values that a module carries, one place after the other, into the memory of an instance.
 * @throws Error where there are not as many (the caller passed another WebAssembly.Module)
 */
export function fill(
  memory: ArrayBufferLike,
  stored: Uint8Array,
  places: readonly Place[],
  widen?: (bits: number) => number,
): void {
  let at = 0;
  for (const [offset, count, half] of places) {
    if (half && widen) {
      const target = new Float32Array(memory, offset, count);
      for (let i = 0; i < count; i++) target[i] = widen(stored[at++] + 256 * stored[at++]);
    } else {
      new Uint8Array(memory, offset, count).set(stored.subarray(at, at + count));
      at += count;
    }
  }
  if (at !== stored.length) throw new Error("the WebAssembly.Module does not hold this network's weights");
}
