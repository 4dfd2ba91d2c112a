/** A Ray cluster as a target: what opens one, and which addresses a token may go to. */
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { isSafeAddress } from '../../hub/connection.ts';
import type { ExtraTarget } from '../../targets/target.ts';
import { RayTarget } from './ray-target.ts';

export const ray: ExtraTarget = {
  open: (spec, token) => new RayTarget(spec, token),
  requireAddress: requireSafe,
};

/** Throws `AppError('target-unsafe')` for an address to which a token must not go: whoever has it can run programs there. */
function requireSafe(address: string): void {
  const url = URL.parse(address);
  if (!url || url.username || url.password || url.search || url.hash || !/^https?:$/.test(url.protocol))
    throw new AppError(
      'bad-config',
      say`${address} isn’t the address of a Ray cluster.`,
      say`For example: https://head.example.org:8265.`,
    );
  if (isSafeAddress(url)) return;
  throw new AppError(
    'target-unsafe',
    say`${address} isn’t encrypted, so anyone on the way could take your token and run programs there.`,
    say`Use https, or a tunnel: ssh -L 8265:localhost:8265 ${url.hostname}, then http://localhost:8265.`,
  );
}
