/** What a module answers with: JSON. */
export type Json = number | string | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One function made ready for one input: `run` is what is timed, `output` reads what the last run left. */
export interface Task {
  run(): void;
  output(): Json;
}

/** A module of GradBench: by name, the functions that make an input ready. */
export type Module = Readonly<Record<string, (input: never) => Task>>;
