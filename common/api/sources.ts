/** Rows from elsewhere: data sets of the Hugging Face Hub, and files at a web address. */
import { z } from 'zod';
import type { RawTable } from '../protocol/protocol.ts';
import { api, gives, streams } from './base.ts';

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
