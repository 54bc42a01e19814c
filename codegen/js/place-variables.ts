import type { Expr, MemoryAccess, Stmt } from "../../src/loop/ir.ts";
import { operandsOf } from "../../src/loop/operands.ts";

/**
 * The `let`s of a kernel whose values end up in places and loop bounds alone, through sums, products, minima and maxima.
 * Their arithmetic cannot overflow in a program whose places lie in memory, so it needs no wrapping.
 */
export function placeVariables(body: readonly Stmt[]): ReadonlySet<string> {
  const values = new Map<string, Expr>();
  const otherwise = new Set<string>();
  // Variables read by the value of a `let` count as used for a place when the `let` itself is.
  const readBy = new Map<string, Set<string>>();

  /** Names that an index reads through arithmetic that index() writes without wrapping. */
  const throughIndex = (e: Expr, found: Set<string>): void => {
    if (e.op === "var") found.add(e.name);
    else if (e.op === "binary" && ["add", "sub", "mul", "min", "max", "div", "rem"].includes(e.fn)) {
      throughIndex(e.x, found);
      throughIndex(e.y, found);
    } else data(e);
  };
  /** Any other use. */
  const data = (e: Expr): void => {
    if (e.op === "var") otherwise.add(e.name);
    else if (e.op === "load") place(e);
    else for (const x of operandsOf(e)) data(x);
  };
  const place = ({ index, mask }: MemoryAccess): void => {
    throughIndex(index, new Set());
    if (mask) data(mask);
  };
  const visit = (statements: readonly Stmt[]): void => {
    for (const s of statements) {
      switch (s.op) {
        case "let": {
          if (s.value.dtype !== "i32") {
            data(s.value);
            break;
          }
          values.set(s.name, s.value);
          const reads = new Set<string>();
          throughIndex(s.value, reads);
          readBy.set(s.name, reads);
          break;
        }
        case "var":
        case "assign":
          data(s.value);
          break;
        case "store":
          place(s);
          data(s.value);
          break;
        case "for":
          throughIndex(s.from, new Set());
          throughIndex(s.to, new Set());
          visit(s.body);
          break;
        case "while":
          data(s.condition);
          visit(s.body);
          break;
        case "if":
          data(s.condition);
          visit(s.then);
          visit(s.otherwise ?? []);
          break;
        default:
      }
    }
  };
  visit(body);
  // What a data value reads is data: spread backwards over the lets.
  const spread = [...otherwise];
  for (let name = spread.pop(); name !== undefined; name = spread.pop()) {
    for (const read of readBy.get(name) ?? []) {
      if (!otherwise.has(read)) {
        otherwise.add(read);
        spread.push(read);
      }
    }
  }
  return new Set([...values.keys()].filter(name => !otherwise.has(name)));
}
