import { int, isConst } from "../../src/loop/build.ts";
import type { Expr, MemoryAccess, Stmt } from "../../src/loop/ir.ts";
import { BYTES } from "../../src/shared/dtype.ts";
import { emitAddress, log2 } from "./address.ts";
import { emitConst } from "./convert.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import type { Scope } from "./scope.ts";
import { emitBytesOfMask, emitMaskOfBytes, emitVectorLoad, emitVectorStore } from "./vector-access.ts";

type Load = Extract<Expr, { op: "load" }>;
type Store = Extract<Stmt, { op: "store" }>;
type Typed = Pick<Expr, "dtype" | "lanes">;

/** A vector load with a stride or a mask. */
export function emitLaneLoads(scope: Scope, e: Load): void {
  const { f } = scope;
  const align = log2(BYTES[e.dtype]);
  const bits = bitsOf(e);
  withPlaces(scope, e, e, places => {
    const lanewise = (): void => {
      f.withLocals(["v128"], result => {
        if (e.mask || bits === 8) {
          emitConst(f, e, 0);
          f.set(result);
        }
        eachLane(f, e, places, (lane, offset) => {
          if (lane === 0 && !e.mask && bits !== 8) {
            f.access(`v128.load${bits}_zero`, align, offset);
          } else {
            f.get(result);
            f.accessLane(`v128.load${bits}_lane`, align, offset, pieceOf(e, lane));
          }
          f.set(result);
        });
        f.get(result);
      });
      if (e.dtype === "bool") emitMaskOfBytes(f, e);
    };
    wholeOr(f, places, () => emitVectorLoad(f, e, 0), lanewise, "v128");
  });
}

/** A vector store with a stride or a mask. */
export function emitLaneStores(scope: Scope, s: Store): void {
  const { f } = scope;
  const { value } = s;
  f.withLocals(["v128"], stored => {
    scope.expression(value);
    f.set(stored);
    withPlaces(scope, s, value, places => {
      const whole = (): void => {
        f.get(stored);
        emitVectorStore(f, value, 0);
      };
      const lanewise = (): void => {
        if (value.dtype === "bool") {
          f.get(stored);
          emitBytesOfMask(f);
          f.set(stored);
        }
        eachLane(f, value, places, (lane, offset) => {
          f.get(stored);
          const align = log2(BYTES[value.dtype]);
          f.accessLane(`v128.store${bitsOf(value)}_lane`, align, offset, pieceOf(value, lane));
        });
      };
      wholeOr(f, places, whole, lanewise);
    });
  });
}

const bitsOf = ({ dtype }: Typed): 8 | 32 | 64 => (dtype === "bool" ? 8 : dtype === "f64" ? 64 : 32);

/** The piece of the vector, counted in the element's size, that is a lane (of a mask: its first byte). */
const pieceOf = ({ dtype, lanes }: Typed, lane: number): number => (dtype === "bool" ? (lane * 16) / lanes : lane);

/** The locals that say where the lanes of an access lie. */
interface Places {
  readonly address: number;
  /** What the first lane's instruction adds to the address, later ones a step more each; without, the address steps. */
  readonly offset: number | undefined;
  /** Bytes from lane to lane: a local, or a number. */
  readonly step: { readonly local: number } | number;
  readonly mask: number | undefined;
  readonly consecutive: boolean;
}

function withPlaces(scope: Scope, access: MemoryAccess, type: Typed, body: (places: Places) => void): void {
  const { f } = scope;
  const { buffer, index, stride = int(1), mask } = access;
  const size = BYTES[type.dtype];
  f.withLocals(["i32", "i32", "v128"], (address, step, lanesThere) => {
    if (mask) {
      scope.expression(mask);
      f.set(lanesThere);
    }
    const constant = isConst(stride) ? stride.value * size : undefined;
    if (constant === undefined) {
      scope.expression(stride);
      f.i32(size);
      f.emit("i32.mul");
      f.set(step);
    }
    const offset = emitAddress(scope, buffer, type.dtype, index);
    // Offsets do not wrap: they may follow only an address that is touched itself.
    const byOffset = !mask && constant !== undefined && constant >= 0 && offset + constant * type.lanes < 2 ** 31;
    if (!byOffset && offset > 0) {
      f.i32(offset);
      f.emit("i32.add");
    }
    f.set(address);
    body({
      address,
      offset: byOffset ? offset : undefined,
      step: constant ?? { local: step },
      mask: mask && lanesThere,
      consecutive: constant === size,
    });
  });
}

/** Writes `access` for every lane that is there, its address less the offset on the stack. */
function eachLane(
  f: FunctionBuilder,
  { lanes }: Typed,
  { address, offset, step, mask }: Places,
  access: (lane: number, offset: number) => void,
): void {
  for (let lane = 0; lane < lanes; lane++) {
    if (lane > 0 && offset === undefined) {
      f.get(address);
      if (typeof step === "number") f.i32(step);
      else f.get(step.local);
      f.emit("i32.add");
      f.set(address);
    }
    if (mask !== undefined) {
      f.get(mask);
      f.lane("i32x4.extract_lane", (lane * 4) / lanes);
      f.if();
    }
    f.get(address);
    access(lane, offset !== undefined && typeof step === "number" ? offset + lane * step : 0);
    if (mask !== undefined) f.end();
  }
}

/** Consecutive lanes that are all there, their address on the stack: `whole`; else `lanewise`. */
function wholeOr(
  f: FunctionBuilder,
  { address, mask, consecutive }: Places,
  whole: () => void,
  lanewise: () => void,
  result?: "v128",
): void {
  if (!consecutive || mask === undefined) {
    lanewise();
    return;
  }
  f.get(mask);
  f.emit("i32x4.all_true");
  f.if(result);
  f.get(address);
  whole();
  f.else();
  lanewise();
  f.end();
}
