import { describe, expect, it } from 'vitest';
import { mapText } from '../../../common/words/mapping.ts';
import { detectSchema, ENOUGH_CONFIDENCE } from '../../../main/rows/detect.ts';

const WORDS = 'the parcel with my new lamp came late and broken while nobody told me anything about it'.split(
  ' ',
);
const sentence = (i: number, words = 9) => `${WORDS.slice(i % 5, (i % 5) + words).join(' ')} ${i}.`;

/** Plausible values for a column, by the kind of thing that it holds. */
const VALUES = {
  text: (i: number) => sentence(i),
  long: (i: number) => `${sentence(i)} ${sentence(i + 1)} ${sentence(i + 2)}`,
  class: (i: number) => ['damage', 'delivery', 'payment', 'other'][i % 4]!,
  digit: (i: number) => i % 2,
  id: (i: number) => i + 1000,
  key: (i: number) => `dev_${i}`,
  url: (i: number) => `https://example.org/${i}`,
  empty: () => '',
  openai: (i: number) => [
    { role: 'user', content: sentence(i) },
    { role: 'assistant', content: sentence(i + 1) },
  ],
  sharegpt: (i: number) => [
    { from: 'human', value: sentence(i) },
    { from: 'gpt', value: sentence(i + 1) },
  ],
  json: (i: number) => JSON.stringify(VALUES.openai(i)),
} as const;

type Values = keyof typeof VALUES;

function records(columns: Readonly<Record<string, Values>>, rows = 40): Record<string, unknown>[] {
  return Array.from({ length: rows }, (_, i) =>
    Object.fromEntries(Object.entries(columns).map(([name, kind]) => [name, VALUES[kind](i)])),
  );
}

/** Column sets as they occur, what they must be read as, and the mapping that says the same. */
const SETS: readonly (readonly [columns: Readonly<Record<string, Values>>, kind: string, map: string])[] = [
  [{ messages: 'openai' }, 'messages', 'messages=messages'],
  [{ column1: 'digit', column2: 'text', column3: 'long' }, 'label', 'prompt=column2+column3,answer=column1'],
  [{ column1: 'digit', column2: 'text' }, 'label', 'prompt=column2,answer=column1'],
  [{ id: 'id', conversation: 'openai', source: 'text' }, 'messages', 'messages=conversation'],
  [{ messages: 'json' }, 'messages', 'messages=messages'],
  [{ conversations: 'sharegpt', id: 'id' }, 'sharegpt', 'messages=conversations'],
  [{ dialog: 'sharegpt' }, 'sharegpt', 'messages=dialog'],
  [{ prompt: 'text', completion: 'text' }, 'prompt-completion', 'prompt=prompt,answer=completion'],
  [
    { system: 'text', prompt: 'text', completion: 'text' },
    'prompt-completion',
    'system=system,prompt=prompt,answer=completion',
  ],
  [
    { instruction: 'text', input: 'text', output: 'text' },
    'alpaca',
    'prompt=instruction+input,answer=output',
  ],
  [
    { fname: 'key', dialogue: 'long', summary: 'text', topic: 'text' },
    'question-answer',
    'prompt=dialogue,answer=summary',
  ],
  [
    { nr_x: 'key', article: 'long', highlights: 'text' },
    'question-answer',
    'prompt=article,answer=highlights',
  ],
  [{ topic: 'text', title: 'text', answer: 'text' }, 'question-answer', 'prompt=title,answer=answer'],
  [{ question: 'text', sql: 'text' }, 'question-answer', 'prompt=question,answer=sql'],
  [{ instruction: 'text', output: 'text' }, 'alpaca', 'prompt=instruction,answer=output'],
  [
    { instruction: 'text', context: 'text', response: 'text', category: 'class' },
    'alpaca',
    'prompt=instruction+context,answer=response',
  ],
  [{ question: 'text', answer: 'text' }, 'question-answer', 'prompt=question,answer=answer'],
  [{ Q: 'text', A: 'text' }, 'question-answer', 'prompt=Q,answer=A'],
  [{ query: 'text', response: 'long' }, 'question-answer', 'prompt=query,answer=response'],
  [{ user: 'text', assistant: 'text' }, 'question-answer', 'prompt=user,answer=assistant'],
  [{ input: 'text', target: 'text' }, 'question-answer', 'prompt=input,answer=target'],
  [{ human: 'text', bot: 'text', timestamp: 'id' }, 'question-answer', 'prompt=human,answer=bot'],
  [
    { context: 'long', question: 'text', answer: 'text' },
    'question-answer',
    'prompt=context+question,answer=answer',
  ],
  [
    { question_id: 'id', user_question: 'text', best_answer: 'text' },
    'question-answer',
    'prompt=user_question,answer=best_answer',
  ],
  [
    { CustomerMessage: 'text', AgentReply: 'text' },
    'question-answer',
    'prompt=CustomerMessage,answer=AgentReply',
  ],
  [{ article: 'long', summary: 'text' }, 'question-answer', 'prompt=article,answer=summary'],
  [{ subject: 'text', body: 'long', reply: 'text' }, 'question-answer', 'prompt=subject+body,answer=reply'],
  [{ Frage: 'text', Antwort: 'text' }, 'question-answer', 'prompt=Frage,answer=Antwort'],
  [{ 'Kunden-Anfrage': 'text', Lösung: 'text' }, 'question-answer', 'prompt=Kunden-Anfrage,answer=Lösung'],
  [
    { 'Ticket-Nr': 'id', Betreff: 'text', Kundenanfrage: 'long', Antwort: 'text', Größe: 'class' },
    'question-answer',
    'prompt=Kundenanfrage,answer=Antwort',
  ],
  [
    { Nachrichtentext: 'long', Produktkategorie: 'class' },
    'label',
    'prompt=Nachrichtentext,answer=Produktkategorie',
  ],
  [{ pregunta: 'text', respuesta: 'text' }, 'question-answer', 'prompt=pregunta,answer=respuesta'],
  [{ question: 'text', réponse: 'text' }, 'question-answer', 'prompt=question,answer=réponse'],
  [{ Requête: 'text', Sortie: 'text' }, 'question-answer', 'prompt=Requête,answer=Sortie'],
  [{ domanda: 'text', risposta: 'text' }, 'question-answer', 'prompt=domanda,answer=risposta'],
  [
    { pergunta: 'text', resposta: 'text', fonte: 'url' },
    'question-answer',
    'prompt=pergunta,answer=resposta',
  ],
  [{ vraag: 'text', antwoord: 'text' }, 'question-answer', 'prompt=vraag,answer=antwoord'],
  [{ pytanie: 'text', odpowiedź: 'text' }, 'question-answer', 'prompt=pytanie,answer=odpowiedź'],
  [{ вопрос: 'text', ответ: 'text' }, 'question-answer', 'prompt=вопрос,answer=ответ'],
  [{ soru: 'text', cevap: 'text' }, 'question-answer', 'prompt=soru,answer=cevap'],
  [{ 質問: 'text', 回答: 'text' }, 'question-answer', 'prompt=質問,answer=回答'],
  [{ 问题: 'text', 答案: 'text' }, 'question-answer', 'prompt=问题,answer=答案'],
  [{ 질문: 'text', 답변: 'text' }, 'question-answer', 'prompt=질문,answer=답변'],
  [{ السؤال: 'text', الجواب: 'text' }, 'question-answer', 'prompt=السؤال,answer=الجواب'],
  [{ 'câu hỏi': 'text', 'trả lời': 'text' }, 'question-answer', 'prompt=câu hỏi,answer=trả lời'],
  [{ text: 'text', label: 'class' }, 'label', 'prompt=text,answer=label'],
  [{ text: 'text', label: 'digit' }, 'label', 'prompt=text,answer=label'],
  [{ Message: 'text', Category: 'class', id: 'id' }, 'label', 'prompt=Message,answer=Category'],
  [
    { Betreff: 'text', Nachricht: 'long', Kategorie: 'class' },
    'label',
    'prompt=Betreff+Nachricht,answer=Kategorie',
  ],
  [{ texto: 'text', etiqueta: 'class' }, 'label', 'prompt=texto,answer=etiqueta'],
  [{ review: 'long', sentiment: 'class' }, 'label', 'prompt=review,answer=sentiment'],
  [{ column1: 'long', column2: 'class' }, 'label', 'prompt=column1,answer=column2'],
  [{ text: 'long' }, 'text', 'text=text'],
  [{ url: 'url', content: 'long', timestamp: 'id' }, 'text', 'text=content'],
  [{ title: 'text', body: 'long' }, 'text', 'text=body'],
  [{ Inhalt: 'long' }, 'text', 'text=Inhalt'],
];

describe('detectSchema', () => {
  it.each(SETS)('reads %j as %s: %s', (columns, kind, map) => {
    const found = detectSchema(records(columns))!;
    expect({ kind: found.kind, map: mapText(found.mapping) }).toEqual({ kind, map });
    expect(found.confidence).toBeGreaterThanOrEqual(ENOUGH_CONFIDENCE);
    expect(found.confidence).toBeLessThanOrEqual(1);
    expect(found.reason).not.toBe('');
  });

  it('opens objects one level', () => {
    const rows = records({ messages: 'openai' }).map((data, i) => ({ id: i, data }));
    expect(mapText(detectSchema(rows)!.mapping)).toBe('messages=data.messages');
    const pairs = records({ frage: 'text', antwort: 'text' }).map((row) => ({ row }));
    expect(mapText(detectSchema(pairs)!.mapping)).toBe('prompt=row.frage,answer=row.antwort');
  });

  it('opens them deeper where there is nothing else', () => {
    const texts = records({ question: 'text', text: 'text' });
    const deep = texts.map(({ question, text }) => ({ chat: { question, answers: { text: [text] } } }));
    expect(mapText(detectSchema(deep)!.mapping)).toBe('prompt=chat.question,answer=chat.answers.text');
    const about = texts.map(({ question, text }) => ({ text: question, meta: { source: { site: text } } }));
    expect(mapText(detectSchema(about)!.mapping)).toBe('text=text');
  });

  it('knows pairs of a chosen and a rejected answer, and what could be trained on', () => {
    const plain = detectSchema(records({ question: 'text', chosen: 'text', rejected: 'text' }))!;
    expect(plain.kind).toBe('preference');
    expect(mapText(plain.mapping)).toBe('prompt=question,answer=chosen');
    const chats = detectSchema(records({ chosen: 'openai', rejected: 'openai' }))!;
    expect(chats.kind).toBe('preference');
    expect(mapText(chats.mapping)).toBe('messages=chosen');
  });

  it.each([
    [{ alpha: 'text', beta: 'text' }],
    [{ alpha: 'text', beta: 'long', gamma: 'text' }],
    [{ question: 'text', answer_a: 'text', answer_b: 'text' }],
    [{ column1: 'text', column2: 'long' }],
  ] as const)('is not sure of %j, and still has a suggestion', (columns) => {
    const found = detectSchema(records(columns))!;
    expect(found.confidence).toBeLessThan(ENOUGH_CONFIDENCE);
    expect(mapText(found.mapping)).toMatch(/^(prompt|text)=/);
  });

  it('finds nothing where there is no text', () => {
    expect(detectSchema([])).toBeUndefined();
    expect(detectSchema(records({ id: 'id', x: 'empty' }))).toBeUndefined();
    expect(detectSchema([{ a: { b: { c: 1 } } }])).toBeUndefined();
  });

  it('is surer of names than of contents', () => {
    const sure = (columns: Readonly<Record<string, Values>>) => detectSchema(records(columns))!.confidence;
    expect(sure({ question: 'text', answer: 'text' })).toBeGreaterThan(
      sure({ question: 'text', beta: 'text' }),
    );
    expect(sure({ text: 'text', label: 'class' })).toBeGreaterThan(sure({ text: 'text', beta: 'class' }));
    expect(sure({ text: 'long' })).toBeGreaterThan(sure({ alpha: 'long' }));
  });

  it('does not take many different values for a label by their shortness alone', () => {
    const rows = Array.from({ length: 100 }, (_, i) => ({ word: `word${i}`, meaning: sentence(i) }));
    expect(detectSchema(rows)!.kind).not.toBe('label');
  });

  it.each<[Readonly<Record<string, Values>>, string]>([
    [{ text: 'text', channel: 'class', label: 'class' }, 'prompt=text,answer=label'],
    [
      { subject: 'text', body: 'long', channel: 'class', team: 'class', label: 'class' },
      'prompt=subject+body,answer=label',
    ],
    [{ body: 'text', department: 'class', answer: 'long' }, 'prompt=body,answer=answer'],
    [{ message: 'text', topic: 'class', reply: 'text' }, 'prompt=message,answer=reply'],
    [{ colour: 'class', shape: 'class', label: 'class' }, 'prompt=colour+shape,answer=label'],
  ])('leaves a category beside a text out of the question: %j', (columns, map) => {
    expect(mapText(detectSchema(records(columns))!.mapping)).toBe(map);
  });
});
