import { add, eq, lt, mul, neg, select, sub, unary } from "../build.ts";
import type { Expr } from "../ir.ts";
import { define, type FunctionScope } from "./define.ts";
import { logOf } from "./logarithm.ts";

/** erfinv(x)/x in pieces: polynomials in v − center, v = w below 6 and √w above, w = −ln(1 − x²). */
interface Piece {
  /** The piece ends at this w. */
  readonly below: number;
  readonly center: number;
  readonly coefficients: readonly number[];
}

const PIECES: { readonly f32: readonly Piece[]; readonly f64: readonly Piece[] } = {
  f32: [
    {
      below: 6,
      center: 3,
      coefficients: [
        1.62354207, 0.241630331, -0.00573858107, -0.000836070569, 0.000195476532, -1.27575877e-5, -1.88536956e-6,
        4.55634819e-7, -4.33289182e-9, -5.8293268e-9,
      ],
    },
    {
      below: 16,
      center: 3.25,
      coefficients: [
        3.08388567, 1.00525808, 0.00536995567, -0.00373462262, 0.00249926397, -0.0017673315, 0.000941661478,
        -0.000219324647,
      ],
    },
  ],
  f64: [
    {
      below: 6,
      center: 3,
      coefficients: [
        1.6235420064648303, 0.24163040416617007, -0.005738135221014722, -0.0008361817770074911, 0.00019506132444267475,
        -1.2716422397646826e-5, -1.7480021322404205e-6, 4.499851534816749e-7, -2.368870584383481e-8,
        -5.467009725997281e-9, 1.1107918589134789e-9, -3.1489238225482254e-11, -1.7328162617376127e-11,
        2.7141287237553633e-12, 6.373450489494845e-15, -5.5246750816265033e-14, 6.2837217452308995e-15,
        4.978217518761313e-16, -1.556785467660616e-16, -5.233327571135416e-20, 1.6232165157817747e-18,
      ],
    },
    {
      below: 16,
      center: 3.25,
      coefficients: [
        3.083885610492209, 1.0052589676938746, 0.005370914556227977, -0.0037512084840422375, 0.00249144199544042,
        -0.001688276124424714, 0.0009532908349696297, -0.00035503133970580543, 2.402083474452634e-5,
        6.82491190776261e-5, -4.7279051469704366e-5, 1.2592795787708617e-5, 2.8413262877902063e-6,
        -4.234440869402128e-6, 1.5910470354328075e-6, 2.3848657248747717e-7, -3.116785677695976e-7,
      ],
    },
    {
      below: 37,
      center: 5,
      coefficients: [
        4.8499064014085995, 1.010300464864142, -0.00013871932002317114, -0.00021503010603321742, 7.599530633235413e-5,
        -1.968190891035357e-5, 4.52587440794711e-6, -9.924091619523692e-7, 2.2957793922886657e-7, -6.901446831221199e-8,
        2.8244065445247503e-8, -1.3362297913199786e-8, 8.348834557083245e-9, -4.795892918304206e-9,
        1.2387498150829517e-9,
      ],
    },
  ],
};

/** The first piece whose end lies above w; the last one holds to the end. */
function piecewise(scope: FunctionScope, w: Expr, root: Expr): Expr {
  const pieces = scope.pick(PIECES).map((piece, i) => {
    const v = scope.let(sub(i === 0 ? w : root, scope.num(piece.center)));
    return { below: piece.below, value: scope.polynomial(v, piece.coefficients) };
  });
  return pieces
    .slice(0, -1)
    .reduceRight(
      (rest, { below, value }) => select(lt(w, scope.num(below)), value, rest),
      pieces[pieces.length - 1].value,
    );
}

/** The y with erf(y) = x. */
export const erfinv = define({
  name: "erfinv",
  ulp: { f32: 4, f64: 64 },
  build(scope, x) {
    const one = scope.num(1);
    const a = scope.let(unary("abs", x));
    const w = scope.let(neg(logOf(scope, scope.let(mul(sub(one, x), add(one, x))))));
    const y = mul(x, piecewise(scope, w, scope.let(unary("sqrt", w))));
    const ends = mul(x, scope.num(Infinity));
    return select(lt(a, one), y, select(eq(a, one), ends, scope.num(NaN)));
  },
});
