/**
 * The normalisation stage. The library runs it; this file decides what may run. A stage that the library only
 * approximates (`Precompiled`, `BertNormalizer`) would give slightly wrong ids without a word, so it is refused.
 */
import { badTokenizer, checkGrowth, contentOf, isRecord, type StageConfig } from './definition.ts';
import { SequenceNormalizer } from './library.ts';
import { compile } from './pre-tokenize.ts';

export type Normalize = (text: string) => string;

const PLAIN = new Set(['NFC', 'NFD', 'NFKC', 'NFKD', 'Lowercase', 'StripAccents', 'Strip']);

/** Builds the stage from tokenizer.json's `normalizer`; null when there is nothing to do. It throws LimitReached like `checkGrowth`. */
export function createNormalizer(config: StageConfig | null, where: string): Normalize | null {
  if (config === null) return null;
  const stages = flatten(config, where);
  if (stages.length === 0) return null;
  const steps = stages.map((stage) => new SequenceNormalizer({ type: 'Sequence', normalizers: [stage] }));
  return (text) => {
    let normal = text;
    for (const step of steps) {
      normal = step.normalize(normal);
      checkGrowth(text.length, normal);
    }
    return normal;
  };
}

function flatten(config: StageConfig, where: string): StageConfig[] {
  if (config.type === 'Sequence') {
    const parts: unknown = config.normalizers;
    if (!Array.isArray(parts)) throw badTokenizer(where, 'its normalizer sequence has no list');
    return parts.flatMap((part: unknown) => {
      if (!isRecord(part) || typeof part.type !== 'string')
        throw badTokenizer(where, 'a normalizer has no type');
      return flatten(part as StageConfig, where);
    });
  }
  if (config.type === 'Prepend' && typeof config.prepend === 'string') {
    contentOf(config, 'prepend', '', where);
    return [config];
  }
  if (config.type === 'Replace' && typeof config.content === 'string') {
    contentOf(config, 'content', '', where);
    compile(config.pattern, where);
    return [config];
  }
  if (PLAIN.has(config.type)) return [config];
  throw badTokenizer(
    where,
    `it has a normalizer ${JSON.stringify(config.type)} that Fettle does not support`,
  );
}
