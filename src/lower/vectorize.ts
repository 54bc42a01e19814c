import * as s from "../loop/build.ts";
import type { Expr, Kernel, Lanes, Stmt, TargetProfile } from "../loop/ir.ts";
import { freshNames } from "../loop/names.ts";
import { operandsOf, withOperands } from "../loop/operands.ts";
import { renameStmts } from "../loop/substitute.ts";
import { Lanewise, NotLanewise } from "./lanewise.ts";

type For = Extract<Stmt, { op: "for" }>;

/**
 * Turns innermost loops into vector loops where every element is computed independently from consecutive (or the same)
 * elements, and the four partial results of a fold into the lanes of one vector. The arithmetic per element and the
 * order of folds stay as they are, so the results have the same bits.
 */
export function vectorize(kernel: Kernel, profile: TargetProfile): Kernel {
  if (profile.lanes.f32 === 1) return kernel;
  const pass = new Vectorizer(kernel, profile);
  return { ...kernel, body: pass.block(kernel.body) };
}

class Vectorizer {
  private readonly profile: TargetProfile;
  private readonly fresh: (hint: string) => string;

  constructor(kernel: Kernel, profile: TargetProfile) {
    this.profile = profile;
    this.fresh = freshNames(kernel);
  }

  block(body: readonly Stmt[]): Stmt[] {
    const folded = this.folds(body);
    return folded.flatMap(statement => {
      switch (statement.op) {
        case "for": {
          const vector = this.elementwise(statement);
          if (vector) return vector;
          return [statement.unroll ? statement : { ...statement, body: this.block(statement.body) }];
        }
        case "while":
          return [{ ...statement, body: this.block(statement.body) }];
        case "if":
          return [
            {
              ...statement,
              then: this.block(statement.then),
              ...(statement.otherwise ? { otherwise: this.block(statement.otherwise) } : {}),
            },
          ];
        default:
          return [statement];
      }
    });
  }

  /** A loop of independent elements: vectors, then the rest one by one. */
  private elementwise(loop: For): Stmt[] | undefined {
    if (loop.step !== 1 || loop.unroll) return undefined;
    if (!loop.body.every(x => x.op === "let" || x.op === "store")) return undefined;
    if (!loop.body.some(x => x.op === "store")) return undefined;
    const lanes = this.lanesFor(loop.body);
    if (lanes === 1) return undefined;
    const trips = s.isConst(loop.to) && s.isConst(loop.from) ? loop.to.value - loop.from.value : undefined;
    if (trips !== undefined && trips < lanes) return undefined;
    let body: Stmt[];
    try {
      body = new Lanewise(loop.name, lanes, loop.body, new Set()).statements();
    } catch (error) {
      if (error instanceof NotLanewise) return undefined;
      throw error;
    }
    if (trips !== undefined && trips % lanes === 0) return [{ ...loop, step: lanes, body }];
    const whole = this.fresh("whole");
    const end = s.variable(whole);
    const rest = this.renamed(loop.body, loop.name);
    return [
      s.letStmt(whole, s.isub(loop.to, s.irem(s.isub(loop.to, loop.from), s.int(lanes)))),
      { ...loop, to: end, step: lanes, body },
      s.forStmt(rest.index, end, loop.to, rest.body, { parallel: loop.parallel }),
    ];
  }

  /** A copy of a loop's body under names of its own. */
  private renamed(body: readonly Stmt[], index: string): { index: string; body: Stmt[] } {
    const names = new Map<string, string>([[index, this.fresh("i")]]);
    for (const x of body) if (x.op === "let") names.set(x.name, this.fresh("v"));
    return { index: names.get(index) ?? index, body: renameStmts(body, name => names.get(name) ?? name) };
  }

  /** The widest vector that all elements in memory have in common; 1 where they differ in size. */
  private lanesFor(body: readonly Stmt[]): Lanes {
    const found = new Set<Lanes>();
    const visit = (e: Expr): void => {
      if (e.op === "load" || e.op === "element") {
        found.add(this.profile.lanes[e.dtype]);
        return;
      }
      for (const x of operandsOf(e)) visit(x);
    };
    for (const x of body) {
      if (x.op === "store" || x.op === "setElement") found.add(this.profile.lanes[x.value.dtype]);
      if (x.op === "store" || x.op === "setElement" || x.op === "let") visit(x.value);
    }
    return found.size === 1 ? [...found][0] : 1;
  }

  /** Partial results p[0…3] of a fold, one loop over l inside: lanes of one vector. */
  private folds(body: readonly Stmt[]): Stmt[] {
    let current = [...body];
    for (const statement of body) {
      if (statement.op !== "for" || statement.body.length !== 1) continue;
      const [inner] = statement.body;
      if (inner.op !== "for" || !inner.unroll || !isRange(inner, statement.step)) continue;
      const rewritten = this.fold(current, statement, inner);
      if (rewritten) current = rewritten;
    }
    return current;
  }

  private fold(block: readonly Stmt[], outer: For, inner: For): Stmt[] | undefined {
    const lanes = this.lanesFor(inner.body);
    if (lanes !== outer.step) return undefined;
    const arrays = new Set(inner.body.flatMap(x => (x.op === "setElement" ? [x.array] : [])));
    const known = block.filter(x => x.op === "array" && arrays.has(x.name) && x.size === lanes);
    if (known.length !== arrays.size || arrays.size === 0) return undefined;
    let body: Stmt[];
    try {
      // Lane l reads what index r + l reads: r alone addresses the vector.
      body = new Lanewise(inner.name, lanes, inner.body, arrays).statements(new Map([[inner.name, s.int(0)]]));
    } catch (error) {
      if (error instanceof NotLanewise) return undefined;
      throw error;
    }
    return block.map(x => {
      if (x === outer) return { ...outer, body };
      if (x.op === "array" && arrays.has(x.name))
        return s.varStmt(x.name, s.literal(x.init.dtype, constant(x.init), lanes));
      return readLanes(x, arrays, lanes);
    });
  }
}

const constant = (e: Expr): number => (e.op === "const" ? e.value : Number.NaN);

const isRange = (loop: For, size: number): boolean =>
  loop.step === 1 && s.isValue(loop.from, 0) && s.isValue(loop.to, size);

/** p[k] of a vector that was an array. */
function readLanes(statement: Stmt, arrays: ReadonlySet<string>, lanes: Lanes): Stmt {
  const change = (e: Expr): Expr => {
    if (e.op === "element" && arrays.has(e.array) && e.index.op === "const") {
      return s.lane(s.variable(e.array, e.dtype, lanes), e.index.value);
    }
    return rebuild(e, change);
  };
  if (statement.op === "let" || statement.op === "var" || statement.op === "assign") {
    return { ...statement, value: change(statement.value) };
  }
  if (statement.op === "store" || statement.op === "setElement") {
    return { ...statement, value: change(statement.value) };
  }
  return statement;
}

function rebuild(e: Expr, change: (e: Expr) => Expr): Expr {
  return withOperands(e, operandsOf(e).map(change));
}
