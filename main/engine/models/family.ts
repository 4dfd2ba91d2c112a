/** What Fettle knows of a model family: each family is one such object in one file, and registry.ts lists them. */
import { ConfigReader, type Json, type JsonObject, mismatch } from './config-reader.ts';
import type { GgufFile, GgufMetadata } from './gguf.ts';
import type { Described, Model } from './model.ts';

export interface Family {
  /** `model_type` of config.json. */
  readonly type: string;
  /** What people call its models, one title for each generation. */
  readonly titles: readonly string[];
  /** Well-known models of other names. */
  readonly also?: string;
  /** The multimodal class that holds its models, where there is one. */
  readonly wrapper?: Wrapper;
  /** The model that a config.json describes: graph, and names in files. A missing key takes the default of its class in Transformers. */
  read(config: ConfigReader): Model;
  readonly gguf: FamilyGguf;
  readonly planner: FamilyPlanner;
}

interface FamilyGguf {
  /** `general.architecture` of its files. */
  readonly architecture: string;
  /** The metadata as config.json; absent where files of the architecture are read as those of another family. */
  config?(file: GgufFile): Readonly<Record<string, Json | undefined>>;
  /** Ends of the names of linear layers whose adapters llama.cpp does not apply. */
  readonly withoutAdapters?: readonly string[];
  /** What llama.cpp must be told. Throws AppError for settings that it does not have. */
  metadata(described: Described): GgufMetadata;
}

/** What the planner needs before a model is downloaded. */
interface FamilyPlanner {
  /** Published models by their names on the Hub, under the type that their files hold. */
  readonly published: Readonly<Partial<Record<StoredType, Readonly<Record<string, PublishedModel>>>>>;
  /** Those that stand for a model of which only the size is known. */
  readonly typical?: readonly string[];
  /** Positions of the instruct versions, where their config.json has others. */
  readonly instructPositions?: number;
  /** The config.json of a model of that shape. */
  configOf(shape: ModelShape): JsonObject;
  /** The ends of the names of linear layers that adapters on parts of attention go to. */
  readonly targets: Readonly<Record<'attention' | 'query-value', readonly string[]>>;
}

type StoredType = 'float32' | 'float16' | 'bfloat16';

/** From the config.json that a model's makers publish. */
export type PublishedModel = readonly [
  name: string,
  layers: number,
  width: number,
  heads: number,
  keyHeads: number,
  feedForward: number,
  vocabulary: number,
  tied: boolean,
  positions: number,
  headWidth?: number,
];

export interface ModelShape {
  readonly name: string;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  /** Heads of keys and values; fewer than `heads` where several queries share them. */
  readonly keyHeads: number;
  readonly headWidth: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  /** Whether the output head is the embedding. */
  readonly tied: boolean;
  /** Tokens that it reads at once. */
  readonly positions: number;
  /** The `model_type` of its family. */
  readonly kind: string;
  /** What its makers' files hold. */
  readonly stored: StoredType;
}

/**
 * Multimodal checkpoints: their configuration holds that of the language model in `text_config`, their files hold its weights under longer
 * names. The language part is trained; the rest is handed on as it is.
 */

/** What the class of a multimodal checkpoint is called, and whether its head is the embedding where nothing says so. */
interface Wrapper {
  readonly type: string;
  readonly tiedHead: boolean;
}

/** The language model's configuration in one of a multimodal checkpoint; null for any other. */
function textOf(config: JsonObject): JsonObject | null {
  return new ConfigReader(config).object('text_config')?.json ?? null;
}

export function isWrapped(config: JsonObject): boolean {
  return textOf(config) !== null;
}

/** The configuration of the language model in `config`, which says itself whether the head is tied. */
export function languageConfig(config: JsonObject, wrapper: Wrapper): JsonObject {
  const text = textOf(config);
  if (!text) throw mismatch(`a configuration of the type ${wrapper.type} needs a text_config`);
  const tied = config.tie_word_embeddings ?? wrapper.tiedHead;
  return { ...text, tie_word_embeddings: tied };
}

/** `config` with `change` in what is said of the language model. */
export function withLanguage(config: JsonObject, change: JsonObject): JsonObject {
  const text = textOf(config);
  return text ? { ...config, text_config: { ...text, ...change } } : { ...config, ...change };
}

/** The names under which files may hold the parameter `name` of a language model, the newest spelling first. */
export function namesInside(name: string): readonly string[] {
  return name.startsWith('model.')
    ? [name.replace(/^model\./, 'model.language_model.'), `language_model.${name}`]
    : [`language_model.${name}`];
}

/** Whether a stored tensor belongs to another part than the language model. */
export function isOutside(stored: string): boolean {
  return /^(?:model\.)?(?:visual|vision_\w+|multi_modal_projector|audio_\w+|embed_(?:vision|audio)|mtp)\./.test(
    stored,
  );
}
