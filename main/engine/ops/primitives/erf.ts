/** erf(x) to about 1e-15: its Maclaurin series for small |x|, the continued fraction of erfc (Lentz) beyond. */
export function erf(x: number): number {
  const a = Math.abs(x);
  const value = a < 2.5 ? series(a) : 1 - Math.exp(-a * a) * fraction(a);
  return x < 0 ? -value : value;
}

// erf(a) = 2/sqrt(pi) sum_n (-1)^n a^(2n+1) / (n! (2n+1))
function series(a: number): number {
  let term = a;
  let sum = a;
  for (let n = 1; n < 80; n++) {
    term *= (-a * a) / n;
    sum += term / (2 * n + 1);
    if (Math.abs(term) < 1e-18) break;
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

// erfc(a) e^(a^2) sqrt(pi) = 1/(a + (1/2)/(a + 1/(a + (3/2)/(a + ...)))), evaluated from the tail
function fraction(a: number): number {
  let tail = a;
  for (let k = 60; k >= 1; k--) tail = a + k / 2 / tail;
  return 1 / (Math.sqrt(Math.PI) * tail);
}
