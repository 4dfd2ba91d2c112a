/** Finding by meaning: a person's folder is cut into passages that an encoder reads, and a question finds those that answer it. */
import { z } from 'zod';
import { api, filePath, gives, id, streams } from '../../api/base.ts';
import type { Measured, TrainingPrice } from './vectors.ts';

const encoders = z.array(filePath).max(2);

/** How far an index is: files by their bytes, then passages, for each encoder. */
export type IndexNews =
  | { readonly kind: 'files'; readonly name: string; readonly done: number; readonly total: number }
  | {
      readonly kind: 'passages';
      readonly encoder: string;
      readonly done: number;
      readonly total: number;
      readonly seconds: number;
      /** Seconds, from the speed so far; null before the first passages. */
      readonly left: number | null;
    };

export interface IndexResult {
  readonly files: number;
  readonly passages: number;
  /** Files of its kind that are not searched, or only in part, and why. */
  readonly leftOut: readonly { readonly path: string; readonly why: string }[];
  /** Whether the passages are English, by the first ones. */
  readonly isEnglish: boolean;
  /** What encoders read this time. */
  readonly read: readonly ReadByEncoder[];
}

export interface ReadByEncoder {
  readonly encoder: string;
  readonly passages: number;
  readonly seconds: number;
  /** Passages that it has not read yet, and the seconds that they take at the speed of the last ones. */
  readonly left: number;
  readonly secondsLeft: number | null;
}

/** A folder that was indexed. */
export interface IndexedFolder {
  readonly id: string;
  readonly folder: string;
  readonly files: number;
  readonly passages: number;
  readonly bytes: number;
  /** Encoders that have read it, by name. */
  readonly encoders: readonly string[];
}

/** Where a passage stands, and what it says. */
export interface PlacedPassage {
  readonly passage: number;
  readonly text: string;
  readonly heading: string;
  readonly page: number | null;
  readonly row: number | null;
}

export interface FoundPassage extends PlacedPassage {
  /** Below the folder. */
  readonly path: string;
  readonly score: number;
}

/** A passage among those around it. */
export interface PassageInFile {
  /** The whole path of the file. */
  readonly file: string;
  readonly passages: readonly PlacedPassage[];
  /** Whether these are all that the file has. */
  readonly isWhole: boolean;
}

/** What one way finds; `encoder` is null for counting words, or names a reranker that has put in order what the others found. */
export interface FoundBy {
  readonly encoder: string | null;
  readonly isReranker?: true;
  readonly passages: readonly FoundPassage[];
  readonly ms: number;
}

/** An encoder that can read a folder. */
export interface FindEncoder {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  /** Of one that was trained here. */
  readonly trained?: TrainedFrom;
}

export interface TrainedFrom {
  /** The folder of the model that it was before. */
  readonly model: string;
  /** nDCG@10 on the test questions of its training, and the best without it; null where nothing was measured. */
  readonly after: number | null;
  readonly before: number | null;
}

/** Who can read a folder, the smallest first, and who can order what they find. */
export interface FindReaders {
  readonly encoders: readonly FindEncoder[];
  readonly rerankers: readonly FindEncoder[];
}

/** What a training tells: how far it is, what it will likely take, and at its end the run and what was measured. */
export type TrainingNews =
  | { readonly kind: 'progress'; readonly doing: string; readonly fraction: number | null }
  | { readonly kind: 'price'; readonly price: TrainingPrice }
  | { readonly kind: 'result'; readonly runId: string; readonly measured: Measured };

const key = z.string().min(1).max(100);

export const find = {
  readers: api.output(gives<FindReaders>()),
  folders: api.output(gives<readonly IndexedFolder[]>()),
  /** Brings the index of a folder up to date; the last event has the result. A look has encoders read only so much that their speed is known. */
  index: api
    .input(z.object({ folder: filePath, encoders, isLook: z.boolean().optional() }))
    .output(streams<IndexNews | ({ readonly kind: 'done'; readonly id: string } & IndexResult)>()),
  /** What words and each encoder find. */
  ask: api
    .input(
      z.object({
        id,
        question: z.string().trim().min(1).max(10_000),
        encoders,
        /** Orders what words and the encoders find. */
        reranker: filePath.optional(),
        most: z.int().min(1).max(100),
      }),
    )
    .output(gives<readonly FoundBy[]>()),
  /** Trains an encoder, or a reranker made of it, on a person's pairs of a question and its passage, and keeps it as a run. */
  train: api
    .input(
      z.object({
        trainer: z.enum(['vectors', 'reranker']),
        data: z.array(filePath).min(1).max(50),
        encoder: filePath,
        name: z.string().trim().min(1).max(200),
        key,
      }),
    )
    .output(streams<TrainingNews>()),
  /** Ends a training after its step; what it has learned is kept. */
  finishTraining: api.input(z.object({ key })).output(gives<void>()),
  /** What was measured of such a run; null where its folder is gone. */
  trained: api.input(z.object({ runId: id })).output(gives<Measured | null>()),
  /** A passage in its file. */
  inFile: api.input(z.object({ id, passage: z.int().min(0) })).output(gives<PassageInFile>()),
  /** Forgets a folder; its files stay. */
  remove: api.input(z.object({ id })).output(gives<void>()),
};
