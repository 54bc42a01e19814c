/**
 * gradc as a tool of GradBench, a benchmark suite of automatic differentiation: messages on standard input, responses on
 * standard output, one line of JSON each.
 *   npm run -s gradbench
 */
import { createInterface } from "node:readline";
import { type Message, respond } from "./protocol.ts";

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === "") continue;
  process.stdout.write(`${JSON.stringify(respond(JSON.parse(line) as Message))}\n`);
}
