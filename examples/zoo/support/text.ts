import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "./random.ts";

/** A text as numbers of its letters. */
export interface Corpus {
  readonly name: string;
  /** All letters that occur, in order. */
  readonly letters: readonly string[];
  readonly train: Int32Array<ArrayBuffer>;
  /** The last tenth. */
  readonly test: Int32Array<ArrayBuffer>;
}

const ONES =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const TENS = ". . twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

/** A number below a million in words. */
export function spelled(n: number): string {
  if (n < 20) return ONES[n];
  if (n < 100) return TENS[Math.floor(n / 10)] + (n % 10 === 0 ? "" : `-${ONES[n % 10]}`);
  const [size, word] = n < 1000 ? [100, "hundred"] : [1000, "thousand"];
  const rest = n % size;
  return `${spelled(Math.floor(n / size))} ${word}${rest === 0 ? "" : ` ${spelled(rest)}`}`;
}

const LENGTH = 200_000;

/** The first 200,000 letters of Shakespeare's plays from `folder`; where they are missing, numbers in words. */
export function corpus(folder: string): Corpus {
  const file = join(folder, "text/tinyshakespeare.txt");
  if (existsSync(file)) return encode("Shakespeare's plays", readFileSync(file, "utf8").slice(0, LENGTH));
  const random = new Random(1);
  let text = "";
  while (text.length < LENGTH) text += `${spelled(random.integer(1_000_000))}.\n`;
  return encode("numbers in words", text.slice(0, LENGTH));
}

function encode(name: string, text: string): Corpus {
  const letters = [...new Set(text)].sort();
  const numbers = new Map(letters.map((letter, i) => [letter, i]));
  const all = Int32Array.from(text, letter => numbers.get(letter) ?? 0);
  const border = Math.floor(all.length * 0.9);
  return { name, letters, train: all.slice(0, border), test: all.slice(border) };
}

/** Numbers of letters as text. */
export const decode = (corpus: Corpus, numbers: ArrayLike<number>): string =>
  Array.from(numbers, i => corpus.letters[i]).join("");
