/** JavaScript text of an expression with its precedence, so that parentheses stand only where they are needed. */
export interface Code {
  readonly text: string;
  readonly level: number;
}

/** Precedence levels of JavaScript, tighter is higher. */
export const LEVEL = {
  primary: 20,
  unary: 15,
  multiply: 13,
  add: 12,
  shift: 11,
  relation: 10,
  equality: 9,
  bitAnd: 8,
  bitXor: 7,
  bitOr: 6,
  and: 5,
  or: 4,
  conditional: 3,
  comma: 1,
} as const;

const INFIX: Readonly<Record<string, number>> = {
  "*": LEVEL.multiply,
  "/": LEVEL.multiply,
  "%": LEVEL.multiply,
  "+": LEVEL.add,
  "-": LEVEL.add,
  "<<": LEVEL.shift,
  ">>": LEVEL.shift,
  ">>>": LEVEL.shift,
  "<": LEVEL.relation,
  "<=": LEVEL.relation,
  ">": LEVEL.relation,
  ">=": LEVEL.relation,
  "==": LEVEL.equality,
  "!=": LEVEL.equality,
  "&": LEVEL.bitAnd,
  "^": LEVEL.bitXor,
  "|": LEVEL.bitOr,
  "&&": LEVEL.and,
  "||": LEVEL.or,
};

export const primary = (text: string): Code => ({ text, level: LEVEL.primary });

/** The text, in parentheses if it binds less tightly than `level`. */
export const within = (code: Code, level: number): string => (code.level < level ? `(${code.text})` : code.text);

export function infix(operator: string, x: Code, y: Code): Code {
  const level = INFIX[operator];
  const left = within(x, level);
  const right = within(y, level + 1);
  // a - -b must not become the decrement a--b.
  const gap = right.startsWith(operator) ? " " : "";
  return { text: `${left}${operator}${gap}${right}`, level };
}

export function prefix(operator: string, x: Code): Code {
  const operand = within(x, LEVEL.unary);
  const safe = operand.startsWith(operator) ? `(${operand})` : operand;
  return { text: operator + safe, level: LEVEL.unary };
}

export const conditional = (condition: Code, then: Code, otherwise: Code): Code => ({
  text: `${within(condition, LEVEL.conditional + 1)}?${within(then, LEVEL.conditional)}:${within(otherwise, LEVEL.conditional)}`,
  level: LEVEL.conditional,
});

export const invoke = (name: string, ...args: readonly Code[]): Code =>
  primary(`${name}(${args.map(a => within(a, LEVEL.comma + 1)).join(",")})`);

const shorten = (text: string): string => text.replace(/^(-?)0\./, "$1.").replace("e+", "e");

/** A number as short text that reads back as exactly this double. */
export function number(value: number): Code {
  if (Number.isNaN(value)) return primary("NaN");
  const negative = value < 0 || Object.is(value, -0);
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return { text: negative ? "-1/0" : "1/0", level: LEVEL.multiply };
  const plain = String(size);
  const exponent = size.toExponential();
  const text = shorten(exponent.length + 1 < plain.length ? exponent : plain);
  return negative ? { text: `-${text}`, level: LEVEL.unary } : primary(text);
}

/** The shortest decimal text that rounds to the same f32 (as a double it may differ in bits beyond f32). */
export function shortFloat(value: number): Code {
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) return number(rounded);
  for (let digits = 1; digits <= 9; digits++) {
    const candidate = Number(rounded.toPrecision(digits));
    if (Math.fround(candidate) === rounded) return number(Object.is(rounded, -0) ? -0 : candidate);
  }
  return number(rounded);
}
