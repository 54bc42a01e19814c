import { checkRow } from "./check-row.ts";

checkRow("22-extreme-learning.ts");
