import type { Expr } from "../../src/loop/ir.ts";
import { BYTES } from "../../src/shared/dtype.ts";
import { log2 } from "./address.ts";
import type { FunctionBuilder } from "./function-builder.ts";

type Typed = Pick<Expr, "dtype" | "lanes">;

/** Consecutive elements, from the address on the stack plus the offset. */
export function emitVectorLoad(f: FunctionBuilder, type: Typed, offset: number): void {
  const { dtype, lanes } = type;
  if (dtype === "bool") {
    f.access(lanes === 2 ? "v128.load16_splat" : "v128.load32_splat", 0, offset);
    // Repeated bytes: keep byte i in lane i.
    const kept = new Uint8Array(16);
    for (let i = 0; i < lanes; i++) kept[(i * 16) / lanes + i] = 255;
    f.v128(kept);
    f.emit("v128.and");
    emitMaskOfBytes(f, type);
  } else {
    f.access(lanes * BYTES[dtype] === 16 ? "v128.load" : "v128.load64_zero", log2(BYTES[dtype]), offset);
  }
}

/** Lanes with a byte 0 or 1 anywhere in them → a mask. */
export function emitMaskOfBytes(f: FunctionBuilder, { lanes }: Typed): void {
  f.v128(new Uint8Array(16));
  f.emit(lanes === 2 ? "i64x2.ne" : "i32x4.ne");
}

/** Consecutive elements from an address plus the offset: the address and the vector are on the stack. */
export function emitVectorStore(f: FunctionBuilder, type: Typed, offset: number): void {
  const { dtype, lanes } = type;
  const align = log2(BYTES[dtype]);
  if (dtype === "bool") {
    emitBytesOfMask(f);
    f.v128(Uint8Array.from({ length: 16 }, (_, i) => (i < lanes ? (i * 16) / lanes : 255)));
    f.emit("i8x16.swizzle");
    f.accessLane(lanes === 2 ? "v128.store16_lane" : "v128.store32_lane", align, offset, 0);
  } else if (lanes * BYTES[dtype] === 16) {
    f.access("v128.store", align, offset);
  } else {
    f.accessLane("v128.store64_lane", align, offset, 0);
  }
}

/** A mask → 0 or 1 in every byte of a lane. */
export function emitBytesOfMask(f: FunctionBuilder): void {
  f.v128(new Uint8Array(16).fill(1));
  f.emit("v128.and");
}
