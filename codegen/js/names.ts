/** Identifiers for names of the IR. */
export interface Names {
  of(name: string): string;
}

/** What a name stands for. */
export type NameKind = keyof typeof LETTERS;

/** F D I U B are the views of the memory; K0 P0 S0 V0 functions and variables that a generated program shares. */
const LETTERS = {
  write: [..."ZYXW"],
  read: [..."TRQOLJHGECA"],
  extent: [..."NM"],
  loop: [..."ijklmno"],
  variable: [..."abcdefgh"],
  value: [..."pqrstuvwxyz"],
} as const;

/**
 * Short identifiers, in an alphabet for each kind of name: bodies of similar kernels then read the same (and compress
 * well) whatever else differs between them. After the letters come letters with numbers, such as a1.
 */
export class LocalNames implements Names {
  #counts = { write: 0, read: 0, extent: 0, loop: 0, variable: 0, value: 0 };
  readonly #names = new Map<string, string>();

  /** The identifier of a name; one that was not declared is a value. */
  of(name: string): string {
    return this.#names.get(name) ?? this.declare(name, "value");
  }

  declare(name: string, kind: NameKind): string {
    const made = this.fresh(kind);
    this.#names.set(name, made);
    return made;
  }

  /** Lets a name stand for what another one stands for. */
  alias(name: string, other: string): void {
    this.#names.set(name, this.of(other));
  }

  /** Names made in `body` may be made again afterwards: they are declared in a block of their own. */
  inBlock(body: () => void): void {
    const outer = { ...this.#counts };
    body();
    this.#counts = outer;
  }

  fresh(kind: NameKind): string {
    const letters = LETTERS[kind];
    const index = this.#counts[kind]++;
    const round = Math.floor(index / letters.length);
    return letters[index % letters.length] + (round === 0 ? "" : round);
  }
}
