import type { Node } from "../graph/node.ts";
import type { AxisMap, ContractionForm } from "../kinds/form.ts";
import * as s from "../loop/build.ts";
import type { Expr, Lanes, TargetProfile } from "../loop/ir.ts";
import { addDims, type Dim, dimMax, mulDims } from "../shared/dim.ts";
import { isFloat } from "../shared/dtype.ts";
import { type Shape, sizeOf } from "../shared/shape.ts";
import type { Stage } from "./cluster.ts";
import type { KernelEmitter } from "./emit.ts";
import { delinearize } from "./indices.ts";
import type { Storage } from "./storage.ts";

/** Packing pays from this many rows of the product on: each packed element is used once per row tile. */
const PACK_FROM_ROWS = 8;
const PACK_FROM_DEPTH = 8;

type Letters = Readonly<Record<string, Expr>>;

/** The letters of a contraction by where they stand: batch in all three, rows left, columns right, depth summed. */
interface Roles {
  readonly batch: readonly string[];
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly depth: readonly string[];
}

function rolesOf(form: ContractionForm): Roles {
  const lettersOf = (axes: readonly AxisMap[]): Set<string> => new Set(axes.flatMap(a => a.terms.map(t => t.letter)));
  const left = lettersOf(form.left);
  const right = lettersOf(form.right);
  const out = new Set(form.out);
  const all = Object.keys(form.extents);
  return {
    batch: form.out.filter(l => left.has(l) && right.has(l)),
    rows: form.out.filter(l => left.has(l) && !right.has(l)),
    columns: form.out.filter(l => !left.has(l) && right.has(l)),
    depth: all.filter(l => !out.has(l)),
  };
}

/** Rows of results before their epilogue. */
interface Panel {
  readonly storage: Storage;
  readonly stride: Expr;
}

/** A product kernel: the template, with reads, sizes and epilogue filled in. */
export class ContractionTemplate {
  private readonly roles: Roles;
  private readonly e: KernelEmitter;
  private readonly node: Node;
  private readonly form: ContractionForm;
  private readonly stages: readonly Stage[];
  private readonly profile: TargetProfile;
  private readonly scratch: (label: string, size: Dim) => Storage;

  constructor(
    e: KernelEmitter,
    node: Node,
    form: ContractionForm,
    stages: readonly Stage[],
    profile: TargetProfile,
    scratch: (label: string, shape: Shape) => Storage,
  ) {
    this.e = e;
    this.node = node;
    this.form = form;
    this.stages = stages;
    this.profile = profile;
    this.roles = rolesOf(form);
    this.scratch = (label, size) => scratch(label, [size]);
  }

  /** Emits the whole kernel. */
  emit(): void {
    const { profile, node } = this;
    const [{ dtype }] = node.outputs;
    const lanes = profile.lanes[dtype];
    const rows = this.size(this.roles.rows);
    const depth = this.size(this.roles.depth);
    const packed = lanes > 1 && dimMax(rows) >= PACK_FROM_ROWS && dimMax(depth) >= PACK_FROM_DEPTH;
    this.e.announce([{ node, values: node.outputs }, ...this.stages]);
    this.e.nest(
      this.roles.batch.map(l => this.form.extents[l]),
      batch => {
        const letters = Object.fromEntries(this.roles.batch.map((l, i) => [l, batch[i]]));
        if (packed) this.packed(letters, lanes);
        else this.direct(letters);
      },
    );
  }

  private size(letters: readonly string[]): Dim {
    return sizeOf(letters.map(l => this.form.extents[l]));
  }

  /** Adds the values of a group of letters at a flat position. */
  private at(group: readonly string[], position: Expr, letters: Letters): Letters {
    const index = delinearize(
      position,
      group.map(l => this.form.extents[l]),
    );
    return { ...letters, ...Object.fromEntries(group.map((l, i) => [l, index[i]])) };
  }

  /** An element of an operand; 0 where a guarded axis leaves it. */
  private read(operand: number, letters: Letters): Expr {
    const axes = operand === 0 ? this.form.left : this.form.right;
    const value = this.node.operands[operand];
    let inside: Expr = s.literal("bool", 1);
    const index = axes.map((axis, k) => {
      const position = axis.terms.reduce<Expr>(
        (sum, t) => s.iadd(sum, s.imul(letters[t.letter], s.int(t.coefficient))),
        s.int(axis.offset),
      );
      if (!axis.guarded) return position;
      const extent = s.dimExpr(value.shape[k]);
      inside = s.and(inside, s.and(s.ge(position, s.int(0)), s.lt(position, extent)));
      return s.min(s.max(position, s.int(0)), s.isub(extent, s.int(1)));
    });
    return s.select(inside, this.e.reader.read(value, index), s.literal(value.dtype, 0));
  }

  /** Register tile over operands as they lie; positions past the edge repeat the last row or column. */
  private direct(letters: Letters): void {
    const b = this.e.builder;
    const [{ dtype }] = this.node.outputs;
    const rows = this.size(this.roles.rows);
    const columns = this.size(this.roles.columns);
    const tileWidth = this.profile.lanes[dtype] > 1 ? 4 : this.profile.tile.vectors;
    const height = Math.min(this.profile.tile.rows, 4, dimMax(rows));
    const width = Math.min(tileWidth, dimMax(columns));
    const panel = this.resultPanel(columns, height, width);
    const zero = s.literal(dtype, 0);
    this.tiles(rows, height, i0 => {
      const rowLetters = range(height).map(i => this.at(this.roles.rows, this.edge(i0, i, rows, height), letters));
      this.tiles(columns, width, j0 => {
        const columnLetters = range(width).map(j =>
          this.at(this.roles.columns, this.edge(j0, j, columns, width), letters),
        );
        const sums = range(height * width).map(() => {
          const name = b.fresh("c");
          b.emit(s.varStmt(name, zero));
          return name;
        });
        this.depthLoop(depth => {
          const left = rowLetters.map(l => this.read(0, { ...l, ...depth }));
          const right = columnLetters.map(l => this.read(1, { ...l, ...depth }));
          const bound = b.bindAll([...left, ...right]).map(e => b.name(e, "x"));
          sums.forEach((name, at) => {
            const x = bound[Math.trunc(at / width)];
            const y = bound[height + (at % width)];
            b.emit(s.assign(name, multiplyAdd(x, y, s.variable(name, dtype))));
          });
        });
        sums.forEach((name, at) => {
          const column = s.iadd(j0, s.int(at % width));
          b.store(
            panel.storage,
            s.iadd(s.imul(s.int(Math.trunc(at / width)), panel.stride), column),
            s.variable(name, dtype),
          );
        });
      });
      this.epilogue(panel, letters, i0, rows, columns, height);
    });
  }

  /** Both operands copied into panels that the register tile streams through with unit stride. */
  private packed(letters: Letters, lanes: Lanes): void {
    const b = this.e.builder;
    const rows = this.size(this.roles.rows);
    const columns = this.size(this.roles.columns);
    const depth = this.size(this.roles.depth);
    const height = Math.min(this.profile.tile.rows, dimMax(rows));
    const vectors = Math.min(this.profile.tile.vectors, Math.ceil(dimMax(columns) / lanes));
    const width = vectors * lanes;
    const deep = s.dimExpr(depth);
    const rightPanels = this.scratch("panels of the right operand", mulDims(depth, addDims(columns, width - 1)));
    const leftPanel = this.scratch("panel of the left operand", mulDims(depth, height));
    const panel = this.resultPanel(columns, height, width);
    for (const storage of [rightPanels, leftPanel]) b.willWrite(storage);

    // Right: panels of `width` columns; element (k, j) of the panel from column j0 lies at j0·K + k·width + j.
    this.tiles(columns, width, j0 => {
      this.flatDepth(k => {
        b.loop("j", s.int(0), s.int(width), j => {
          const column = s.min(s.iadd(j0, j), s.isub(s.dimExpr(columns), s.int(1)));
          const at = this.at(this.roles.depth, k, this.at(this.roles.columns, column, letters));
          const place = s.iadd(s.imul(j0, deep), s.iadd(s.imul(k, s.int(width)), j));
          b.store(rightPanels, place, this.read(1, at));
        });
      });
    });
    this.tiles(rows, height, i0 => {
      // Left: one panel of `height` rows; element (i, k) lies at k·height + i.
      b.loop("i", s.int(0), s.int(height), i => {
        const row = s.min(s.iadd(i0, i), s.isub(s.dimExpr(rows), s.int(1)));
        const rowLetters = this.at(this.roles.rows, row, letters);
        this.flatDepth(k => {
          b.store(
            leftPanel,
            s.iadd(s.imul(k, s.int(height)), i),
            this.read(0, this.at(this.roles.depth, k, rowLetters)),
          );
        });
      });
      this.tiles(columns, width, j0 => {
        this.microKernel(leftPanel, rightPanels, panel, { height, vectors, lanes, j0, deep });
      });
      this.epilogue(panel, letters, i0, rows, columns, height);
    });
  }

  private microKernel(
    left: Storage,
    right: Storage,
    result: Panel,
    { height, vectors, lanes, j0, deep }: { height: number; vectors: number; lanes: Lanes; j0: Expr; deep: Expr },
  ): void {
    const b = this.e.builder;
    const [{ dtype }] = this.node.outputs;
    const width = vectors * lanes;
    const leftName = b.buffer(left, "read");
    const rightName = b.buffer(right, "read");
    const sums = range(height * vectors).map(() => {
      const name = b.fresh("c");
      b.emit(s.varStmt(name, s.literal(dtype, 0, lanes)));
      return name;
    });
    const panel = b.name(s.imul(j0, deep), "n");
    b.loop("k", s.int(0), deep, k => {
      const y = range(vectors).map(v => {
        const place = s.iadd(s.iadd(panel, s.imul(k, s.int(width))), s.int(v * lanes));
        return b.freeze(s.load(rightName, dtype, place, lanes), "y");
      });
      range(height).forEach(i => {
        const place = s.iadd(s.imul(k, s.int(height)), s.int(i));
        const load: Expr = { op: "load", buffer: leftName, dtype, lanes, index: place, splat: true };
        // With a fused multiply-add the value has a register to spare; without, products need it.
        const x = this.profile.fma ? b.freeze(load, "x") : load;
        y.forEach((yv, v) => {
          const name = sums[i * vectors + v];
          b.emit(s.assign(name, multiplyAdd(x, yv, s.variable(name, dtype, lanes))));
        });
      });
    });
    sums.forEach((name, at) => {
      const row = s.imul(s.int(Math.trunc(at / vectors)), result.stride);
      const place = s.iadd(row, s.iadd(j0, s.int((at % vectors) * lanes)));
      b.store(result.storage, place, s.variable(name, dtype, lanes));
    });
  }

  /** Room for the rows of one tile over all columns: small enough to stay in the cache, long enough for long loops. */
  private resultPanel(columns: Dim, height: number, width: number): Panel {
    const stride = addDims(columns, dimMax(columns) % width === 0 && typeof columns === "number" ? 0 : width - 1);
    const storage = this.scratch("rows of the result", mulDims(stride, height));
    this.e.builder.willWrite(storage);
    return { storage, stride: s.dimExpr(stride) };
  }

  /** From finished rows to the results: bias, activation, updates …, on the rows and columns that are there. */
  private epilogue(panel: Panel, letters: Letters, i0: Expr, rows: Dim, columns: Dim, height: number): void {
    const b = this.e.builder;
    const [output] = this.node.outputs;
    b.loop("i", s.int(0), this.valid(i0, rows, height), i => {
      const rowLetters = this.at(this.roles.rows, s.iadd(i0, i), letters);
      b.loop("j", s.int(0), s.dimExpr(columns), j => {
        const at = this.at(this.roles.columns, j, rowLetters);
        const index = this.form.out.map(l => at[l]);
        const value = b.freeze(b.load(panel.storage, s.iadd(s.imul(i, panel.stride), j)), "c");
        this.e.keepResult(output, index, value);
        this.e.points(this.stages, index);
        this.e.flush();
      });
    });
  }

  private valid(from: Expr, extent: Dim, tile: number): Expr {
    if (typeof extent === "number" && extent % tile === 0) return s.int(tile);
    return s.min(s.int(tile), s.isub(s.dimExpr(extent), from));
  }

  private edge(from: Expr, offset: number, extent: Dim, tile: number): Expr {
    const position = s.iadd(from, s.int(offset));
    if (offset === 0 || (typeof extent === "number" && extent % tile === 0)) return position;
    return s.min(position, s.isub(s.dimExpr(extent), s.int(1)));
  }

  private tiles(extent: Dim, tile: number, body: (from: Expr) => void): void {
    if (typeof extent === "number" && extent <= tile) body(s.int(0));
    else this.e.builder.loop("o", s.int(0), s.dimExpr(extent), body, { step: tile });
  }

  /** One loop per summed letter: indices stay simple. */
  private depthLoop(body: (letters: Letters) => void, at = 0, letters: Letters = {}): void {
    if (at === this.roles.depth.length) {
      body(letters);
      return;
    }
    const letter = this.roles.depth[at];
    this.e.builder.loop("k", s.int(0), s.dimExpr(this.form.extents[letter]), k =>
      this.depthLoop(body, at + 1, { ...letters, [letter]: k }),
    );
  }

  /** One loop over all summed letters as one position. */
  private flatDepth(body: (k: Expr) => void): void {
    this.e.builder.loop("k", s.int(0), s.dimExpr(this.size(this.roles.depth)), body);
  }
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** x·y + z; floats may fuse where the target and the mode allow it. */
const multiplyAdd = (x: Expr, y: Expr, z: Expr): Expr => (isFloat(x.dtype) ? s.fma(x, y, z) : s.add(s.mul(x, y), z));
