/** The least k with P(Binomial(n, p) <= k) >= q, by summing the probabilities from 0 in logarithms. */
export function binomialQuantile(q: number, n: number, p: number): number {
  if (p <= 0 || n === 0) return 0;
  if (p >= 1) return n;
  const odds = Math.log(p) - Math.log1p(-p);
  let log = n * Math.log1p(-p);
  let sum = Math.exp(log);
  let k = 0;
  while (sum < q && k < n) {
    log += Math.log((n - k) / (k + 1)) + odds;
    sum += Math.exp(log);
    k++;
  }
  return k;
}
