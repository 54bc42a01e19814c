import * as g from "gradc";
const fs:any={tanh:(x:any)=>g.tanh(x),exp:(x:any)=>g.exp(x),chain:(x:any)=>{const bend=g.tanh(g.add(g.mul(x,1.1),0.3));const root=g.sqrt(g.abs(g.sub(g.mul(bend,x),0.2)));return g.maximum(g.div(x,g.add(g.exp(g.mul(root,-0.7)),1)),-0.2)},
 gelu:(x:any)=>g.gelu(x,{approximate:true} as any), sigmoid:(x:any)=>g.sigmoid(x)};
for (const name of (process.argv[2]??"tanh,exp,gelu,sigmoid,chain").split(",")) for (const n of [8192,99999]) {
 const x=g.input("x",[n]);
 const net:any=g.compileSync(g.program("t",{run:{inputs:[x],outputs:{y:fs[name](x)}}}),{target:"wasm"});
 const {run,inputs}=net.run; inputs.x.set(Float32Array.from({length:n},(_,i)=>Math.sin(i*0.7)*2));
 let best=1e9; for(let r=0;r<400;r++){const k=n<9000?20:4;const t=performance.now();for(let i=0;i<k;i++)run();best=Math.min(best,(performance.now()-t)/k);}
 console.log(name,n,(best*1e6/n).toFixed(3),"ns/elem");
}
