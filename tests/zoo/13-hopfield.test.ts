import { checkRow } from "./check-row.ts";

checkRow("13-hopfield.ts");
