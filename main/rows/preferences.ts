/**
 * Records of preferences in the spellings of other tools: a better and a worse answer, or an answer with a rating. What both answers have
 * in common is the question; where they part, each begins, and never in the middle of a message.
 */
import { isRecord } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';
import { badRow } from './bad-row.ts';
import { nameFit, valueMessages } from './columns.ts';
import { type LooseRow, type LooseTurn, turnText } from './loose-row.ts';
import { looseTurns } from './messages.ts';
import { complaint, type Fields, toolsOf } from './shapes.ts';

/** What a record says of answers: which is better, or how one is rated; null where two are found equally good. */
type Reader = (fields: Fields, where: string) => LooseRow | null;

/** Whether the record `value` is one of preferences, and how it is read. */
export function preferenceReader(value: unknown): Reader | undefined {
  if (!isRecord(value)) return undefined;
  return READERS.find(({ fits }) => fits(value))?.read;
}

const READERS: readonly { fits(fields: Fields): boolean; readonly read: Reader }[] = [
  { fits: (fields) => pairOf(fields) !== undefined, read: readPair },
  { fits: (fields) => Array.isArray(ratedLists(fields)), read: readRatedList },
  { fits: (fields) => winnerOf(fields) !== undefined, read: readWinner },
  { fits: (fields) => labelStudio(fields) !== undefined, read: readLabelStudio },
  { fits: (fields) => ratingOf(fields) !== undefined, read: readRated },
];

/** Fields of a better and of a worse answer. */
const PAIRS: readonly (readonly [better: string, worse: string])[] = [
  ['chosen', 'rejected'],
  ['chosen_response', 'rejected_response'],
  ['preferred', 'rejected'],
  ['preferred', 'dispreferred'],
  ['preferred_output', 'non_preferred_output'],
  ['better', 'worse'],
  ['better_answer', 'worse_answer'],
  ['win', 'lose'],
  ['accepted', 'rejected'],
];

const present = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

function pairOf(fields: Fields) {
  return PAIRS.find(([better, worse]) => Object.hasOwn(fields, better) && Object.hasOwn(fields, worse));
}

function readPair(record: Fields, where: string): LooseRow | null {
  const fields = withInput(record);
  const [better, worse] = pairOf(fields)!;
  const scores = [fields[`score_${better}`], fields[`score_${worse}`]];
  if (typeof scores[0] === 'number' && scores[0] === scores[1]) return null;
  return compared(fields, [better, fields[better]], [worse, fields[worse]], where);
}

/** In the pairs that OpenAI tunes by, conversation and tools stand below `input`. */
function withInput(fields: Fields): Fields {
  const { input } = fields;
  if (!isRecord(input) || !Array.isArray(input.messages)) return fields;
  return { ...fields, input: input.messages, ...(input.tools !== undefined && { tools: input.tools }) };
}

/** Lists of answers and of their ratings, as Argilla and distilabel write them, or one list of both as in UltraFeedback. */
function ratedLists(fields: Fields): { answer: unknown; score: number }[] | undefined {
  const lists = ['generations', 'responses', 'answers'].map((name) => fields[name]);
  const answers = lists.find(Array.isArray) as unknown[] | undefined;
  const ratings = [fields.ratings, fields.scores, fields.rating].find(Array.isArray) as unknown[] | undefined;
  if (answers && ratings && answers.length === ratings.length && answers.length > 1)
    return answers.map((answer, i) => ({ answer, score: Number(ratings[i]) }));
  const both = fields.completions;
  if (!Array.isArray(both) || both.length < 2) return undefined;
  const rated = both.filter(isRecord).map((one) => {
    const score = Number(one.overall_score ?? one.score ?? one.rating);
    return { answer: one.response ?? one.completion ?? one.text, score };
  });
  return rated.length === both.length && rated.every(({ score }) => Number.isFinite(score))
    ? rated
    : undefined;
}

/** The best against the worst. */
function readRatedList(fields: Fields, where: string): LooseRow | null {
  const rated = ratedLists(fields)!.filter(({ score }) => Number.isFinite(score));
  const sorted = rated.toSorted((a, b) => b.score - a.score);
  const [best, worst] = [sorted[0], sorted.at(-1)];
  if (!best || !worst || best.score === worst.score) return null;
  return compared(fields, ['chosen', best.answer], ['rejected', worst.answer], where);
}

/** Fields of two answers, of which another field names the better one. */
const SIDES: readonly (readonly [first: string, second: string])[] = [
  ['response_a', 'response_b'],
  ['answer_a', 'answer_b'],
  ['conversation_a', 'conversation_b'],
  ['response_0', 'response_1'],
  ['response1', 'response2'],
  ['response_1', 'response_2'],
  ['answer1', 'answer2'],
  ['answer_1', 'answer_2'],
];
const WINNERS = ['winner', 'preference', 'preferred', 'choice', 'better', 'label', 'better_response_id'];

function winnerOf(fields: Fields) {
  const sides = SIDES.find(([first, second]) => present(fields[first]) && present(fields[second]));
  const name = WINNERS.find((one) => present(fields[one]));
  return sides && name !== undefined ? { sides, winner: fields[name] } : undefined;
}

function readWinner(fields: Fields, where: string): LooseRow | null {
  const { sides, winner } = winnerOf(fields)!;
  const said = String(winner).trim().toLowerCase();
  const place = sides.findIndex((side) => said === side || said === side.split('_').at(-1));
  const first = place >= 0 ? place : sideNamed(said, sides[0].endsWith('0'));
  if (first === undefined) return null;
  const [better, worse] = first === 0 ? sides : sides.toReversed();
  return compared(fields, [better!, fields[better!]], [worse!, fields[worse!]], where);
}

/** Which of two sides a word names; undefined for a tie and for what names none. */
function sideNamed(word: string, fromZero: boolean): 0 | 1 | undefined {
  if (/^(a|left|first|model_a|response_?a|answer_?a)$/.test(word)) return 0;
  if (/^(b|right|second|model_b|response_?b|answer_?b)$/.test(word)) return 1;
  const number = /^(?:response_?|answer_?)?([012])$/.exec(word)?.[1];
  if (number === undefined) return undefined;
  const side = Number(number) - (fromZero ? 0 : 1);
  return side === 0 || side === 1 ? side : undefined;
}

/** A task of Label Studio: its data, and the answer that was selected. */
function labelStudio(fields: Fields) {
  const { data, annotations } = fields;
  if (!isRecord(data) || !Array.isArray(annotations)) return undefined;
  const results = annotations.flatMap((one: unknown) =>
    isRecord(one) && one.was_cancelled !== true && Array.isArray(one.result) ? (one.result as unknown[]) : [],
  );
  const pairwise = results.find((one) => isRecord(one) && one.type === 'pairwise') as Fields | undefined;
  const selected = isRecord(pairwise?.value) ? pairwise.value.selected : undefined;
  const sides = SIDES.find(([first, second]) => present(data[first]) && present(data[second]));
  return sides && pairwise ? { data, sides, selected } : undefined;
}

function readLabelStudio(fields: Fields, where: string): LooseRow | null {
  const { data, sides, selected } = labelStudio(fields)!;
  const first = sideNamed(String(selected), false);
  if (first === undefined) return null;
  const [better, worse] = first === 0 ? sides : sides.toReversed();
  return compared(data, [better!, data[better!]], [worse!, data[worse!]], where);
}

const RATINGS = ['label', 'kto_tag', 'desirable', 'is_desirable', 'thumbs_up', 'good'];

/** Whether an answer is good, where a record says so as yes or no. */
function ratingOf(fields: Fields): { readonly answer: string; readonly good: boolean } | undefined {
  const answer = ['completion', 'response', 'messages', 'conversations', 'output'].find((name) =>
    present(fields[name]),
  );
  const name = RATINGS.find((one) => Object.hasOwn(fields, one));
  if (answer === undefined || name === undefined) return undefined;
  const value = fields[name];
  // a column of categories is called label, too: in tables, yes and no are texts
  const good = typeof value === 'boolean' ? value : YES_NO.get(String(value).trim().toLowerCase());
  const isPlain = name === 'label' && typeof value === 'number';
  return good === undefined || isPlain ? undefined : { answer, good };
}

const YES_NO: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['desirable', true],
  ['undesirable', false],
]);

/** An answer with a rating of yes or no. */
export function readRated(fields: Fields, where: string): LooseRow {
  const { answer, good } = ratingOf(fields)!;
  const messages = valueMessages(fields[answer]);
  const question = questionOf(fields, where);
  const turns = messages
    ? [...question, ...looseTurns(messages, complaint(where, answer))]
    : [...question, answerTurn(fields[answer], answer, where)];
  if (turns.length === 1) throw noQuestion(where);
  const tools = toolsOf(fields, where);
  return {
    ...rowOf(turns, turns.length - 1, isPlain(fields) && !messages),
    rated: good,
    ...(tools && { tools }),
  };
}

/** A row of what `better` and `worse` have in common and where they part. */
function compared(
  fields: Fields,
  better: readonly [name: string, value: unknown],
  worse: readonly [name: string, value: unknown],
  where: string,
): LooseRow {
  const question = questionOf(fields, where);
  const [chosen, rejected] = [better, worse].map(([name, value]) => answerTurns(value, name, where)) as [
    LooseTurn[],
    LooseTurn[],
  ];
  let shared = 0;
  // each keeps at least its last message
  const most = Math.min(chosen.length, rejected.length) - 1;
  while (shared < most && isSame(chosen[shared]!, rejected[shared]!)) shared++;
  // what both end with before they part must be a question: an answer is compared whole
  while (shared > 0 && chosen[shared - 1]!.role === 'assistant' && chosen[shared]!.role === 'assistant')
    shared--;
  const common = chosen.slice(0, shared);
  // a prompt beside whole conversations repeats what they begin with
  const context = common.some(({ role }) => role === 'user')
    ? [...question.filter(({ role }) => role === 'system' && common[0]?.role !== 'system'), ...common]
    : [...question, ...common];
  if (!context.some(({ role }) => role === 'user')) throw noQuestion(where);
  const tools = toolsOf(fields, where);
  const isTexts = typeof better[1] === 'string' && chosen.length === 1 && isPlain(fields);
  return {
    ...rowOf([...context, ...chosen.slice(shared)], context.length, isTexts),
    rejected: rejected.slice(shared),
    ...(tools && { tools }),
  };
}

const isSame = (a: LooseTurn, b: LooseTurn) => a.role === b.role && turnText(a).trim() === turnText(b).trim();

function rowOf(turns: readonly LooseTurn[], contextTurns: number, isCompletion: boolean): LooseRow {
  return isCompletion ? { kind: 'completion', turns } : { kind: 'chat', turns, contextTurns };
}

/** Whether the question is one text, and no conversation. */
function isPlain(fields: Fields): boolean {
  return !QUESTION_LISTS.some((name) => valueMessages(fields[name]));
}

const QUESTION_LISTS = ['prompt', 'messages', 'conversations', 'context', 'input'];

/** What is asked: messages, or texts. */
function questionOf(fields: Fields, where: string): LooseTurn[] {
  const system = typeof fields.system === 'string' ? fields.system : '';
  const before: LooseTurn[] =
    system.trim() === '' ? [] : [{ role: 'system', content: system, field: 'system' }];
  const list = QUESTION_LISTS.find((name) => valueMessages(fields[name]));
  // a rated conversation is its own question
  const isAnswer =
    list === 'messages' || list === 'conversations' ? ratingOf(fields)?.answer === list : false;
  if (list !== undefined && !isAnswer)
    return [...before, ...looseTurns(valueMessages(fields[list]), complaint(where, list))];
  const names = Object.keys(fields).filter(
    (name) => typeof fields[name] === 'string' && present(fields[name]),
  );
  const name =
    names.find((one) => one === 'prompt') ?? names.find((one) => nameFit(one, 'question') === 1) ?? undefined;
  if (name === undefined) return before;
  const text = fields[name] as string;
  const transcript = transcriptTurns(text);
  if (transcript) return [...before, ...transcript.filter(({ content }) => content !== '')];
  const more = name === 'instruction' && typeof fields.input === 'string' ? fields.input : '';
  const content = more.trim() === '' ? text : `${text}\n\n${more}`;
  return [...before, { role: 'user', content, field: name }];
}

/** An answer, or a conversation that ends with it. */
function answerTurns(value: unknown, name: string, where: string): LooseTurn[] {
  const messages = valueMessages(value) ?? valueMessages([value]);
  if (messages) return looseTurns(messages, complaint(where, name));
  const transcript = typeof value === 'string' ? transcriptTurns(value) : null;
  return transcript ?? [answerTurn(value, name, where)];
}

function answerTurn(value: unknown, field: string, where: string): LooseTurn {
  if (typeof value === 'string') return { role: 'assistant', content: value, field };
  if (value === undefined || value === null) return { role: 'assistant', content: '', missing: true, field };
  throw complaint(where, field)('', null, value);
}

const SPEAKERS = /(?:^|\n\n)(Human|Assistant):/g;

/** The messages of a transcript as in Anthropic's HH data: `\n\nHuman: … \n\nAssistant: …`; null for other texts. */
function transcriptTurns(text: string): LooseTurn[] | null {
  const starts = [...text.matchAll(SPEAKERS)];
  if (starts[0]?.index !== 0 || starts[0][1] !== 'Human') return null;
  return starts.map((start, i) => ({
    role: start[1] === 'Human' ? 'user' : 'assistant',
    content: text.slice(start.index + start[0].length, starts[i + 1]?.index).trim(),
  }));
}

function noQuestion(where: string) {
  return badRow(
    where,
    say`The answers have no question.`,
    say`Add a column “prompt”, or write each answer with the conversation before it.`,
  );
}
