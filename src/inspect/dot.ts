import type { GraphView, Role, ViewNode } from "./view.ts";

const COLOURS: Readonly<Record<Role, string>> = { forward: "#2563eb", derivative: "#c2410c", update: "#15803d" };

/** A DOT string: quoted, with everything in it escaped. */
const quote = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;

const isLeaf = (node: ViewNode): boolean => node.kind === "leaf";

function nodeLine(node: ViewNode): string {
  const label = [node.name, isLeaf(node) ? node.op : node.label, node.types.join(", ")].filter(Boolean).join("\n");
  const attrs = [
    `label=${quote(label)}`,
    `color=${quote(COLOURS[node.role])}`,
    `shape=${isLeaf(node) ? "ellipse" : "box"}`,
    ...(node.role === "derivative" ? ["style=dashed"] : []),
    `tooltip=${quote([...node.sites, ...node.notes].join("\n"))}`,
  ];
  return `${node.id} [${attrs.join(", ")}];`;
}

/** Graphviz text: scopes are clusters, derivatives are dashed. */
export function dotOf(view: GraphView): string {
  const scopes = new Map<string, ViewNode[]>();
  for (const node of view.nodes) scopes.set(node.scope, [...(scopes.get(node.scope) ?? []), node]);
  const lines = [`digraph ${quote(view.title)} {`, "  rankdir=TB;", '  node [fontname="sans-serif", fontsize=10];'];
  let cluster = 0;
  for (const [scope, nodes] of scopes) {
    if (scope === "") {
      for (const node of nodes) lines.push(`  ${nodeLine(node)}`);
      continue;
    }
    lines.push(`  subgraph cluster_${cluster++} {`, `    label=${quote(scope)};`);
    for (const node of nodes) lines.push(`    ${nodeLine(node)}`);
    lines.push("  }");
  }
  for (const e of view.edges) lines.push(`  ${e.from} -> ${e.to};`);
  view.results.forEach((r, i) => {
    const label = quote(`${r.function}\n${r.kind === "update" ? "new " : ""}${r.name}`);
    lines.push(`  r${i} [label=${label}, shape=plaintext];`, `  ${r.from} -> r${i} [style=bold];`);
  });
  lines.push("}");
  return `${lines.join("\n")}\n`;
}
