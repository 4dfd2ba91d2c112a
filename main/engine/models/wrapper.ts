/**
 * Multimodal checkpoints: their configuration holds that of the language model in `text_config`, their files hold its weights under
 * longer names. The language part is trained; the rest is handed on as it is.
 */
import { ConfigReader, type JsonObject, mismatch } from './config-reader.ts';

/** What the class of a multimodal checkpoint is called, and whether its head is the embedding where nothing says so. */
export interface Wrapper {
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
