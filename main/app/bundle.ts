/** A training as a folder for another computer, complete with its model. */
import fs from 'node:fs/promises';
import path from 'node:path';
import type { BundleFacts } from '../../common/protocol/protocol.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { type WorkIo, workHere } from './work-here.ts';

interface BundleOrder {
  readonly config: RunConfig;
  readonly out: string;
  readonly hub: { readonly name: string; readonly revision: string } | null;
}

/** Writes the bundle into the new folder `out`. Throws an AppError where that is in use. */
export async function writeBundleHere(order: BundleOrder, io: WorkIo): Promise<BundleFacts> {
  const facts = await workHere<BundleFacts>('bundle', order, io);
  const { model } = facts;
  if (!model) return facts;
  const folder = path.join(order.out, 'model');
  await fs.mkdir(folder);
  for (const { name } of model.files) {
    // the same blocks of the disk, where it can do that
    await fs.copyFile(path.join(model.folder, name), path.join(folder, name), fs.constants.COPYFILE_FICLONE);
  }
  return facts;
}
