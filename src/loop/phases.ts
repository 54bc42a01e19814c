import type { Access, BufferParam, Expr, Kernel, Stmt } from "./ir.ts";
import { operandsOf } from "./operands.ts";
import { mapStmts } from "./substitute.ts";

/** What a kernel does between two barriers, as a kernel of its own. */
export interface Phase {
  readonly kernel: Kernel;
  /** For each of its buffers, which of the whole kernel's that is. */
  readonly buffers: readonly number[];
  /** Nothing but parallel loops and what all threads may compute for themselves. */
  readonly parallel: boolean;
}

/**
 * Cuts a kernel at its barriers. A phase recomputes what it needs of earlier ones; where that cannot be (variables,
 * loads of what the kernel writes), the kernel is one phase for one thread.
 */
export function phasesOf(kernel: Kernel): Phase[] {
  const written = mentionsOf(kernel.body).stores;
  /** Has the same value wherever it is computed. */
  const movable = (s: Stmt): boolean => s.op === "let" && !readsAny(s.value, written);
  const sections = cutAtBarriers(kernel.body);
  const earlier = new Map<string, Stmt>();
  const bodies: Stmt[][] = [];
  for (const section of sections) {
    const needed = definitionsFor(section, earlier);
    if (!needed.every(movable)) {
      const body = kernel.body.filter(s => s.op !== "barrier");
      return [phase(kernel, body, false, kernel.name)];
    }
    bodies.push([...needed, ...section]);
    for (const s of section) if (s.op === "let" || s.op === "var" || s.op === "array") earlier.set(s.name, s);
  }
  return bodies.map((body, i) => {
    const loops = body.filter(s => s.op === "for" && s.parallel);
    const parallel = loops.length > 0 && body.every(s => loops.includes(s) || movable(s));
    return phase(kernel, body, parallel, bodies.length === 1 ? kernel.name : `${kernel.name}.${i + 1}`);
  });
}

function phase(kernel: Kernel, body: readonly Stmt[], parallel: boolean, name: string): Phase {
  const { loads, stores } = mentionsOf(body);
  const used = kernel.buffers.flatMap((b, i) => (loads.has(b.name) || stores.has(b.name) ? [i] : []));
  const access = (b: BufferParam): Access =>
    loads.has(b.name) ? (stores.has(b.name) ? "readwrite" : "read") : "write";
  const buffers = used.map(i => ({ ...kernel.buffers[i], access: access(kernel.buffers[i]) }));
  return { kernel: { ...kernel, name, buffers, body }, buffers: used, parallel };
}

function cutAtBarriers(body: readonly Stmt[]): Stmt[][] {
  const sections: Stmt[][] = [[]];
  for (const s of body) {
    if (s.op === "barrier") sections.push([]);
    else sections[sections.length - 1].push(s);
  }
  return sections.filter(section => section.length > 0);
}

/** The definitions before that statements depend on, in their order. */
function definitionsFor(section: readonly Stmt[], earlier: ReadonlyMap<string, Stmt>): Stmt[] {
  const needed = new Set<string>();
  const visit = (body: readonly Stmt[]): void => {
    for (const name of mentionsOf(body).names) {
      const definition = earlier.get(name);
      if (!definition || needed.has(name)) continue;
      needed.add(name);
      visit([definition]);
    }
  };
  visit(section);
  return [...earlier].filter(([name]) => needed.has(name)).map(([, s]) => s);
}

export interface Mentions {
  /** Variables and register arrays that are defined, assigned or read. */
  readonly names: ReadonlySet<string>;
  readonly loads: ReadonlySet<string>;
  readonly stores: ReadonlySet<string>;
}

/** The names in statements. */
export function mentionsOf(body: readonly Stmt[]): Mentions {
  const names = new Set<string>();
  const loads = new Set<string>();
  const stores = new Set<string>();
  const read = (e: Expr): Expr => {
    if (e.op === "var") names.add(e.name);
    if (e.op === "element") names.add(e.array);
    if (e.op === "load") loads.add(e.buffer);
    for (const x of operandsOf(e)) read(x);
    return e;
  };
  const note =
    (set: Set<string>) =>
    (name: string): string => {
      set.add(name);
      return name;
    };
  mapStmts(body, { expr: read, name: note(names), buffer: note(stores) });
  return { names, loads, stores };
}

const readsAny = (e: Expr, buffers: ReadonlySet<string>): boolean =>
  e.op === "element" || (e.op === "load" && buffers.has(e.buffer)) || operandsOf(e).some(x => readsAny(x, buffers));
