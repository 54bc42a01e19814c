/** Makes the error for a mistake of the caller. `compile()` hands in one that makes GradcError of "gradc". */
export type Fail = (code: string, problem: string, expected?: string, received?: string) => Error;

/** The error of emitted modules: what was wrong, what was expected and what came, and a stable `code`. */
export const fail: Fail = (code, problem, expected, received) => {
  const lines = [problem];
  if (expected) lines.push(`  expected  ${expected}`);
  if (received) lines.push(`  received  ${received}`);
  lines.push(`  code      ${code}`);
  return Object.assign(new Error(lines.join("\n")), { name: "GradcError", code });
};
