import type { Kernel, Stmt } from "./ir.ts";

/** The names that statements define, in order. */
export function definedNames(body: readonly Stmt[]): string[] {
  const names: string[] = [];
  const visit = (statements: readonly Stmt[]): void => {
    for (const s of statements) {
      if (s.op === "let" || s.op === "var" || s.op === "array" || s.op === "for") names.push(s.name);
      if (s.op === "for" || s.op === "while") visit(s.body);
      if (s.op === "if") {
        visit(s.then);
        visit(s.otherwise ?? []);
      }
    }
  };
  visit(body);
  return names;
}

/** The names of variables that statements assign. */
export function assignedNames(body: readonly Stmt[]): string[] {
  return body.flatMap(s => {
    if (s.op === "assign") return [s.name];
    if (s.op === "for" || s.op === "while") return assignedNames(s.body);
    return s.op === "if" ? assignedNames([...s.then, ...(s.otherwise ?? [])]) : [];
  });
}

/** Makes names that the kernel does not have yet: the hint, or the hint with a number. */
export function freshNames(kernel: Pick<Kernel, "buffers" | "extents" | "body">): (hint: string) => string {
  const taken = new Set([...kernel.buffers.map(b => b.name), ...kernel.extents, ...definedNames(kernel.body)]);
  const next = new Map<string, number>();
  return hint => {
    let name = hint;
    let count = next.get(hint) ?? 0;
    while (taken.has(name)) name = `${hint}_${count++}`;
    next.set(hint, count);
    taken.add(name);
    return name;
  };
}

const NAME_LENGTH = 48;

/** A name for profilers and listings, made of one that a user chose: letters, digits, `_`, `$` and `.`, not too long. */
export const displayName = (name: string): string =>
  [...name.replace(/[^\p{L}\p{N}_$.]+/gu, "_")].slice(0, NAME_LENGTH).join("");
