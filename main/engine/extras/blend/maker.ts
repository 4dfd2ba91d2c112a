import type { RunMaker } from '../../train/run-parts.ts';

/** Makes the runs that say of which they are blended. */
export const maker: RunMaker = ({ blend, ...config }, io, model) =>
  blend ? import('./blend-run.ts').then(({ blendRun }) => blendRun({ ...config, blend }, io, model)) : null;
