/**
 * A copy of code in which some bytes are others. The patch is a list of runs: how many bytes stay, how many change, and
 * what to.
 */
export function patched(code: Uint8Array, patch: Uint8Array): Uint8Array<ArrayBuffer> {
  const result = Uint8Array.from(code);
  for (let at = 0, i = 0; i < patch.length; ) {
    at += patch[i++];
    for (let count = patch[i++]; count > 0; count--) result[at++] = patch[i++];
  }
  return result;
}

/** Code with relaxed SIMD, made of the plain code, where this host takes it; else the plain code. */
export function variant(plain: Uint8Array<ArrayBuffer>, patch: Uint8Array): Uint8Array<ArrayBuffer> {
  const relaxed = patched(plain, patch);
  return WebAssembly.validate(relaxed) ? relaxed : plain;
}
