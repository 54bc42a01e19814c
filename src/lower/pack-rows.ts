import * as s from "../loop/build.ts";
import type { Expr, Kernel, Stmt } from "../loop/ir.ts";
import { detailOf } from "../loop/kernel-key.ts";
import { assignedNames, freshNames } from "../loop/names.ts";
import { operandsOf, withOperands } from "../loop/operands.ts";
import { mapExpr, mapStmts } from "../loop/substitute.ts";
import { ROWS } from "./jam.ts";
import { isLanewise } from "./lanewise.ts";

type Scalar = Extract<Stmt, { op: "let" | "var" | "assign" }>;
type Fresh = (hint: string) => string;

/** Has as many lanes as rows are taken at once. */
const DTYPE = "f32";
const LANES = ROWS;

/**
 * What rows that are taken together (jam.ts) compute once each, the end of a sum, its mean, a root, becomes the lanes of
 * one vector. Every lane computes what the row did, so the bits stay.
 */
export function packRows(kernel: Kernel): Kernel {
  const fresh = freshNames(kernel);
  const visit = (x: Stmt): Stmt => {
    if (x.op !== "for" || x.unroll) return x;
    if (x.parallel && x.step === ROWS && x.body.some(y => y.op === "for")) return { ...x, body: packed(x.body, fresh) };
    const body = x.body.map(visit);
    return body.every((y, i) => y === x.body[i]) ? x : { ...x, body };
  };
  const body = kernel.body.map(visit);
  return body.every((x, i) => x === kernel.body[i]) ? kernel : { ...kernel, body };
}

/** Variables stay scalar where one of their assignments cannot be packed: then all is tried once more without them. */
function packed(block: readonly Stmt[], fresh: Fresh): readonly Stmt[] {
  const scalar = new Set<string>();
  for (;;) {
    const packing = new Packing(fresh, scalar);
    const body = packing.block(block);
    const left = assignedNames(body).filter(name => packing.has(name) && !scalar.has(name));
    if (left.length === 0) return packing.unpacked(body);
    for (const name of left) scalar.add(name);
  }
}

/** Where the scalar of a row lives. */
interface Lane {
  readonly vector: string;
  readonly lane: number;
  /** It may change. */
  readonly variable: boolean;
}

class Packing {
  private readonly fresh: Fresh;
  private readonly scalar: ReadonlySet<string>;
  private readonly lanes = new Map<string, Lane>();
  private readonly vectors = new Set<string>();
  /** Columns of four vectors that are rows, by the names of these and the number of the column. */
  private readonly columns = new Map<string, Expr>();
  /** What the statement that is being written needs before it. */
  private before: Stmt[] = [];

  constructor(fresh: Fresh, scalar: ReadonlySet<string>) {
    this.fresh = fresh;
    this.scalar = scalar;
  }

  has(name: string): boolean {
    return this.lanes.has(name);
  }

  block(body: readonly Stmt[]): Stmt[] {
    const statements: Stmt[] = [];
    for (let at = 0; at < body.length; ) {
      const group = this.group(body.slice(at, at + LANES));
      statements.push(...(group ?? [body[at]]));
      if (!group && body[at].op !== "let") this.columns.clear();
      at += group ? LANES : 1;
    }
    return statements;
  }

  /** As many statements, one for each row, as one. */
  private group(rows: readonly Stmt[]): Stmt[] | undefined {
    if (rows.length < LANES || !rows.every(isScalar)) return undefined;
    const [{ op }] = rows;
    if (!rows.every(x => x.op === op && !this.scalar.has(x.name)) || new Set(rows.map(x => x.name)).size < LANES)
      return undefined;
    const value = this.pack(rows.map(x => x.value));
    const before = this.before;
    this.before = [];
    const assigned = op === "assign" ? this.vectorOf(rows.map(x => x.name)) : undefined;
    if (!value || (op === "let" && s.isConst(value)) || (op === "assign" && assigned === undefined)) {
      // The columns that were made for it are not there.
      if (before.length > 0) this.columns.clear();
      return undefined;
    }
    if (assigned !== undefined) return [...before, s.assign(assigned, value)];
    const vector = this.fresh("row");
    this.vectors.add(vector);
    rows.forEach(({ name }, lane) => {
      this.lanes.set(name, { vector, lane, variable: op === "var" });
    });
    return [...before, { op, name: vector, value }];
  }

  private vectorOf(names: readonly string[]): string | undefined {
    const vector = this.lanes.get(names[0])?.vector;
    const inOrder = names.every((name, k) => {
      const at = this.lanes.get(name);
      return at?.vector === vector && at?.lane === k;
    });
    return inOrder ? vector : undefined;
  }

  /** The expressions of the rows as one; undefined where they are not alike, or read what is no lane of a vector. */
  private pack(rows: readonly Expr[]): Expr | undefined {
    const [first] = rows;
    if (first.op === "const" && rows.every(x => s.sameExpr(x, first))) return { ...first, lanes: LANES };
    const names = rows.flatMap(x => (x.op === "var" ? [x.name] : []));
    if (names.length > 0) {
      const vector = names.length === LANES ? this.vectorOf(names) : undefined;
      return vector === undefined ? undefined : s.variable(vector, DTYPE, LANES);
    }
    if (first.op === "lane") return this.column(rows, first.lane);
    if (!isPackable(first) || !rows.every(x => alike(x, first))) return undefined;
    const operands = operandsOf(first).map((_, i) => this.pack(rows.map(x => operandsOf(x)[i])));
    if (!operands.every(x => x !== undefined)) return undefined;
    return { ...withOperands(first, operands), lanes: LANES } as Expr;
  }

  /** The lanes at one place of four vectors. */
  private column(rows: readonly Expr[], lane: number): Expr | undefined {
    const vectors = rows.flatMap(x => (x.op === "lane" && x.lane === lane && x.x.op === "var" ? [x.x] : []));
    if (vectors.length < LANES || vectors.some(x => x.lanes !== LANES)) return undefined;
    const key = vectors.map(x => (x.op === "var" ? x.name : "")).join();
    const half = (k: number): Expr =>
      this.once(`${key} ${k} ${lane >> 1}`, s.shuffle(vectors[k], vectors[k + 1], lane < 2 ? LOW : HIGH));
    return this.once(`${key} ${lane}`, s.shuffle(half(0), half(2), lane % 2 === 0 ? EVEN : ODD));
  }

  private once(key: string, value: Expr): Expr {
    const known = this.columns.get(key);
    if (known) return known;
    const name = this.fresh("column");
    this.before.push(s.letStmt(name, value));
    const named = s.variable(name, value.dtype, value.lanes);
    this.columns.set(key, named);
    return named;
  }

  /** What still reads scalars reads lanes; one that is repeated in all lanes is that once, after its vector. */
  unpacked(body: readonly Stmt[]): Stmt[] {
    const constant = new Set([...this.lanes.values()].filter(x => !x.variable).map(x => x.vector));
    const repeated = new Map<string, Extract<Stmt, { op: "let" }>[]>();
    const inAll = (vector: Extract<Expr, { op: "var" }>, lane: number): Expr => {
      const value = s.shuffle(vector, vector, new Array<number>(LANES).fill(lane));
      if (!constant.has(vector.name)) return value;
      const known = repeated.get(vector.name) ?? [];
      repeated.set(vector.name, known);
      let own = known.find(x => s.sameExpr(x.value, value));
      if (!own) {
        own = { op: "let", name: this.fresh("all"), value };
        known.push(own);
      }
      return s.variable(own.name, DTYPE, LANES);
    };
    const read = (e: Expr): Expr => {
      const at = e.op === "var" ? this.lanes.get(e.name) : undefined;
      if (at) return s.lane(s.variable(at.vector, DTYPE, LANES), at.lane);
      const isRepeated = e.op === "splat" && e.lanes === LANES && e.x.op === "lane" && e.x.x.op === "var";
      return isRepeated && this.vectors.has(e.x.x.name) ? inAll(e.x.x, e.x.lane) : e;
    };
    const replaced = mapStmts(body, { expr: e => mapExpr(e, read) });
    return replaced.flatMap((x): Stmt[] => (x.op === "let" ? [x, ...(repeated.get(x.name) ?? [])] : [x]));
  }
}

/** Halves of pairs of rows, and columns of those: the transposition of four vectors. */
const LOW = [0, 4, 1, 5];
const HIGH = [2, 6, 3, 7];
const EVEN = [0, 1, 4, 5];
const ODD = [2, 3, 6, 7];

const isScalar = (x: Stmt): x is Scalar =>
  (x.op === "let" || x.op === "var" || x.op === "assign") && x.value.lanes === 1 && x.value.dtype === DTYPE;

const isPackable = (e: Expr): boolean =>
  ["unary", "binary", "compare", "select", "fma", "call"].includes(e.op) && isLanewise(e);

const alike = (x: Expr, y: Expr): boolean =>
  x.op === y.op && x.dtype === y.dtype && detailOf(x, name => name) === detailOf(y, name => name);
