const RESERVED = new Set(
  (
    "do if in of as is for let new try var case else enum eval null this true void with await break catch class const " +
    "false super throw while yield async delete export import public return static switch typeof default extends " +
    "finally package private continue debugger function arguments interface protected implements instanceof"
  ).split(" "),
);

/** Identifiers for names of the IR. */
export interface Names {
  of(name: string): string;
  fresh(): string;
}

/**
 * Short identifiers, lower case only: locals a, b … z, aa, ab …, parameters z, y … from the other end, so that the
 * bodies of similar kernels read the same (and compress well) whatever their parameters. What a generated program shares
 * (arrays, kernels, helpers) has names with an upper-case letter, so that no local hides it.
 */
export class LocalNames implements Names {
  #next = 0;
  readonly #names = new Map<string, string>();
  readonly #taken = new Set(RESERVED);

  constructor(params: readonly string[]) {
    params.forEach((name, i) => {
      const identifier = i < 26 ? letters(25 - i) : `p${i}`;
      this.#names.set(name, identifier);
      this.#taken.add(identifier);
    });
  }

  /** An identifier for a name of the IR; the same one each time. */
  of(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const made = this.fresh();
    this.#names.set(name, made);
    return made;
  }

  fresh(): string {
    for (;;) {
      const name = letters(this.#next++);
      if (!this.#taken.has(name)) return name;
    }
  }
}

/** 0 → a, 25 → z, 26 → aa */
function letters(index: number): string {
  let text = "";
  for (let i = index; i >= 0; i = Math.floor(i / 26) - 1) text = String.fromCharCode(97 + (i % 26)) + text;
  return text;
}
