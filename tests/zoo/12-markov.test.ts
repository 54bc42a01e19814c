import { checkRow } from "./check-row.ts";

checkRow("12-markov.ts");
