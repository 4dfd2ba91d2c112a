/**
 * Which models Fettle takes: those of the catalog in resources/catalog.json, and of all others what can be
 * told before a download. No revision and no hash stands in the catalog: which state of a model is meant is
 * asked for at download, and recorded with the model.
 */

import fs from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { CatalogEncoder, CatalogModel, LocalModel } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import { marks } from '../../common/words/marks.ts';
import {
  ENCODER_TYPES,
  familyTitles,
  isEncoder,
  isSentenceDecoder,
  MODEL_TYPES,
  WRAPPER_TYPES,
} from '../engine/models/registry.ts';

const text = z.string().trim().min(1).max(300);

/** Fields that a person may have remembered wrongly; verify:catalog asks the Hub about all of them. */
const FIELDS = ['parameters', 'bytes', 'licence', 'languages', 'gated', 'skills'] as const;

const Entry = z.strictObject({
  /** `owner/name` on the Hub. */
  repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  name: text,
  family: z.enum(MODEL_TYPES),
  /** Of a model that also reads images those of its language part. Counted from the published shape of the model, a head that is tied to the embedding once. */
  parameters: z.int().positive(),
  /**
   * Approximate: two bytes a weight, as most models are stored; GPT-2 and DistilGPT-2 four (float32); Qwen3
   * 0.6B and 1.7B with the head, which their files hold although it is tied; those that read images with all
   * that they hold. The exact size is known once the
   * Hub has been asked.
   */
  bytes: z.int().positive(),
  /** Its name, and what it allows in one plain sentence. Not legal advice: the licence's text comes with the download. */
  licence: text,
  licenceInWords: text,
  /** As its makers say. */
  languages: text,
  goodFor: text,
  /** What its chat template has a place for. */
  skills: z
    .array(z.enum(['tools', 'thinking']))
    .min(1)
    .optional(),
  gated: z.boolean(),
  /** Comes with Fettle and is never downloaded. */
  bundled: z.literal(true).optional(),
  /** What was written from memory and could not be checked so far. */
  unsure: z.array(z.enum(FIELDS)).min(1).optional(),
});

/** An encoder, as a language model; `parameters` are those that Fettle computes with, without a pooler. */
const EncoderEntry = Entry.omit({ skills: true, bundled: true, unsure: true }).extend({
  family: z.enum([...ENCODER_TYPES, ...MODEL_TYPES]),
  /** Knows many languages, and not English alone. */
  isMultilingual: z.literal(true).optional(),
  /** Tokens of a text that it reads, at most. */
  maxTokens: z.int().positive(),
  /** What its makers want before each text that is sorted or compared, where its own files don't say so. */
  prompt: z.string().max(100).optional(),
  unsure: z
    .array(z.enum([...FIELDS, 'maxTokens', 'prompt']))
    .min(1)
    .optional(),
});

const Catalog = z.strictObject({
  about: z.string(),
  /** Day on which verify:catalog found nothing wrong (YYYY-MM-DD); null: it has not been run yet. */
  verified: z.iso.date().nullable(),
  models: z.array(Entry).min(1),
  /** Models that read and don't write: never proposed where a model has to answer. */
  encoders: z.array(EncoderEntry),
});

export type CatalogEntry = z.output<typeof Entry>;

export type EncoderEntry = z.output<typeof EncoderEntry>;

export const readCatalog = async (resources: string): Promise<CatalogEntry[]> =>
  (await catalogIn(resources)).models;

export const readEncoders = async (resources: string): Promise<EncoderEntry[]> =>
  (await catalogIn(resources)).encoders;

async function catalogIn(resources: string): Promise<z.output<typeof Catalog>> {
  const file = path.join(resources, 'catalog.json');
  try {
    return Catalog.parse(JSON.parse(await fs.readFile(file, 'utf8')));
  } catch (cause) {
    throw new AppError(
      'catalog-unreadable',
      say`The catalogue of models can't be read (${file}).`,
      say`Install Fettle again.`,
      { cause },
    );
  }
}

/** The entries with the model on this computer that each stands for, where there is one. */
export function withLocal(entries: readonly CatalogEntry[], local: readonly LocalModel[]): CatalogModel[] {
  const here = local.filter((model) => model.available);
  return entries.map(({ bundled, unsure: _, ...entry }) => {
    const model = here.find((each) => (bundled ? each.source === 'practice' : each.repo === entry.repo));
    return { ...entry, skills: entry.skills ?? [], localId: model?.id ?? null };
  });
}

/** The same of encoders. One that another program downloaded has no repository, and its name is that of the repository. */
export function encodersWithLocal(
  entries: readonly EncoderEntry[],
  local: readonly LocalModel[],
): CatalogEncoder[] {
  const here = local.filter((model) => model.available);
  return entries.map(({ unsure: _, prompt: __, isMultilingual = false, ...entry }) => {
    const model = here.find((each) => (each.repo ?? each.name) === entry.repo);
    return { ...entry, isMultilingual, localId: model?.id ?? null };
  });
}

/** The families that the engine trains, as people read them. */
export const FAMILY_WORDS = familyTitles('and', true);

/** Files that hold pickled Python objects: opening one can run any program that its author put inside. */
const PICKLE = /\.(bin|pt|pth|ckpt|pkl|pickle|bin\.index\.json)$/i;

export function isPickle(name: string): boolean {
  return PICKLE.test(name) && !/^(training_args|scheduler|optimizer|rng_state)/.test(name);
}

/** Formats of GGUF files in the order in which they are taken: nearly exact at half the size of 16 bits first. */
export const GGUF_FORMATS = [
  'Q8_0',
  'F16',
  'BF16',
  'F32',
  'Q6_K',
  'Q5_K_M',
  'Q5_K_S',
  'Q5_1',
  'Q5_0',
  'Q4_K_M',
  'Q4_K_S',
  'Q4_1',
  'Q4_0',
  'IQ4_XS',
  'IQ4_NL',
  'Q3_K_L',
  'Q3_K_M',
  'Q3_K_S',
  'Q2_K',
] as const;

/** The format that a GGUF file has in its name, in capitals; null where it names none. */
export function ggufFormat(name: string): string | null {
  const found = /(?:^|[._-])(I?Q\d\w*|TQ\d\w*|MXFP4|NVFP4|BF16|FP?16|FP?32)(?=[.-])/i.exec(name);
  return found ? found[1]!.toUpperCase().replace(/^FP/, 'F') : null;
}

/** Whether Fettle reads the GGUF file of that name, as far as its name says. */
export function isReadableGguf(name: string): boolean {
  const format = ggufFormat(name);
  return format === null || /^(B?F16|F32|Q[2-8]_[01K](_\w+)?|IQ4_(NL|XS))$/.test(format);
}

/** The parts of config.json that decide. */
export interface ModelKind {
  readonly model_type?: unknown;
  readonly quantization_config?: unknown;
  readonly vision_config?: unknown;
  readonly is_encoder_decoder?: unknown;
}

/** Why a model with this configuration and files of these `names` cannot be trained; null where nothing speaks against it. */
export function unsuitableKind(config: ModelKind, names: readonly string[]): string | null {
  const type = config.model_type;
  if (isEncoder(config) || isSentenceDecoder(config, names))
    return say`It is made for sorting and finding texts. Fettle trains models that write.`;
  const isWrapper = typeof type === 'string' && WRAPPER_TYPES.includes(type);
  if (typeof type === 'string' && !MODEL_TYPES.includes(type) && !isWrapper)
    return say`It is a model of the type “${type.slice(0, 40)}”. Fettle trains ${FAMILY_WORDS}.`;
  if (config.quantization_config)
    return say`Its weights have a reduced precision that can't be trained. Look for the original model.`;
  if (config.vision_config && !isWrapper) return say`It reads images. Fettle trains models of text.`;
  if (config.is_encoder_decoder === true)
    return say`It is an encoder-decoder model. Fettle trains models that continue text.`;
  return null;
}

/** Why a model with these files cannot be opened; null where nothing speaks against it. */
export function unsuitableFiles(names: readonly string[]): string | null {
  const top = names.filter((name) => !name.includes('/'));
  if (top.includes('adapter_config.json') && !top.includes('config.json'))
    return say`It is an adapter, a small addition to another model. Choose that base model.`;
  if (top.some((name) => name.endsWith('.safetensors'))) return null;
  const ggufs = top.filter((name) => name.endsWith('.gguf') && !isPart(name));
  if (ggufs.some(isReadableGguf)) return null;
  if (ggufs.length > 0)
    return say`Its GGUF files have formats that Fettle doesn't read (${[...new Set(ggufs.map(ggufFormat))].slice(0, 4).join(marks().comma)}).`;
  if (top.some(isPickle))
    return say`It has only pickle files (.bin, .pt), which can run code while loading. Fettle opens safetensors and GGUF.`;
  return names.length > 0
    ? say`It has no weights in a format that Fettle opens (safetensors or GGUF).`
    : null;
}

/** A GGUF file that was cut into parts, or that holds the image part of a model. */
export function isPart(name: string): boolean {
  return /-\d{5}-of-\d{5}\.gguf$/i.test(name) || /^mmproj/i.test(name);
}
