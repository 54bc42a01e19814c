import type { CharResult } from "./char-model.ts";
import { curves, text } from "./plot.ts";
import type { Exhibit } from "./row.ts";
import { exhibit } from "./time.ts";

/**
 * How a network learned to spell, beside the Markov chain of row 12, and what it writes.
 * @param chain the perplexity of the chain
 */
export const spelling = (name: string, trained: CharResult, chain: number): Exhibit[] => [
  exhibit(
    "Learning to spell",
    `${trained.parameters} parameters; perplexity on other letters ${trained.perplexity.toFixed(2)}.`,
    curves(
      { [name]: trained.losses, "Markov chain": trained.losses.map(() => Math.log(chain)) },
      { y: { label: "nats a letter" } },
    ),
  ),
  exhibit("What it writes", "After the first 32 letters of the test text.", text(trained.sample)),
];
