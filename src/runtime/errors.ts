/** Makes the error for a mistake of the caller. `compile()` hands in one that makes GradcError of "gradc". */
export type Fail = (code: string, problem: string, expected?: string, received?: string) => Error;

/** The error of emitted modules: what was wrong, what was expected and what came, and a stable `code`. */
export const fail: Fail = (code, problem, expected, received) => {
  const error = new Error(
    problem +
      (expected === undefined ? "" : `\n  expected  ${expected}`) +
      (received === undefined ? "" : `\n  received  ${received}`) +
      `\n  code      ${code}`,
  );
  error.name = "GradcError";
  return Object.assign(error, { code });
};
