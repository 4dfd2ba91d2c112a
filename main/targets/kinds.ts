/** The kinds of target, each with what makes one. */
import { rayTarget } from './ray.ts';
import { shellTarget } from './remote.ts';
import { plain, slurm } from './schedulers.ts';
import type { Target, TargetSpec } from './target.ts';

/** Gives what lets in, where that is no key of ssh; null where there is none. */
export type Token = () => Promise<string | null>;
type Kind = (spec: TargetSpec, token: Token) => Target;

const KINDS: Readonly<Record<TargetSpec['kind'], Kind>> = {
  ssh: (spec) => shellTarget(spec, plain(spec)),
  slurm: (spec) => shellTarget(spec, slurm(spec)),
  ray: rayTarget,
};

/** The target that `spec` describes. */
export const openTarget: Kind = (spec, token) => KINDS[spec.kind](spec, token);
