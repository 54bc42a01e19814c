const INITIAL_BYTES = 256;
const text = new TextEncoder();

/** A growing byte string with the integer, float and name encodings of the WebAssembly binary format. */
export class ByteWriter {
  private bytes = new Uint8Array(INITIAL_BYTES);
  private view = new DataView(this.bytes.buffer);
  length = 0;

  private reserve(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.length, 2 * this.bytes.length));
      grown.set(this.bytes.subarray(0, at));
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return at;
  }

  byte(value: number): void {
    const at = this.reserve(1);
    this.bytes[at] = value;
  }

  /** Writes another byte in the place of one that is there. */
  replace(at: number, value: number): void {
    this.bytes[at] = value;
  }

  append(source: ArrayLike<number>): void {
    const at = this.reserve(source.length);
    this.bytes.set(source, at);
  }

  /** Unsigned LEB128, 0 ≤ value < 2³². */
  u32(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** Signed LEB128 of a 32-bit integer. */
  s32(value: number): void {
    let rest = value | 0;
    while (rest > 0x3f || rest < -0x40) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest & 0x7f);
  }

  /** Signed LEB128 of a 64-bit integer. */
  s64(value: bigint): void {
    let rest = BigInt.asIntN(64, value);
    while (rest > 0x3fn || rest < -0x40n) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest & 0x7fn));
  }

  f32(value: number): void {
    const at = this.reserve(4);
    this.view.setFloat32(at, value, true);
  }

  f64(value: number): void {
    const at = this.reserve(8);
    this.view.setFloat64(at, value, true);
  }

  /** Length and UTF-8 bytes. */
  name(value: string): void {
    this.sized(text.encode(value));
  }

  /** Length and bytes: a code body, a section, a data segment. */
  sized(content: Uint8Array): void {
    this.u32(content.length);
    this.append(content);
  }

  /** What has been written; valid until the next write. */
  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
