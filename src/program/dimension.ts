import { CallSite, ERROR_DEPTH } from "../graph/call-site.ts";
import { dim as plainDim, type SymbolicDim } from "../shared/dim.ts";
import { GradcError } from "../shared/errors.ts";
import { sites } from "./names.ts";

/** A size known at the call, and its name for the types of nets; at run time it is a plain dimension. */
export type NamedDim<N extends string> = SymbolicDim & { readonly dimensionName: N };

/**
 * Declares a size that is known at the call, for example a batch size.
 * @param name shown in shapes and used in `run({ B: 17 })`
 * @param options.max the largest value; memory is planned for it
 * @throws GradcError `dimension` when max is not a positive integer or the name is not an identifier
 */
export function dim<const N extends string>(name: N, options: { readonly max: number }): NamedDim<N> {
  try {
    return plainDim(name, options) as NamedDim<N>;
  } catch (error) {
    if (!(error instanceof GradcError)) throw error;
    // src/shared knows nothing of call sites.
    const [problem] = error.message.split("\n", 1);
    throw new GradcError(error.code, problem, { ...error.details, sites: sites(CallSite.capture(ERROR_DEPTH)) });
  }
}
