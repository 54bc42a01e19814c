import { CONTROL } from "../../src/shared/control.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import type { Instruction } from "./instructions.ts";

/**
 * Looks at the barrier before a thread goes to sleep: some tenths of a millisecond. Sleeping threads cost more than the
 * time to wake them, since they may wake on the processor of the one that woke them.
 */
const SPINS = 200_000;
const WORD_BYTES = 4;
const ALIGNMENT = 2;

type Word = keyof typeof CONTROL;

/** Access to a word of the control block; its address, 0, stands before the operands. */
const access = (f: FunctionBuilder, name: Instruction, control: number, word: Word, at = 0): void =>
  f.access(name, ALIGNMENT, control + WORD_BYTES * (CONTROL[word] + at));

/**
 * (threads) → (): returns when all threads have come here. The last one opens the barrier by a new phase; the others look
 * for that a while, then leave the waiting to the host: `stall(phase)` returns once the phase is another, or throws.
 */
export function buildBarrier(f: FunctionBuilder, control: number, stall: number): void {
  const threads = 0;
  f.withLocals(["i32", "i32"], (phase, spins) => {
    const loadPhase = (): void => {
      f.i32(0);
      access(f, "i32.atomic.load", control, "phase");
    };
    f.block();
    loadPhase();
    f.set(phase);
    f.i32(0);
    f.i32(1);
    access(f, "i32.atomic.rmw.add", control, "arrived");
    f.i32(1);
    f.emit("i32.add");
    f.get(threads);
    f.emit("i32.eq");
    f.if();
    f.i32(0);
    f.i32(0);
    access(f, "i32.atomic.store", control, "arrived");
    f.i32(0);
    f.get(phase);
    f.i32(1);
    f.emit("i32.add");
    access(f, "i32.atomic.store", control, "phase");
    // A thread counts itself as asleep before it looks at the phase a last time, so none is overlooked.
    f.i32(0);
    access(f, "i32.atomic.load", control, "asleep");
    f.if();
    f.i32(0);
    f.i32(-1);
    access(f, "memory.atomic.notify", control, "phase");
    f.emit("drop");
    f.end();
    f.branch(1);
    f.end();
    f.i32(SPINS);
    f.set(spins);
    f.loop();
    loadPhase();
    f.get(phase);
    f.emit("i32.ne");
    f.branchIf(1);
    f.get(spins);
    f.i32(1);
    f.emit("i32.sub");
    f.tee(spins);
    f.branchIf(0);
    f.end();
    f.get(phase);
    f.call(stall);
    f.end();
  });
}

/** (thread) → (): runs the function that the control block names, on the dims that stand there. */
export function buildRun(
  f: FunctionBuilder,
  control: number,
  functions: readonly { readonly number: number; readonly index: number; readonly dims: number }[],
): void {
  const thread = 0;
  const load = (word: Word, at = 0): void => {
    f.i32(0);
    access(f, "i32.load", control, word, at);
  };
  f.withLocals(["i32"], chosen => {
    // Read once: when a function has ended, the caller may already be writing down the next call.
    load("function");
    f.set(chosen);
    for (const { number, index, dims } of functions) {
      f.get(chosen);
      f.i32(number);
      f.emit("i32.eq");
      f.if();
      f.get(thread);
      load("threads");
      for (let i = 0; i < dims; i++) load("dims", i);
      f.call(index);
      f.end();
    }
  });
}
