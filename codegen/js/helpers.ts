/**
 * Functions of the loop IR that JavaScript lacks, as text; a program contains those it uses. Each is a declarator of one
 * `const`. Scratch is eight bytes seen as f64, f32 and i32 (all hosts of JavaScript are little-endian: word 1 is high).
 */
interface Helper {
  readonly text: string;
  readonly uses: readonly HelperName[];
}

export type HelperName =
  | "Rd" // Math.fround
  | "Sd" // scratch as f64
  | "Sf" // scratch as f32
  | "Si" // scratch as i32
  | "Fi" // bits of an f32 as i32
  | "If" // f32 of i32 bits
  | "Ci" // float → i32, truncates and saturates
  | "Cu" // float → u32, likewise
  | "Nr" // nearest integer, ties to even
  | "Px" // power2
  | "Lx" // ldexp
  | "Ex" // exponent
  | "Mx"; // mantissa

export const HELPERS: Readonly<Record<HelperName, Helper>> = {
  Rd: { text: "Rd=Math.fround", uses: [] },
  Sd: { text: "Sd=new Float64Array(1)", uses: [] },
  Sf: { text: "Sf=new Float32Array(Sd.buffer)", uses: ["Sd"] },
  Si: { text: "Si=new Int32Array(Sd.buffer)", uses: ["Sd"] },
  Fi: { text: "Fi=x=>(Sf[0]=x,Si[0])", uses: ["Sf", "Si"] },
  If: { text: "If=x=>(Si[0]=x,Sf[0])", uses: ["Sf", "Si"] },
  Ci: { text: "Ci=x=>Math.max(-2147483648,Math.min(2147483647,x))|0", uses: [] },
  Cu: { text: "Cu=x=>Math.max(0,Math.min(4294967295,x))>>>0", uses: [] },
  // For 0 ≤ y < 2^52 the sum y + 2^52 is rounded to an integer by the addition itself.
  Nr: {
    text: "Nr=x=>{let y=Math.abs(x);if(y<4503599627370496)y=y+4503599627370496-4503599627370496;return x<0||1/x<0?-y:y}",
    uses: [],
  },
  Px: { text: "Px=n=>(Si[0]=0,Si[1]=n+1023<<20,Sd[0])", uses: ["Sd", "Si"] },
  // Steps of 2^-969 leave 53 bits above the denormals, so that only the last product rounds.
  Lx: {
    text: `Lx=(x,n)=>{for(let i=0;i<2;i++)if(n>1023){x*=Px(1023);n-=1023}else if(n<-1022){x*=Px(-969);n+=969}return x*Px(Math.max(-1022,Math.min(1023,n)))}`,
    uses: ["Px"],
  },
  // A denormal is scaled up by 2^54 first.
  Ex: {
    text: "Ex=x=>{let o=1022;if(x&&Math.abs(x)<2.2250738585072014e-308){x*=18014398509481984;o=1076}Sd[0]=x;const e=Si[1]>>>20&2047;return !x||e===2047?0:e-o}",
    uses: ["Sd", "Si"],
  },
  Mx: { text: "Mx=x=>Lx(x,-Ex(x))", uses: ["Lx", "Ex"] },
};

/** The helpers and what they use, in an order in which each stands after what it uses. */
export function helperText(used: Iterable<HelperName>): string[] {
  const done = new Set<HelperName>();
  const lines: string[] = [];
  const add = (name: HelperName): void => {
    if (done.has(name)) return;
    done.add(name);
    HELPERS[name].uses.forEach(add);
    lines.push(HELPERS[name].text);
  };
  for (const name of Object.keys(HELPERS) as HelperName[]) if (new Set(used).has(name)) add(name);
  return lines;
}
