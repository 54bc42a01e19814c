const SHORT = 8;

/** How messages call a value that stands where something else is expected: `undefined`, `[1, 2]`, `"relu"`, `Float32Array of 64`. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value.length > 40 ? `${JSON.stringify(value.slice(0, 40))} …` : JSON.stringify(value);
    case "bigint":
      return `${value}n`;
    case "symbol":
      return "a symbol";
    case "function":
      return value.name === "" ? "a function" : `the function ${value.name}`;
    case "object":
      return value === null ? "null" : describeObject(value);
    default:
      return String(value);
  }
}

function describeObject(value: object): string {
  if (Array.isArray(value)) {
    return value.length <= SHORT ? `[${value.map(describe).join(", ")}]` : `an array of ${value.length}`;
  }
  const made: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  if (ArrayBuffer.isView(value) && "length" in value) return `${made} of ${value.length}`;
  // Tensors and programs speak for themselves.
  const text: unknown = value.toString;
  if (typeof text === "function" && text !== Object.prototype.toString) return String(value);
  if (typeof made === "string" && made !== "Object") return `an object ${made}`;
  const keys = Object.keys(value);
  return keys.length === 0 ? "{}" : `{ ${keys.slice(0, SHORT).join(", ")}${keys.length > SHORT ? ", …" : ""} }`;
}
