/**
 * The catalog: models that Fettle trains and proposes, in resources/catalog.json. No revision and no hash stands in it: which
 * state of a model is meant is asked for at download, and recorded with the model.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { CatalogModel, LocalModel } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { MODEL_TYPES } from '../engine/models/registry.ts';

const text = z.string().trim().min(1).max(300);

const Entry = z.strictObject({
  /** `owner/name` on the Hub. */
  repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  name: text,
  family: z.enum(MODEL_TYPES),
  /** Counted from the published shape of the model, a head that is tied to the embedding once. */
  parameters: z.int().positive(),
  /**
   * Approximate: two bytes a weight, as most models are stored; GPT-2 and DistilGPT-2 four (float32); Qwen3 0.6B and 1.7B
   * with the head, which their files hold although it is tied. The exact size is known once the Hub has been asked.
   */
  bytes: z.int().positive(),
  /** Its name, and what it allows in one plain sentence. Not legal advice: the licence's text comes with the download. */
  licence: text,
  licenceInWords: text,
  /** As its makers say. */
  languages: text,
  goodFor: text,
  gated: z.boolean(),
  /** Comes with Fettle and is never downloaded. */
  bundled: z.literal(true).optional(),
});

const Catalog = z.strictObject({
  about: z.string(),
  /** Day on which verify:catalog found nothing wrong (YYYY-MM-DD); null: it has not been run yet. */
  verified: z.iso.date().nullable(),
  models: z.array(Entry).min(1),
});

export type CatalogEntry = z.output<typeof Entry>;

/** Reads catalog.json in `resources`. */
export async function readCatalog(resources: string): Promise<CatalogEntry[]> {
  const file = path.join(resources, 'catalog.json');
  try {
    return Catalog.parse(JSON.parse(await fs.readFile(file, 'utf8'))).models;
  } catch (cause) {
    throw new AppError(
      'catalog-unreadable',
      `The catalog of models cannot be read (${file}).`,
      'Install Fettle again.',
      {
        cause,
      },
    );
  }
}

/** The entries with the model on this computer that each stands for, where there is one. */
export function withLocal(entries: readonly CatalogEntry[], local: readonly LocalModel[]): CatalogModel[] {
  const here = local.filter((model) => model.available);
  return entries.map(({ bundled, ...entry }) => {
    const model = here.find((each) => (bundled ? each.source === 'practice' : each.repo === entry.repo));
    return { ...entry, localId: model?.id ?? null };
  });
}
