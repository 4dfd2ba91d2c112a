/** Marks of chat templates that were left in the texts. Fettle puts a conversation into the model's own template. */
import type { LooseRow } from '../../loose-row.ts';
import { type FindingKind, textCheck } from '../finding.ts';

const KIND: FindingKind = {
  code: 'template-tokens',
  title: 'Leftover template tokens',
  severity: 'harm',
  why: 'They mean "the turn ends here" to the model: in the middle of a text they teach it to stop early, or to write them out.',
  rule: 'Marks of known templates such as <|im_start|>, <|eot_id|>, [INST], <start_of_turn>, “### Response:” on a line of its own; </s> only at the end of a text or before another mark, because it is HTML as well. Not in running text that is a conversation in a template as a whole.',
  fix: { name: 'template-tokens', does: 'takes the marks out, and the role that follows a mark', safe: true },
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

export const templateTokens = textCheck(KIND, {
  find: (text, row) => (isRendered(row) ? -1 : markIn(text)),
  clean: (text, row) => (isRendered(row) ? text : withoutMarks(text)),
});

/** Whether the row is running text in which a whole conversation stands in a template. */
export function isRendered({ kind, turns }: LooseRow): boolean {
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
    title: 'Conversations given as finished text',
    severity: 'note',
    why: 'Everything in running text is trained on, the questions too, and the template may be another than the model’s own.',
    rule: 'Running text with the marks that begin a turn in a template. Where it is meant so, nothing is wrong; rows with "messages" would be put into the model’s template, and only answers trained on.',
    fix: null,
  },
  { find: (text, row) => (isRendered(row) ? Math.max(0, text.search(TURN_STARTS)) : -1) },
);
