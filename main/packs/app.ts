/** The packs as both hosts open them: with their folder told to engines, and with what is known of the cards forgotten when they change. */
import type { Packs } from '../api/parts.ts';
import { forgetHardware } from '../hardware/facts.ts';
import { openPacks, type PacksOptions } from './packs.ts';
import { usePacksOf } from './place.ts';

export function packsFor({ store, host }: Pick<PacksOptions, 'store' | 'host'>): Packs {
  usePacksOf(store.folder);
  return openPacks({ store, host, onChange: forgetHardware });
}
