/** The colour of what an amount is made of, the same in every bar. */
const COLOURS: Readonly<Record<string, string>> = {
  weights: 'var(--plot-1)',
  adapters: 'var(--plot-4)',
  gradients: 'var(--plot-2)',
  state: 'var(--plot-3)',
  optimizer: 'var(--plot-3)',
  activations: 'var(--plot-5)',
  logits: 'var(--plot-7)',
  working: 'var(--plot-6)',
  master: 'var(--plot-5)',
  program: 'var(--plot-8)',
};

/** A CSS colour for a kind of part; kinds without a row are grey. */
export function kindColour(kind: string): string {
  return COLOURS[kind] ?? 'var(--border-strong)';
}
