import { ERROR_CODES, type ErrorCode } from "./error-codes.ts";

/** A place in the user's code. */
export interface Site {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface ErrorDetails {
  /** What gradc wanted, in the user's names. */
  readonly expected?: string;
  /** What it got instead, with the values. */
  readonly received?: string;
  /** Where in the user's code. Two places where two declarations clash. */
  readonly sites?: readonly Site[];
  /** What to do about it. */
  readonly mend?: string;
  readonly cause?: unknown;
}

export const formatSite = (site: Site): string => `${site.file}:${site.line}:${site.column}`;

/** A mistake in what gradc was given. `code` is stable and documented in docs/errors.md. */
export class GradcError extends Error {
  override readonly name = "GradcError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, problem: string, details: ErrorDetails = {}) {
    const lines = [problem];
    if (details.expected !== undefined) lines.push(`  expected  ${details.expected}`);
    if (details.received !== undefined) lines.push(`  received  ${details.received}`);
    for (const site of details.sites ?? []) lines.push(`  at        ${formatSite(site)}`);
    const mend = details.mend ?? ERROR_CODES[code];
    if (mend !== "") lines.push(`  mend      ${mend}`);
    lines.push(`  code      ${code} (docs/errors.md#${code})`);
    super(lines.join("\n"), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.details = details;
  }
}

/** A bug in gradc itself: never the user's fault. */
export class InternalError extends Error {
  override readonly name = "InternalError";

  constructor(problem: string, cause?: unknown) {
    super(
      `${problem}\n  This is a bug in gradc, not in your program. Please report it with this message, ` +
        "the model file and the output of `gradc inspect <model> --stage graph`.",
      cause === undefined ? undefined : { cause },
    );
  }
}

/** Fails with an InternalError where an invariant of the compiler does not hold. */
export function invariant(condition: unknown, problem: string): asserts condition {
  if (!condition) throw new InternalError(problem);
}

/** A value that the compiler's invariants say is there. */
export function present<T>(value: T | undefined | null, problem = "a value that must be there is missing"): T {
  if (value === undefined || value === null) throw new InternalError(problem);
  return value;
}
