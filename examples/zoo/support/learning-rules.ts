/** The published learning rules as plain formulas over numbers: what the graphs of `gradc/nn` are held against. */

/** One step: from parameters w, their gradient g and what the rule remembers to the next w. `t` counts from 1. */
export type Rule = (
  w: readonly number[],
  g: readonly number[],
  memory: Record<string, number[]>,
  t: number,
) => number[];

const zeros = (w: readonly number[]): number[] => w.map(() => 0);

/** θ ← θ − η·g */
export const gradientDescent =
  (rate: number): Rule =>
  (w, g) =>
    w.map((wi, i) => wi - rate * g[i]);

/** v ← μ·v + g, θ ← θ − η·v (Polyak 1964); Nesterov (1983) goes on by g + μ·v. */
export const heavyBall =
  (rate: number, mu: number, nesterov: boolean): Rule =>
  (w, g, memory) => {
    const v = (memory.v ?? zeros(w)).map((vi, i) => mu * vi + g[i]);
    memory.v = v;
    return w.map((wi, i) => wi - rate * (nesterov ? g[i] + mu * v[i] : v[i]));
  };

/** s ← s + g², θ ← θ − η·g/√s (Duchi, Hazan, Singer 2011) */
export const adaGrad =
  (rate: number): Rule =>
  (w, g, memory) => {
    const s = (memory.s ?? zeros(w)).map((si, i) => si + g[i] ** 2);
    memory.s = s;
    return w.map((wi, i) => wi - (rate * g[i]) / (Math.sqrt(s[i]) + 1e-10));
  };

/** v ← α·v + (1 − α)·g², θ ← θ − η·g/√v (Tieleman, Hinton 2012) */
export const rmsProp =
  (rate: number, alpha: number): Rule =>
  (w, g, memory) => {
    const v = (memory.v ?? zeros(w)).map((vi, i) => alpha * vi + (1 - alpha) * g[i] ** 2);
    memory.v = v;
    return w.map((wi, i) => wi - (rate * g[i]) / (Math.sqrt(v[i]) + 1e-8));
  };

/**
 * m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g², θ ← θ − η·m̂/(√v̂ + ε) with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ) (Kingma, Ba
 * 2015); with a decay λ apart from the gradient, θ ← (1 − η·λ)·θ before it (Loshchilov, Hutter 2019).
 */
export const adaptiveMoments =
  (rate: number, decay = 0): Rule =>
  (w, g, memory, t) => {
    const m = (memory.m ?? zeros(w)).map((mi, i) => 0.9 * mi + 0.1 * g[i]);
    const v = (memory.v ?? zeros(w)).map((vi, i) => 0.999 * vi + (1 - 0.999) * g[i] ** 2);
    Object.assign(memory, { m, v });
    const step = (i: number): number => m[i] / (1 - 0.9 ** t) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8);
    return w.map((wi, i) => wi - rate * decay * wi - rate * step(i));
  };
