/** The kinds of target, each with what makes one. */
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import * as extras from '../extras/targets.ts';
import { ShellTarget } from './remote.ts';
import { plain, slurm } from './schedulers.ts';
import type { ExtraTarget, OpenTarget, TargetSpec } from './target.ts';

type Kind = TargetSpec['kind'];

const overSsh = { ssh: plain, slurm } as const;
/** Each kind that is not reached over ssh. */
const others: Readonly<Record<Exclude<Kind, keyof typeof overSsh>, ExtraTarget>> = extras;

/** Throws `AppError('target-unknown')` for a kind that this program lacks. */
export const openTarget: OpenTarget = (spec, token) => {
  if (spec.kind in overSsh) return new ShellTarget(spec, overSsh[spec.kind as keyof typeof overSsh](spec));
  const other = extraOf(spec.kind);
  if (other) return other.open(spec, token);
  throw new AppError(
    'target-unknown',
    say`${spec.name} was added by a Fettle that can reach more.`,
    say`Use that one, or remove this computer here.`,
  );
};

/** Throws the AppError of the kind for an address that can't be used. */
export function requireAddress({ kind, host }: Pick<TargetSpec, 'kind' | 'host'>): void {
  extraOf(kind)?.requireAddress(host);
}

function extraOf(kind: Kind): ExtraTarget | undefined {
  return (others as Readonly<Record<string, ExtraTarget | undefined>>)[kind];
}
