/** Marks of chat templates left in the texts, and more tokens than the time allows. */

import { about, number } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { Bits, release } from '../../compact.ts';
import type { LooseRow } from '../../loose-row.ts';
import { mix32 } from '../../rng.ts';
import {
  type CorpusCheck,
  type FindingKind,
  type RowCheck,
  rowsWhere,
  type Study,
  textCheck,
} from '../finding.ts';

const TEMPLATE_TOKENS: FindingKind = {
  code: 'template-tokens',
  title: 'Leftover chat markers',
  severity: 'harm',
  why: 'They tell the model that a turn ends, so it learns to stop early or to write them.',
  rule: 'Marks of known templates such as <|im_start|>, <|eot_id|>, [INST], <start_of_turn>, “### Response:” on a line of its own; </s> only at the end of a text or before another mark, because it is HTML as well. Not in running text that is a conversation in a template as a whole.',
  fix: { name: 'template-tokens', does: 'Remove chat markers', safe: true },
};

const ROLE = '(?:system|user|assistant|tool|model|human|gpt)';
/** Each alternative with the role and line end that belong to it. */
const MARKS = new RegExp(
  [
    `<\\|start_header_id\\|>\\s*${ROLE}?\\s*<\\|end_header_id\\|>\\n{0,2}`,
    `<\\|im_start\\|>(?:${ROLE}(?=\\n|$))?\\n?`,
    `<start_of_turn>(?:${ROLE}(?=\\n|$))?\\n?`,
    '<end_of_turn>\\n?',
    '<\\|[a-z][a-z0-9_]{1,30}\\|>\\n?',
    '<｜[^<>｜\\n]{2,30}｜>\\n?',
    '\\[/?INST\\] ?',
    '<</?SYS>>\\n?',
    '<(?:bos|eos|pad|unk)>',
    '\\[(?:CLS|SEP|PAD)\\](?!\\()',
    '^#{2,3} (?:Instruction|Response|Human|Assistant):[ \\t]*\\n?',
    '</s>(?=\\s*(?:$(?![\\s\\S])|<s>|\\[INST\\]|<\\|))',
    '^(?<![\\s\\S])<s>(?=\\s*(?:\\[INST\\]|<))',
  ].join('|'),
  'gmu',
);
const HINT = /[<[#]/;
const HTML_STRUCK = /<s>[^<]*<\/s>\s*$/;
/** Where a rendered conversation begins a turn. */
const TURN_STARTS =
  /<\|im_start\|>|<\|start_header_id\|>|<start_of_turn>|\[INST\]|<\|(?:user|assistant)\|>|^#{2,3} (?:Response|Assistant):/m;

export const templateTokens = textCheck(TEMPLATE_TOKENS, {
  find: (text, row) => (isRendered(row) ? -1 : markIn(text)),
  clean: (text, row) => (isRendered(row) ? text : withoutMarks(text)),
});

/** Whether the row is running text in which a whole conversation stands in a template. */
function isRendered({ kind, turns }: LooseRow): boolean {
  return kind === 'text' && TURN_STARTS.test(turns[0]?.content ?? '');
}

function markIn(text: string): number {
  if (!HINT.test(text)) return -1;
  MARKS.lastIndex = 0;
  for (const match of text.matchAll(MARKS)) if (!isHtml(match[0], text)) return match.index;
  return -1;
}

function withoutMarks(text: string): string {
  if (markIn(text) < 0) return text;
  return text.replace(MARKS, (mark) => (isHtml(mark, text) ? mark : '')).trim();
}

function isHtml(mark: string, text: string): boolean {
  return mark === '</s>' && HTML_STRUCK.test(text) && !text.startsWith('<s>');
}

/** Rows of running text that hold whole conversations in a template. */
export const renderedConversations = textCheck(
  {
    code: 'rendered-conversations',
    title: 'Conversations written as plain text',
    severity: 'note',
    why: 'The model learns the questions too, and perhaps another format than its own.',
    rule: 'Running text with the marks that begin a turn in a template. Where it is meant so, nothing is wrong; rows with "messages" would be put into the model’s template, and only answers trained on.',
    fix: null,
  },
  { find: (text, row) => (isRendered(row) ? Math.max(0, text.search(TURN_STARTS)) : -1) },
);

/** Rows whose prompt and answer share a token. */
export const joinedBorders: RowCheck = {
  kind: {
    code: 'joined-borders',
    title: 'Spaces before answers',
    severity: 'note',
    why: 'The space counts as the beginning of the answer, and the model learns to write it.',
    rule: 'Only with a model: the end of the prompt and the first word of the answer are one token, mostly for a space at the end of the prompt and a model without a chat template. That token is trained on. Whoever asks the model leaves the space out; Fettle does.',
    fix: null,
  },
  find: ({ row: { turns }, joinsBorder }) => {
    if (!joinsBorder) return null;
    const answer = turns.findIndex(({ role }) => role === 'assistant');
    const prompt = turns[answer - 1]?.content ?? '';
    return { text: prompt + (turns[answer]?.content ?? ''), at: prompt.length };
  },
};

const TOO_MANY: FindingKind = {
  code: 'too-many-tokens',
  title: 'Too many tokens for your time',
  severity: 'warning',
  why: 'Training would stop before it has seen all rows.',
  rule: 'Only with --minutes and --tokens-per-second (`fettle train` shows the speed of a machine): tokens of all rows times the epochs, over the speed, is more than the minutes.',
  fix: {
    name: 'too-many-tokens',
    does: 'Keep as many rows as fit the time',
    safe: false,
  },
};

export const tooManyTokens: CorpusCheck = {
  kind: TOO_MANY,
  conclude: (study) => {
    const { minutes, tokensPerSecond, epochs } = study.settings;
    if (minutes === undefined || tokensPerSecond === undefined) return null;
    const { corpus, gone } = study;
    const tokensOf = tokensInTraining(study);
    let [rows, total] = [0, 0];
    for (let row = 0; row < corpus.rows; row++) {
      if (gone[row]) continue;
      rows++;
      total += tokensOf(row);
    }
    const needed = (total * epochs) / tokensPerSecond / 60;
    if (needed <= minutes) return null;
    const drop = beyond(study, (minutes * 60 * tokensPerSecond) / epochs);
    const detail = say`All rows take ${about(needed * 60)}. In your ${number(minutes)} minutes there is time for about ${number(rows - drop.length)} of them.`;
    return { rows: drop.length, examples: [], drop, detail };
  },
};

/** The tokens of a row that training would see. */
function tokensInTraining({ corpus, settings: { maxLength } }: Study): (row: number) => number {
  const isText = corpus.textRows > corpus.rows / 2;
  const most = isText ? Number.POSITIVE_INFINITY : maxLength;
  return (row) => Math.min(corpus.tokens.at(row), most);
}

/** Rows that are drawn at once. */
const DRAWN_AT_ONCE = 2 ** 19;

/** The rows that no room is left for within `budget` tokens, ascending; who goes first is drawn by the seed. */
function beyond(study: Study, budget: number): Uint32Array {
  const { corpus, gone, settings } = study;
  const { rows, content } = corpus;
  const key = mix32(settings.seed);
  const tokensOf = tokensInTraining(study);
  const left = new Bits(rows);
  const parts = Math.ceil(rows / DRAWN_AT_ONCE);
  const partOf = (place: number) => Math.floor((place * parts) / 2 ** 32);
  const sizes = new Uint32Array(parts);
  const forEach = (use: (row: number, place: number) => void): void => {
    for (let row = 0; row < rows; row++) if (!gone[row]) use(row, mix32(content.at(2 * row) ^ key));
  };
  forEach((_, place) => void sizes[partOf(place)]!++);
  let used = 0;
  for (let part = 0; part < parts; part++) {
    // a place in the draw and the row in 64 bits are sorted without a function that compares
    const drawn = new BigUint64Array(sizes[part]!);
    const words = new Uint32Array(drawn.buffer);
    let filled = 0;
    forEach((row, place) => {
      if (partOf(place) !== part) return;
      words[filled++] = row;
      words[filled++] = place;
    });
    drawn.sort();
    for (let i = 0; i < words.length; i += 2) {
      const tokens = tokensOf(words[i]!);
      if (used + tokens <= budget) used += tokens;
      else left.add(words[i]!);
    }
    release(drawn);
  }
  return rowsWhere(rows, (row) => left.has(row));
}
