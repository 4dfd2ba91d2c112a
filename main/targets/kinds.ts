/** The kinds of target, each with what makes one. */
import { RayTarget } from './ray.ts';
import { ShellTarget } from './remote.ts';
import { plain, slurm } from './schedulers.ts';
import type { Target, TargetSpec } from './target.ts';

/** Gives what lets in, where that is no key of ssh; null where there is none. */
export type Token = () => Promise<string | null>;
type Kind = (spec: TargetSpec, token: Token) => Target;

const KINDS: Readonly<Record<TargetSpec['kind'], Kind>> = {
  ssh: (spec) => new ShellTarget(spec, plain(spec)),
  slurm: (spec) => new ShellTarget(spec, slurm(spec)),
  ray: (spec, token) => new RayTarget(spec, token),
};

export const openTarget: Kind = (spec, token) => KINDS[spec.kind](spec, token);
