import { present } from "../../shared/errors.ts";

const LETTERS = "tabcdefghijklmnopqrsuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** A letter that is not in use. */
export const letterBeside = (used: string): string =>
  present(
    [...LETTERS].find(letter => !used.includes(letter)),
    "a product has used up all letters",
  );
