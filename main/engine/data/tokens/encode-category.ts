/** Rows of a text and its category: the tokens of the text, and behind them the category's place among all. */
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import type { Message } from '../../../rows/messages.ts';
import { answeredOf, type TrainingRow } from '../../../rows/schema.ts';
import { type EncodedRow, NOT_TRAINED, type Tokenizer } from './tokenizer-types.ts';

/** A row taken apart: what is to be sorted, and where it belongs. */
interface SortedRow {
  readonly turns: readonly Pick<Message, 'content'>[];
  readonly category: string;
}

/** What of a row is sorted: its question under the instructions, or a conversation before its last answer. Throws `AppError('bad-row')` for running text. */
export function sortedRow(given: TrainingRow): SortedRow {
  const row = answeredOf(given);
  if (row.kind === 'completion') {
    const system = row.system === undefined ? [] : [{ content: row.system }];
    return { turns: [...system, { content: row.prompt }], category: row.completion.trim() };
  }
  const messages = row.kind === 'chat' ? row.messages : [];
  const last = messages.findLastIndex(({ role }) => role === 'assistant');
  if (last >= 1) return { turns: messages.slice(0, last), category: messages[last]!.content.trim() };
  throw new AppError(
    'bad-row',
    say`The row has no category.`,
    say`Choose rows with a text and its category, or another objective.`,
  );
}

/** The text of turns as a model that sorts reads it: without a chat template, as Transformers' tokenizers give it. */
export function sortedIds(tokenizer: Tokenizer, turns: SortedRow['turns']): number[] {
  return tokenizer.encode(turns.map(({ content }) => content).join('\n\n'), { addSpecial: true });
}

/** The `encodeRow` for texts and their `categories`. */
export function categoryEncoder(
  tokenizer: Tokenizer,
  categories: readonly string[],
): (row: TrainingRow) => EncodedRow {
  const places = new Map(categories.map((category, place) => [category, place]));
  return (row) => {
    const { turns, category } = sortedRow(row);
    const place = places.get(category);
    if (place === undefined)
      throw new AppError(
        'bad-row',
        say`“${category.slice(0, 60)}” is none of the ${categories.length} categories.`,
        say`Correct the row, or leave it out.`,
      );
    const ids = sortedIds(tokenizer, turns);
    return { ids: [...ids, place], labels: [...ids.map(() => NOT_TRAINED), place] };
  };
}
