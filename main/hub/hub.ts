/**
 * Models from elsewhere: joins the catalog, the search, the downloads and what is on this computer to the
 * `Hub` of the API.
 */

import fs from 'node:fs/promises';
import path from 'node:path';
import type { DatasetDetails, Download, Encoders, LocalModel } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { defined } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';
import { freeBytes } from '../folders.ts';
import { resourcesFolder } from '../paths.ts';
import type { Store } from '../store/store.ts';
import { encodersWithLocal, readCatalog, readEncoders, withLocal } from './catalog.ts';
import { Connection, type Secrets, TUNING, type Tuning } from './connection.ts';
import { type DatasetDownload, downloadPart, firstRows, remoteDataset, searchDatasets } from './datasets.ts';
import { Downloads } from './download/downloads.ts';
import type { DownloadRecord } from './download/record.ts';
import { describeModel, type Inspecting, keepPracticeModel, locateModel, removeModel } from './local.ts';
import { namedPath, programModelAt, programModels } from './other-programs.ts';
import { repoName, searchHub } from './remote.ts';
import { fetchWebFile, type WebFileOptions } from './web-file.ts';

/** Models and data from elsewhere: catalog, the Hugging Face Hub, folders and files on this computer, a web address. */
export type Hub = ReturnType<typeof openHub>;

export interface HubOptions {
  readonly store: Store;
  readonly engine: Inspecting;
  readonly host: { readonly secrets: Secrets };
  /** The data folder; the store's, also after it has moved, where it is the same or left out. */
  readonly folder?: string;
  readonly resources?: string;
  /** In place of the network, for tests; then the proxy is the caller's matter. */
  readonly fetch?: typeof fetch;
  /** In place of https://huggingface.co: the one address that the token is sent to. */
  readonly hubUrl?: string;
  readonly tuning?: Partial<Tuning>;
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** Opens the models' part of the app. Close it before the store: downloads that run are then recorded as paused. */
export function openHub(options: HubOptions) {
  const { store, engine, host, folder = store.folder, resources = resourcesFolder() } = options;
  const tuning = { ...TUNING, ...options.tuning };
  const free = options.freeBytes ?? freeBytes;
  const isOwn = path.resolve(folder) !== path.resolve(store.folder);
  const modelsFolder = () => path.join(isOwn ? folder : store.folder, 'models');
  const connection = new Connection({
    settings: store.settings,
    secrets: host.secrets,
    tuning,
    ...defined({ hubUrl: options.hubUrl, fetch: options.fetch }),
  });
  const register = async (record: DownloadRecord, at: string) => {
    const { repo, revision, licence, gguf } = record;
    const where = gguf === null ? at : path.join(at, gguf);
    const model = await describeModel(engine, where, { name: repo, source: 'hub', repo, revision, licence });
    store.models.save(model);
    return model.id;
  };
  const known = (repo: string, revision: string) => {
    const here = (each: LocalModel) => each.available && each.repo === repo && each.revision === revision;
    return everyModel(store).find(here)?.id ?? null;
  };
  const downloads = new Downloads({
    store,
    connection,
    tuning,
    register,
    known,
    freeBytes: free,
    folderOf: (repo, revision) => path.join(modelsFolder(), repo.replace('/', '--'), revision),
  });
  keepPracticeModel(store, resources);
  return {
    catalog: async () => withLocal(await readCatalog(resources), store.models.list()),
    search: (query: string, limit: number) => searchHub(connection, query, limit),
    /** Looks at a folder or a GGUF file, refuses what is not safe or cannot be trained, and remembers it. */
    add: (given: string) => addModel(store, engine, given),
    /** Models that other programs on this computer have. */
    found: async () => (await programModels(everyModel(store))).filter(({ reads }) => !reads),
    /** Models that read: here, of other programs, and in the catalog. */
    async encoders(): Promise<Encoders> {
      const local = store.models.readers();
      const found = (await programModels(everyModel(store))).filter(({ reads }) => reads);
      return { local, found, catalog: encodersWithLocal(await readEncoders(resources), local) };
    },
    async addFound(file: string): Promise<LocalModel> {
      const model = programModelAt(await programModels(everyModel(store)), file);
      return await addModel(store, engine, await namedPath(model, path.join(modelsFolder(), 'links')));
    },
    /** Returns the bytes that were freed. */
    async remove(id: string, deleteFiles: boolean): Promise<number> {
      const freed = await removeModel(store, find(store, id), deleteFiles, modelsFolder());
      downloads.forgetModel(id);
      return freed;
    },
    download: async (repo: string, revision?: string) =>
      await startDownload(store, resources, downloads, repo, revision),
    downloads: (signal?: AbortSignal) => downloads.watch(signal),
    pause: (id: string) => downloads.pause(id),
    resume: (id: string) => downloads.resume(id),
    cancel: (id: string) => downloads.cancel(id),
    searchDatasets: (query: string, limit: number) => searchDatasets(connection, query, limit),
    async dataset(repo: string): Promise<DatasetDetails> {
      const { parts, ...about } = await remoteDataset(connection, repo);
      return { ...about, parts: parts.map(({ id, label, files, bytes }) => ({ id, label, files, bytes })) };
    },
    /** First rows of a part that is not here yet; null where there are none to be had. */
    datasetRows: (repo: string, part: string, signal?: AbortSignal) =>
      firstRows(connection, repo, part, signal),
    /** Brings the files of a part into a folder of their own in `folder`. */
    async downloadDataset(
      repo: string,
      part: string,
      how: Pick<DatasetDownload, 'folder' | 'onProgress' | 'signal'>,
    ): Promise<string[]> {
      const found = await remoteDataset(connection, repo);
      const folder = path.join(how.folder, found.repo.replace('/', '--'), found.revision.slice(0, 12));
      return downloadPart(found, part, { connection, tuning, freeBytes: free, ...how, folder });
    },
    /** Brings the file at an address; gives its path. */
    fetchFile(
      address: string,
      how: Pick<WebFileOptions, 'mayBePrivate' | 'place' | 'onProgress' | 'signal'>,
    ): Promise<string> {
      const { offline, proxy } = store.settings.get();
      return fetchWebFile(address, { offline, proxy, ...how });
    },
    /** The JSON at any other address, by the rules of all requests: none while offline, through the proxy, without the token. */
    async readJson(url: string, what: string, signal?: AbortSignal): Promise<unknown> {
      const answer = await connection.fetchFor({ what, signal })(url);
      return await answer.json();
    },
    async close() {
      await downloads.close();
      await connection.close();
    },
  };
}

const everyModel = ({ models }: Store): LocalModel[] => [...models.list(), ...models.readers()];

/** Looks at what lies at `given` and remembers it; what is known already is given back as it is. */
async function addModel(store: Store, engine: Inspecting, given: string): Promise<LocalModel> {
  const located = await locateModel(given);
  for (const model of everyModel(store)) {
    const real = await fs.realpath(model.path).catch(() => null);
    if (model.path === located.path || real === located.path) return model;
  }
  const source = located.kind === 'folder' ? 'folder' : 'file';
  const origin = { name: located.name, source, repo: null, revision: null } as const;
  const model = await describeModel(engine, located.path, origin);
  store.models.save(model);
  return model;
}

/** The practice model is in the catalog too, and is here already. */
async function startDownload(
  store: Store,
  resources: string,
  downloads: Downloads,
  given: string,
  revision: string | undefined,
): Promise<Download> {
  const repo = repoName(given);
  const bundled = (await readCatalog(resources)).find((entry) => entry.bundled && entry.repo === repo);
  if (!bundled) return await downloads.add(repo, revision);
  const model = store.models.list().find(({ source }) => source === 'practice');
  if (!model)
    throw new AppError('model-not-found', say`The practice model is missing.`, say`Install Fettle again.`);
  const { bytes, id } = model;
  const figures = { bytes, totalBytes: bytes, bytesPerSecond: null, secondsLeft: null, problem: null };
  return { id: `bundled-${id}`, repo, revision: null, state: 'done', ...figures, modelId: id };
}

function find(store: Store, id: string): LocalModel {
  const model = store.models.find(id);
  if (model) return model;
  throw new AppError('no-model', say`This model is not in the list any more.`, say`Load the list again.`);
}
