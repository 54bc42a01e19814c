import * as g from "gradc";

export type Units = g.Tensor<"f32">; // […, units], 0 or 1, or probabilities
type Key = g.Tensor<"u32">;

export type Dream = { readonly v: Units; readonly p: Units };

/** 1 with these probabilities, else 0. */
export const drawn = (p: Units, key: Key): Units => g.bernoulli(key, p, p.shape).cast("f32");

/**
 * The restricted Boltzmann machine: visible units v and hidden units h of 0 and 1, coupled with each other and not among
 * themselves, E(v, h) = −b·v − c·h − v·w·h. So all units of one side can be drawn at once.
 * @param name the first part of the parameters' names
 */
export function rbm(name: string, visible: number, hidden: number) {
  const w = g.param(`${name}.w`, [visible, hidden], g.normalInit({ stdev: 0.1 }));
  const [b, c] = [g.param(`${name}.b`, [visible]), g.param(`${name}.c`, [hidden])];
  const parameters = { w, b, c };

  /** p(h = 1 | v) */
  const up = (v: Units): Units => v.matmul(w).add(c).sigmoid();
  /** p(v = 1 | h) */
  const down = (h: Units): Units => h.matmul(w.transpose()).add(b).sigmoid();

  /** F(v) = −ln Σₕ e^(−E(v, h)), for each v; hidden units are summed out one by one. */
  const freeEnergy = (v: Units): Units => v.matmul(w).add(c).softplus().sum(-1).add(v.matmul(b)).neg();

  /** ln p(vᵢ | all other v), summed over i: F of v with each bit turned over in turn, against F(v). */
  const pseudoLogLikelihood = (v: Units): Units => {
    const turn = v.mul(-2).add(1); // what turning over adds
    const field = v.matmul(w).add(c).expandDims(-2);
    const turned = field.add(turn.expandDims(-1).mul(w)); // [examples, bit, hidden]
    const rise = turned.softplus().sub(field.softplus()).sum(-1).add(turn.mul(b)).neg();
    return rise.logSigmoid().sum(-1);
  };

  /**
   * So many sweeps of Gibbs sampling, hidden units first.
   * @param held 1 where a visible unit keeps its value
   * @returns the last v, and the probabilities p of which they were drawn
   */
  const gibbs = (start: Units, key: Key, sweeps: number, held: Units | number = 0): Dream => {
    const sweep = ({ v }: Dream, i: Key) => {
      const [k1, k2] = g.splitKey(g.foldIn(key, i));
      const p = down(drawn(up(v), k1));
      const v2 = drawn(p, k2);
      return { carry: { v: v2.add(start.sub(v2).mul(held)), p } };
    };
    return g.scan(sweep, { v: start, p: start }, g.arange(sweeps, "u32")).carry;
  };

  /** Falls as the data become likelier than what the machine has dreamt; its gradient are the statistics of CD. */
  const contrast = (data: Units, dreamt: Units): g.Scalar<"f32"> =>
    freeEnergy(data)
      .mean()
      .sub(freeEnergy(g.stopGradient(dreamt)).mean());

  return { name, parameters, up, down, freeEnergy, pseudoLogLikelihood, gibbs, contrast };
}
