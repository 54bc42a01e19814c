import { checkRow } from "./check-row.ts";

checkRow("23-echo-state.ts");
