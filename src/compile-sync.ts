import { type CompileOptions, fail, make, refusalOf, requestOf } from "./compile.ts";
import type { Net } from "./program/net-type.ts";
import type { Functions, Program } from "./program/program.ts";
import { TARGETS } from "./targets.ts";

/** Like compile, at once, and for one thread: the workers of others take a while to start. */
export function compileSync<F extends Functions>(program: Program<F>, options: CompileOptions = {}): Net<F> {
  const request = requestOf(program, options);
  const { threads, names } = request;
  if (threads > 1) throw fail("attribute", "compileSync: threads need compile", "threads: 1", `threads: ${threads}`);
  let refusal: unknown;
  for (const name of names) {
    try {
      return make(request, TARGETS[name]);
    } catch (error) {
      refusal = refusalOf(error);
    }
  }
  throw refusal;
}
