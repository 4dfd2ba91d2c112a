/** Models: those that are there, those that could be, and how they come; and rows from the Hub or from a web address. */
import { z } from 'zod';
import type { InspectResult, RawTable, Skill } from '../protocol/protocol.ts';
import { api, filePath, gives, id, type Problem, streams } from './base.ts';
import type { MethodFit, PlanMethod } from './plan.ts';

/** A model on this computer. */
export interface LocalModel {
  readonly id: string;
  readonly name: string;
  readonly family: string;
  readonly format: 'safetensors' | 'gguf';
  readonly path: string;
  readonly parameters: number;
  readonly bytes: number;
  readonly licence: string | null;
  readonly source: 'practice' | 'folder' | 'file' | 'hub';
  /** Where it is from on the Hub, and which state of it. */
  readonly repo: string | null;
  readonly revision: string | null;
  readonly hasChatTemplate: boolean;
  /** Missing where nobody has looked: it was added by an older Fettle. */
  readonly skills?: readonly Skill[];
  /** It makes vectors of texts and writes none: an encoder, for sorting and finding. */
  readonly reads?: true;
  readonly added: string;
  /** False where its files are not there any more. */
  readonly available: boolean;
}

/** A model that another program on this computer has, and Fettle could use as it is. */
export interface ProgramModel {
  /** LM Studio, Ollama and so on. */
  readonly program: string;
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  /** As of a LocalModel. */
  readonly reads?: true;
}

/** An entry of resources/catalog.json. */
export interface CatalogModel {
  readonly repo: string;
  readonly name: string;
  readonly family: string;
  readonly parameters: number;
  /** Of the files that Fettle needs, as far as the catalog knows. */
  readonly bytes: number;
  readonly licence: string;
  readonly licenceInWords: string;
  readonly languages: string;
  readonly goodFor: string;
  readonly skills: readonly Skill[];
  /** Whether its makers want an account and a consent first. */
  readonly gated: boolean;
  /** The model on this computer, where it is there already. */
  readonly localId: string | null;
}

/** An encoder of resources/catalog.json. */
export interface CatalogEncoder extends Omit<CatalogModel, 'skills'> {
  /** Whether it knows many languages, and not English alone. */
  readonly isMultilingual: boolean;
  /** Tokens of a text that it reads, at most. */
  readonly maxTokens: number;
}

/** The models that read: on this computer, of other programs on it, and in the catalog. */
export interface Encoders {
  readonly local: readonly LocalModel[];
  readonly found: readonly ProgramModel[];
  readonly catalog: readonly CatalogEncoder[];
}

/** What training a model takes by each method: the same search, over the same example rows, as the grid of sizes and the plan. */
export type ModelNeed = Readonly<Record<PlanMethod, MethodFit>>;

/** The needs of all models by repository and by id, with the memory that was free; null where a model cannot be read. */
export interface ModelNeeds {
  readonly freeBytes: number;
  readonly catalog: Readonly<Record<string, ModelNeed | null>>;
  readonly local: Readonly<Record<string, ModelNeed | null>>;
}

/** A model that the Hub's search found. */
export interface HubModel {
  readonly repo: string;
  readonly downloads: number;
  readonly likes: number;
  readonly updated: string;
  readonly gated: boolean;
  readonly task: string | null;
  /** Why Fettle cannot train it; null where nothing speaks against it so far. */
  readonly unsuitable: string | null;
}

export type DownloadState = 'waiting' | 'running' | 'paused' | 'checking' | 'done' | 'failed';

/** A model on its way. */
export interface Download {
  readonly id: string;
  readonly repo: string;
  readonly revision: string | null;
  readonly state: DownloadState;
  readonly bytes: number;
  readonly totalBytes: number | null;
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
  readonly problem: Problem | null;
  readonly modelId: string | null;
}

export const models = {
  /** Those that write. */
  list: api.output(gives<readonly LocalModel[]>()),
  encoders: api.output(gives<Encoders>()),
  catalog: api.output(gives<readonly CatalogModel[]>()),
  /** From the graphs of all these models, for the memory that is free now; the first time it takes seconds. */
  needs: api.output(gives<ModelNeeds>()),
  search: api
    .input(z.object({ query: z.string().min(1).max(200), limit: z.int().min(1).max(100).default(20) }))
    .output(gives<readonly HubModel[]>()),
  /** A folder with a model, or a GGUF file; what cannot be trained is refused with the reason. */
  add: api.input(z.object({ path: filePath })).output(gives<LocalModel>()),
  /** What other programs on this computer have and the list has not, of those that write. */
  found: api.output(gives<readonly ProgramModel[]>()),
  /** Adds one of those, by its path. */
  addFound: api.input(z.object({ path: filePath })).output(gives<LocalModel>()),
  inspect: api.input(z.object({ id })).output(gives<InspectResult>()),
  /** Takes it from the list; its files go only where Fettle has downloaded them itself and `deleteFiles` is set. */
  remove: api
    .input(z.object({ id, deleteFiles: z.boolean().default(false) }))
    .output(gives<{ readonly freedBytes: number }>()),
  download: api
    .input(z.object({ repo: z.string().min(1).max(200), revision: z.string().max(200).optional() }))
    .output(gives<Download>()),
  downloads: api.output(streams<readonly Download[]>()),
  pauseDownload: api.input(z.object({ id })).output(gives<void>()),
  resumeDownload: api.input(z.object({ id })).output(gives<void>()),
  cancelDownload: api.input(z.object({ id })).output(gives<void>()),
};

/** A data set that the Hub's search found. */
export interface FoundDataset {
  readonly repo: string;
  readonly downloads: number;
  readonly gated: boolean;
  readonly licence: string | null;
}

/** Files that belong together, such as those for training. */
export interface DatasetPart {
  readonly id: string;
  readonly label: string;
  readonly files: number;
  readonly bytes: number;
}

export interface DatasetDetails {
  readonly repo: string;
  /** The state of it that is meant. */
  readonly revision: string;
  readonly gated: boolean;
  readonly licence: string | null;
  readonly parts: readonly DatasetPart[];
}

/** Files on their way, and where they are in the end; `totalBytes` null where it is not known. */
export type FetchProgress =
  | { readonly kind: 'progress'; readonly bytes: number; readonly totalBytes: number | null }
  | { readonly kind: 'done'; readonly paths: readonly string[] };

const repo = z.string().min(1).max(200);
const part = z.string().min(1).max(1000);

export const sources = {
  search: api
    .input(z.object({ query: z.string().min(1).max(200), limit: z.int().min(1).max(50).default(15) }))
    .output(gives<readonly FoundDataset[]>()),
  details: api.input(z.object({ repo })).output(gives<DatasetDetails>()),
  /** The first rows of a part before it is here; null where nobody has read them ahead. */
  preview: api.input(z.object({ repo, part })).output(gives<RawTable | null>()),
  /** Downloads a part; what has arrived is kept when it is stopped. */
  get: api.input(z.object({ repo, part })).output(streams<FetchProgress>()),
  address: api.input(z.object({ address: z.string().min(1).max(2000) })).output(streams<FetchProgress>()),
};
