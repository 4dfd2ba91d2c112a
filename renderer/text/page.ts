/** The shapes of texts that are more than a label: a goal, a word of the glossary, rows of a template. */
import type { GoalId } from '../../common/settings/suits.ts';

export interface GoalText {
  readonly id: GoalId;
  readonly title: string;
  /** As it reads in the column of steps. */
  readonly short: string;
  readonly about: string;
  readonly example: string;
  /** What a row of the data should be. */
  readonly rows: string;
  /** What may serve better than training, and why. */
  readonly gate: { readonly title: string; readonly text: string; readonly more: string };
}

export interface GlossaryEntry {
  readonly id: string;
  readonly word: string;
  /** Other spellings under which it is found. */
  readonly also?: readonly string[];
  /** One sentence, for the tooltip. */
  readonly short: string;
  /** More, for the page; may contain `[[terms]]`. */
  readonly more?: string;
}

/** An entry as a language has it, under its English name. */
export type EntryText = Omit<GlossaryEntry, 'id'>;

export interface GlossaryText {
  readonly sections: Readonly<
    Record<string, { readonly title: string; readonly entries: Readonly<Record<string, EntryText>> }>
  >;
  /** What a word may end in, besides the names of an entry, where it is found in a text. */
  readonly endings: readonly string[];
  /** Names that are not looked for in running text, by the reason; a label that is one still leads to its entry. */
  readonly notLookedFor: Readonly<Record<string, readonly string[]>>;
  /** Words around a name that give it another meaning. */
  readonly meansElse: readonly string[];
}

interface Call {
  readonly name: string;
  readonly arguments: Readonly<Record<string, string | number>>;
}

/**
 * The rows of the template for calls of tools: a header, and a row for each of `talks` with conversation and tools as JSON in cells of
 * their own. A talk is what is asked, and the call or the words that answer it.
 */
export function toolRows(
  tool: string,
  parameters: Readonly<Record<string, 'string' | 'number'>>,
  talks: readonly (readonly [ask: string, answer: string | Call['arguments']])[],
): readonly (readonly string[])[] {
  const properties = Object.fromEntries(Object.entries(parameters).map(([name, type]) => [name, { type }]));
  const schema = { type: 'object', properties, required: Object.keys(parameters) };
  const tools = JSON.stringify([{ name: tool, parameters: schema }]);
  const rows = talks.map(([ask, answer]) => {
    const said =
      typeof answer === 'string' ? { content: answer } : { tool_calls: [{ name: tool, arguments: answer }] };
    const messages = [
      { role: 'user', content: ask },
      { role: 'assistant', ...said },
    ];
    return [JSON.stringify(messages), tools];
  });
  return [['messages', 'tools'], ...rows];
}
