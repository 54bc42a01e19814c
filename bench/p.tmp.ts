import { peaks } from "./peak.ts";
const { fused, separate } = peaks();
for (let k = 0; k < 12; k++) { const out=[]; for (const p of [fused, separate]) { let best = 1e9; for (let i = 0; i < 40; i++) { const s = performance.now(); p.run(); best = Math.min(best, performance.now() - s); } out.push((p.flops / best / 1e6).toFixed(1)); } console.log(out.join(" ")); }
