import { checkRow } from "./check-row.ts";

checkRow("03-radial-basis.ts");
