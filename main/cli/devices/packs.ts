/** What the commands about packs share: which packs there are, and where they are kept. */
import { AppError } from '../../../common/errors.ts';
import { type PackManifest, readManifest } from '../../packs/pack.ts';
import { packsFolder, resourcesFolder } from '../../paths.ts';

export interface Place {
  readonly manifest: PackManifest;
  /** The folder of all packs. */
  readonly packs: string;
}

/** The pack called `name`. Throws `AppError('bad-usage')` for any other than nvidia, and where it is of no use. */
export function placeOf(name: string): Place {
  if (name !== 'nvidia')
    throw new AppError('bad-usage', `There is no pack "${name}".`, 'There is one: fettle devices get nvidia');
  return { manifest: readManifest(resourcesFolder()), packs: packsFolder() };
}
