/** Rows as lines, every column as wide as its widest cell. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const count = Math.max(0, ...rows.map(r => r.length));
  const widths = Array.from({ length: count }, (_, i) => Math.max(...rows.map(r => [...(r[i] ?? "")].length)));
  return rows.map(r =>
    r
      .map((cell, i) => cell + " ".repeat(widths[i] - [...cell].length))
      .join("  ")
      .trimEnd(),
  );
}
