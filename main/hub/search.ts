/** Searches the Hub for models that continue text, and says of each why Fettle could not train it, as far as the list tells. */
import { listModels } from '@huggingface/hub';
import type { HubModel } from '../../preload/contract.ts';
import { readingAnswer } from './errors.ts';
import { type ModelKind, unsuitableFiles, unsuitableKind } from './families.ts';
import type { Connection } from './net/connection.ts';

const WHAT = 'Searching the Hub';

/** At most `limit` models, the most downloaded first. */
export function searchHub(connection: Connection, query: string, limit: number): Promise<HubModel[]> {
  return readingAnswer(WHAT, () => search(connection, query, limit));
}

async function search(connection: Connection, query: string, limit: number): Promise<HubModel[]> {
  const found: HubModel[] = [];
  const results = listModels({
    search: { query, task: 'text-generation' },
    additionalFields: ['config', 'filePaths'],
    sort: 'downloads',
    limit,
    hubUrl: connection.hubUrl,
    fetch: connection.fetchFor({ what: WHAT }),
  });
  for await (const model of results) {
    found.push({
      repo: model.name,
      downloads: model.downloads ?? 0,
      likes: model.likes ?? 0,
      updated: Number.isNaN(model.updatedAt.getTime()) ? '' : model.updatedAt.toISOString(),
      gated: Boolean(model.gated),
      task: model.task ?? null,
      unsuitable: unsuitableKind((model.config ?? {}) as ModelKind) ?? unsuitableFiles(model.filePaths ?? []),
    });
  }
  return found;
}
