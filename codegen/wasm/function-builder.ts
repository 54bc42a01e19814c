import { present } from "../../src/shared/errors.ts";
import { Code } from "./code.ts";
import { ByteWriter } from "./encoder.ts";
import { type Instruction, OPCODES } from "./instructions.ts";
import { numberLocals } from "./number-locals.ts";
import { TYPE_BYTES, type ValueType } from "./value-type.ts";

const EMPTY_BLOCK = 0x40;
const LOCAL_TEE = 0x22;
/** An instruction that ends at a place; nothing follows it where that is the length of the code. */
interface Written {
  readonly code: Code;
  readonly end: number;
}

/** A `local.set`, and the vector constant that it sets. */
interface LastSet extends Written {
  readonly local: number;
  readonly constant: string | undefined;
}

/** Writes the body of one function, instruction by instruction. */
export class FunctionBuilder {
  private readonly prologue = new Code();
  private code = new Code();
  private lastSet: LastSet | undefined;
  private lastConstant: Written & { readonly key: string } = { code: this.code, end: -1, key: "" };
  private readonly constants = new Map<string, number>();
  /** The blocks that are open; of a loop, the number of uses of locals before it. */
  private readonly open: { readonly loop: boolean; readonly from: number }[] = [];
  private readonly paramCount: number;
  private readonly locals: ValueType[] = [];

  constructor(paramCount: number) {
    this.paramCount = paramCount;
  }

  /** A local of a type, its value undefined. */
  local(type: ValueType): number {
    this.locals.push(type);
    return this.paramCount + this.locals.length - 1;
  }

  /** Writes `body` into a part of its own, to be appended later. */
  separately(body: () => void): Code {
    const outer = this.code;
    const part = new Code();
    this.code = part;
    body();
    this.code = outer;
    return part;
  }

  append(part: Code): void {
    this.code.join(part);
  }

  /** Locals for what `body` writes. */
  withLocals(types: readonly ValueType[], body: (...locals: number[]) => void): void {
    body(...types.map(type => this.local(type)));
  }

  /** One instruction without immediates, or the opcode of one whose immediates follow. */
  emit(...names: readonly Instruction[]): void {
    for (const name of names) {
      const { prefix, code } = present(OPCODES.get(name), `no opcode of ${name}`);
      if (prefix === 0) {
        this.code.byte(code);
      } else {
        this.code.byte(prefix);
        this.code.u32(code);
      }
    }
  }

  get(local: number): void {
    if (this.justSet(last => last.local === local)) return;
    this.emit("local.get");
    this.code.use(local, false);
  }

  set(local: number): void {
    const { code, lastConstant } = this;
    const constant = lastConstant.code === code && lastConstant.end === code.length ? lastConstant.key : undefined;
    this.emit("local.set");
    this.lastSet = { code, end: code.length, local, constant };
    code.use(local, true);
  }

  /** Where the last instruction sets a local to what is wanted, keeps it on the stack as well. */
  private justSet(wanted: (last: LastSet) => boolean): boolean {
    const { code, lastSet } = this;
    if (lastSet?.code !== code || lastSet.end !== code.length || !wanted(lastSet)) return false;
    code.replace(lastSet.end - 1, LOCAL_TEE);
    this.lastSet = undefined;
    return true;
  }

  tee(local: number): void {
    this.emit("local.tee");
    this.code.use(local, true);
  }

  i32(value: number): void {
    this.emit("i32.const");
    this.code.s32(value);
  }

  i64(value: bigint): void {
    this.emit("i64.const");
    this.code.s64(value);
  }

  f32(value: number): void {
    this.emit("f32.const");
    this.code.f32(value);
  }

  f64(value: number): void {
    this.emit("f64.const");
    this.code.f64(value);
  }

  /**
   * A constant of 16 bytes, given as a typed array of that size. Inside loops it is read from a local that is set where
   * the function starts: engines build constants anew in every iteration. 0 and ~0 cost nothing to build.
   */
  v128(value: ArrayBufferView): void {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, 16);
    const key = bytes.join();
    if (!this.open.some(block => block.loop) || bytes.every(b => b === bytes[0] && (b === 0 || b === 255))) {
      if (!this.justSet(last => last.constant === key)) {
        this.emit("v128.const");
        this.code.append(bytes);
      }
      this.lastConstant = { code: this.code, end: this.code.length, key };
      return;
    }
    let local = this.constants.get(key);
    if (local === undefined) {
      local = this.local("v128");
      this.constants.set(key, local);
      this.prologue.append([0xfd, 12, ...bytes, 0x21]);
      this.prologue.use(local, true);
    }
    this.get(local);
  }

  /** A load or store: address (and value) on the stack; `align` is the logarithm of the alignment. */
  access(name: Instruction, align: number, offset: number): void {
    this.emit(name);
    this.code.u32(align);
    this.code.u32(offset);
  }

  /** A store of one lane. */
  accessLane(name: Instruction, align: number, offset: number, lane: number): void {
    this.access(name, align, offset);
    this.code.byte(lane);
  }

  /** extract_lane or replace_lane. */
  lane(name: Instruction, lane: number): void {
    this.emit(name);
    this.code.byte(lane);
  }

  /** Bytes of the two operands (0 … 15, 16 … 31) in a new order. */
  shuffle(bytes: readonly number[]): void {
    this.emit("i8x16.shuffle");
    this.code.append(bytes);
  }

  copyBytes(): void {
    this.emit("memory.copy");
    this.code.append([0, 0]);
  }

  /** Copies from a passive data segment; destination, offset in the segment and size are on the stack. */
  initBytes(segment: number): void {
    this.emit("memory.init");
    this.code.u32(segment);
    this.code.byte(0);
  }

  /** `select` for vectors, which need the type spelled out. */
  selectVector(): void {
    this.emit("select_typed");
    this.code.append([1, TYPE_BYTES.v128]);
  }

  call(functionIndex: number): void {
    this.code.byte(0x10);
    this.code.u32(functionIndex);
  }

  block(): void {
    this.open.push({ loop: false, from: 0 });
    this.code.append([0x02, EMPTY_BLOCK]);
  }

  loop(): void {
    this.open.push({ loop: true, from: this.code.uses.length });
    this.code.append([0x03, EMPTY_BLOCK]);
  }

  if(result?: ValueType): void {
    this.open.push({ loop: false, from: 0 });
    this.code.append([0x04, result === undefined ? EMPTY_BLOCK : TYPE_BYTES[result]]);
  }

  else(): void {
    this.code.byte(0x05);
  }

  end(): void {
    const { loop, from } = present(this.open.pop(), "wasm: an end without a block");
    if (loop) this.code.loops.push({ from, to: this.code.uses.length });
    this.code.byte(0x0b);
  }

  branch(depth: number): void {
    this.code.byte(0x0c);
    this.code.u32(depth);
  }

  branchIf(depth: number): void {
    this.code.byte(0x0d);
    this.code.u32(depth);
  }

  /** Locals (run-length encoded) and code. */
  finish(): Uint8Array {
    const whole = new Code();
    whole.join(this.prologue);
    whole.join(this.code);
    const { paramCount } = this;
    const { runs, numbers } = numberLocals(whole, paramCount, local => this.locals[local - paramCount]);
    const body = new ByteWriter();
    body.u32(runs.length);
    for (const { type, count } of runs) {
      body.u32(count);
      body.byte(TYPE_BYTES[type]);
    }
    whole.write(body, local => numbers.get(local) ?? local);
    body.byte(0x0b);
    return body.finish();
  }
}
