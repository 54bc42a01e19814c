import type { ProgramGraph } from "../graph/program-graph.ts";
import { rootsOf } from "../graph/program-graph.ts";
import { nameOf, type Origin, originsOf } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { topological, usersOf } from "../graph/traverse.ts";

interface FileSystem {
  readFileSync(path: string, encoding: "utf8"): string;
}

/** The lines of the user's files, read once each; none where the host has no file system or the file is gone. */
class Sources {
  private readonly files = new Map<string, readonly string[]>();
  private readonly fs: FileSystem | undefined;

  constructor() {
    const host = globalThis.process as { getBuiltinModule?(name: string): unknown } | undefined;
    this.fs = host?.getBuiltinModule?.("node:fs") as FileSystem | undefined;
  }

  line(file: string, line: number): string {
    let lines = this.files.get(file);
    if (!lines) {
      try {
        lines = this.fs?.readFileSync(file, "utf8").split("\n") ?? [];
      } catch {
        lines = [];
      }
      this.files.set(file, lines);
    }
    return lines[line - 1] ?? "";
  }
}

const DECLARATION = /^\s*(?:export\s+)?(?:const|let|var)\s+([\p{L}_$][\p{L}\p{N}_$]*)\s*(?::[^=]+)?=[^=>]/u;

/**
 * How the user calls values: the names given with `named` and of inputs and variables; else, for what a line
 * `const h = …` declares, `h`. Names belong to origins, so they stay with a value through every pass.
 */
export class UserNames {
  private readonly byOrigin = new Map<Origin, string>();

  constructor(graph: ProgramGraph) {
    const sources = new Sources();
    const order = topological(graph.functions.flatMap(rootsOf));
    const users = usersOf(order);
    const places = new Map<Tensor, { line: string; name: string; origin: Origin }>();
    for (const node of order) {
      for (const value of node.outputs) {
        for (const origin of originsOf(value)) {
          const site = origin.kind === "declared" ? origin.site?.site() : undefined;
          if (!site || places.has(value)) continue;
          const name = DECLARATION.exec(sources.line(site.file, site.line))?.[1];
          if (name !== undefined) places.set(value, { line: `${site.file}:${site.line}`, name, origin });
        }
      }
    }
    const taken = new Set<string>();
    for (const [value, { line, name, origin }] of places) {
      // The line's result is what nothing else on the line uses.
      const inner = users.get(value)?.some(user => user.outputs.some(o => places.get(o)?.line === line));
      if (inner || value.node.outputs.length > 1 || taken.has(name) || nameOf(value) !== undefined) continue;
      taken.add(name);
      this.byOrigin.set(origin, name);
    }
  }

  of(value: Tensor): string | undefined {
    const given = nameOf(value);
    if (given !== undefined) return given;
    for (const origin of originsOf(value)) {
      const name = this.byOrigin.get(origin);
      if (name !== undefined) return name;
    }
    return undefined;
  }
}
