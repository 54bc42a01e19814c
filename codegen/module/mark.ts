/** The first line of every emitted module. */
export const MARK = "// Compiled by gradc";
