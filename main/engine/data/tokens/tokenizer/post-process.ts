/**
 * Which special ids a tokenizer puts before and after a single text (BOS, EOS). tokenizer.json describes this as a
 * template over token names; training only ever needs the two fixed lists.
 */
import { badTokenizer, entryOf, isRecord, isTokenId, type StageConfig } from './definition.ts';

export interface Affixes {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Real ones have one or two; each is added to every text. */
const MAX_IDS = 100;

const NONE: Affixes = { before: [], after: [] };

/** Reads tokenizer.json's `post_processor`. Throws AppError for one it does not know. */
export function affixesOf(config: StageConfig | null, where: string): Affixes {
  if (config === null) return NONE;
  const read = entryOf(PROCESSORS, config.type);
  if (read === undefined)
    throw badTokenizer(where, `it has a post-processor "${config.type}", which Fettle does not know`);
  const affixes = read(config, where);
  if (affixes.before.length + affixes.after.length > MAX_IDS)
    throw badTokenizer(where, `its post-processor adds more than ${MAX_IDS} tokens to every text`);
  return affixes;
}

const PROCESSORS: Readonly<Record<string, (config: StageConfig, where: string) => Affixes>> = {
  ByteLevel: () => NONE,
  Sequence: (config, where) => {
    const parts = Array.isArray(config.processors) ? config.processors : [];
    // Each processor wraps what the one before it made.
    return parts.reduce<Affixes>((inner, part: unknown) => {
      if (!isRecord(part) || typeof part.type !== 'string')
        throw badTokenizer(where, 'a post-processor has no type');
      const outer = affixesOf(part as StageConfig, where);
      return { before: [...outer.before, ...inner.before], after: [...inner.after, ...outer.after] };
    }, NONE);
  },
  TemplateProcessing: template,
  BertProcessing: (config, where) => ({
    before: [pairId(config.cls, where)],
    after: [pairId(config.sep, where)],
  }),
  RobertaProcessing: (config, where) => ({
    before: [pairId(config.cls, where)],
    after: [pairId(config.sep, where)],
  }),
};

function template(config: StageConfig, where: string): Affixes {
  const items = config.single;
  if (!Array.isArray(items))
    throw badTokenizer(where, 'its post-processor has no template for a single text');
  const before: number[] = [];
  const after: number[] = [];
  let side = before;
  for (const item of items as unknown[]) {
    if (!isRecord(item)) throw badTokenizer(where, 'its post-processor template is malformed');
    if ('Sequence' in item) side = after;
    else for (const id of specialIds(item.SpecialToken, config.special_tokens, where)) side.push(id);
  }
  return { before, after };
}

function specialIds(item: unknown, table: unknown, where: string): number[] {
  const name = isRecord(item) ? item.id : undefined;
  const entry =
    isRecord(table) && typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;
  const ids: unknown = isRecord(entry) ? entry.ids : undefined;
  if (!Array.isArray(ids) || !ids.every(isTokenId)) {
    throw badTokenizer(
      where,
      `its post-processor names ${JSON.stringify(name) ?? 'nothing'} without giving its id`,
    );
  }
  return ids;
}

function pairId(value: unknown, where: string): number {
  if (Array.isArray(value) && isTokenId(value[1])) return value[1];
  throw badTokenizer(where, 'its post-processor names a token without giving its id');
}
