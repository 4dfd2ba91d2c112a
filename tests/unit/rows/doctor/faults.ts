/** Faults to plant into clean rows: for each check, ways to spoil a row that it must find. */
import type { LooseRow, LooseTurn } from '../../../../main/rows/loose-row.ts';
import type { Rng } from '../../../../main/rows/rng.ts';

/** Spoils `row`; `i` counts the planted rows, so that each variant has its turn. */
export type Spoil = (row: LooseRow, rng: Rng, i: number) => LooseRow;

const WINDOWS_1252 = new TextDecoder('windows-1252');
/** Text as it looks after its UTF-8 was read as Windows-1252. */
export function misread(text: string): string {
  return WINDOWS_1252.decode(Buffer.from(text, 'utf8'));
}

/** Text as it looks after its UTF-8 was read as Latin-1. */
export function misreadLatin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function pick<T>(values: readonly T[], i: number): T {
  return values[i % values.length]!;
}

function withAnswer(row: LooseRow, change: (text: string) => string): LooseRow {
  return {
    ...row,
    turns: row.turns.map((turn, i) => (i === 1 ? { ...turn, content: change(turn.content) } : turn)),
  };
}

function withQuestion(row: LooseRow, change: (text: string) => string): LooseRow {
  return {
    ...row,
    turns: row.turns.map((turn, i) => (i === 0 ? { ...turn, content: change(turn.content) } : turn)),
  };
}

/** Puts `piece` between two sentences of the answer. */
function inserted(row: LooseRow, piece: string, rng: Rng): LooseRow {
  return withAnswer(row, (text) => {
    const parts = text.split('. ');
    parts.splice(1 + rng.below(parts.length), 0, piece);
    return parts.join('. ');
  });
}

function letters(rng: Rng, count: number, alphabet: string): string {
  return Array.from({ length: count }, () => alphabet[rng.below(alphabet.length)]).join('');
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const DIGITS = '0123456789';
const LOWER = UPPER.toLowerCase();
const MIXED = UPPER + LOWER + DIGITS;

/** Keys as services make them. */
const KEYS: readonly ((rng: Rng) => string)[] = [
  (rng) => `sk-proj-${letters(rng, 48, MIXED)}`,
  (rng) => `sk-${letters(rng, 48, MIXED)}`,
  (rng) => `sk-ant-api03-${letters(rng, 60, MIXED)}`,
  (rng) => `ghp_${letters(rng, 36, MIXED)}`,
  (rng) => `github_pat_${letters(rng, 40, MIXED)}`,
  (rng) => `glpat-${letters(rng, 20, MIXED)}`,
  (rng) => `AKIA${letters(rng, 16, UPPER + DIGITS)}`,
  (rng) => `AIza${letters(rng, 35, MIXED)}`,
  (rng) => `xoxb-${letters(rng, 12, DIGITS)}-${letters(rng, 24, MIXED)}`,
  (rng) => `hf_${letters(rng, 34, MIXED)}`,
  (rng) => `npm_${letters(rng, 36, MIXED)}`,
  (rng) => `sk_live_${letters(rng, 24, MIXED)}`,
  (rng) => `eyJ${letters(rng, 20, MIXED)}.eyJ${letters(rng, 40, MIXED)}.${letters(rng, 40, MIXED)}`,
  (rng) => `api_key = "${letters(rng, 32, LOWER + DIGITS)}"`,
  (rng) => `password: ${letters(rng, 20, MIXED)}`,
  (rng) => `postgres://anna:${letters(rng, 12, MIXED)}@db.internal:5432/shop`,
  (rng) =>
    `-----BEGIN RSA PRIVATE KEY-----\n${letters(rng, 64, MIXED)}\n${letters(rng, 64, MIXED)}\n-----END RSA PRIVATE KEY-----`,
];

function withCheckDigit(digits: string): string {
  let sum = 0;
  for (const [i, digit] of [...digits].reverse().entries()) {
    const doubled = Number(digit) * 2;
    sum += i % 2 === 1 ? Number(digit) : doubled > 9 ? doubled - 9 : doubled;
  }
  return digits + String((10 - (sum % 10)) % 10);
}

function card(rng: Rng, i: number): string {
  const [prefix, length] = pick(
    [
      ['4', 16],
      ['53', 16],
      ['37', 15],
      ['6011', 16],
      ['3530', 16],
      ['2301', 16],
    ] as const,
    i,
  );
  const digits = withCheckDigit(prefix + letters(rng, length - 1 - prefix.length, DIGITS));
  if (i % 3 === 0) return digits;
  const mark = i % 3 === 1 ? ' ' : '-';
  const groups = length === 15 ? /^(.{4})(.{6})(.{5})$/ : /^(.{4})(.{4})(.{4})(.{4})$/;
  return digits.replace(groups, (_, ...parts: string[]) => parts.slice(0, length === 15 ? 3 : 4).join(mark));
}

function iban(rng: Rng, i: number): string {
  const [country, length] = pick(
    [['DE', 18] as const, ['GB', 18] as const, ['FR', 23] as const, ['NL', 14] as const],
    i,
  );
  const body =
    country === 'GB' || country === 'NL'
      ? letters(rng, 4, UPPER) + letters(rng, length - 4, DIGITS)
      : letters(rng, length, DIGITS);
  const value = [...`${body}${country}00`].map((one) => String(Number.parseInt(one, 36))).join('');
  const check = String(98n - (BigInt(value) % 97n)).padStart(2, '0');
  const plain = `${country}${check}${body}`;
  return i % 2 === 0 ? plain : plain.replace(/(.{4})(?=.)/g, '$1 ');
}

function email(rng: Rng, i: number): string {
  const name = `${letters(rng, 5, LOWER)}${pick(['.', '_', '', '-', '+'], i)}${letters(rng, 6, LOWER)}`;
  return `${name}@${pick(['gmail.com', 'web.de', 'mail.co.uk', 'uni-graz.at', 'firma.io', 'post.example-bank.com'], i)}`;
}

const PHONES: readonly ((rng: Rng) => string)[] = [
  (rng) => `+49 30 ${letters(rng, 4, DIGITS)} ${letters(rng, 4, DIGITS)}`,
  (rng) => `+49 171 ${letters(rng, 7, DIGITS)}`,
  (rng) => `+44 20 7946 ${letters(rng, 4, DIGITS)}`,
  (rng) => `+1 (212) 555-0${letters(rng, 3, DIGITS)}`,
  (rng) => `(415) 555-0${letters(rng, 3, DIGITS)}`,
  (rng) => `415-555-0${letters(rng, 3, DIGITS)}`,
  (rng) => `0171 23${letters(rng, 5, DIGITS)}`,
  (rng) => `030/ 12${letters(rng, 5, DIGITS)}`.replace('/ ', '/'),
  (rng) => `07700 900${letters(rng, 3, DIGITS)}`,
  (rng) => `06 12 34 ${letters(rng, 2, DIGITS)} ${letters(rng, 2, DIGITS)}`,
  (rng) => `phone: ${letters(rng, 1, '23456')}${letters(rng, 7, DIGITS)}`,
  (rng) => `WhatsApp +34 612 ${letters(rng, 3, DIGITS)} ${letters(rng, 3, DIGITS)}`,
  (rng) => `+3312345${letters(rng, 4, DIGITS)}`,
];

const TEMPLATE: readonly ((text: string) => string)[] = [
  (text) => `${text}<|im_end|>`,
  (text) => `<|im_start|>assistant\n${text}<|im_end|>`,
  (text) => `${text}</s>`,
  (text) => `<s>[INST] ${text} [/INST]`,
  (text) => `${text}<|endoftext|>`,
  (text) => `### Response:\n${text}`,
  (text) => `<|start_header_id|>assistant<|end_header_id|>\n\n${text}<|eot_id|>`,
  (text) => `<start_of_turn>model\n${text}<end_of_turn>`,
  (text) => `<<SYS>>\nBe kind.\n<</SYS>>\n${text}`,
  (text) => `<｜begin▁of▁sentence｜>${text}`,
  (text) => `<|assistant|>\n${text}`,
  (text) => `${text} <eos>`,
];

const BROKEN = [
  'Käse',
  'café',
  'it’s',
  '“well”',
  'garçon',
  'naïve — really',
  'Größe',
  '20 €',
  'señor',
  'done 👍',
  'Привет',
  'zażółć',
];
const CONTROLS = [
  '\u0000',
  '\u0007',
  '\u0008',
  '\u001b[31m',
  '\u009d',
  '\ufeff',
  '\u200b',
  '\u00ad',
  '\u202e',
  '\u007f',
  '\u2060',
];

export const FOREIGN = [
  'Der Kessel stand die ganze Nacht draußen im Garten, und am Morgen war das Kabel so nass, dass ihn niemand mehr anfassen wollte.',
  'La bouilloire est restée toute la nuit dans le jardin, et le lendemain matin personne ne voulait plus toucher au câble mouillé.',
  'La tetera se quedó toda la noche en el jardín y por la mañana el cable estaba tan mojado que nadie quería tocarlo.',
  'Il bollitore è rimasto tutta la notte in giardino e la mattina dopo il cavo era così bagnato che nessuno voleva toccarlo.',
  'A chaleira ficou a noite inteira no jardim e de manhã o fio estava tão molhado que ninguém queria tocar nele.',
  'De waterkoker stond de hele nacht in de tuin en de volgende ochtend was het snoer zo nat dat niemand het wilde aanraken.',
  'Чайник всю ночь стоял в саду, и утром провод был таким мокрым, что никто не хотел к нему прикасаться.',
  'Czajnik stał przez całą noc w ogrodzie, a rano kabel był tak mokry, że nikt nie chciał go dotykać.',
  'やかんは一晩中庭に置かれていたので、朝にはコードがすっかり濡れていて、誰も触りたがりませんでした。',
  '水壶整夜放在花园里，第二天早上电线湿透了，没有人愿意去碰它，大家都觉得太危险。',
];

const asChat = (row: LooseRow, turns: readonly LooseTurn[]): LooseRow => ({ ...row, kind: 'chat', turns });

const WRONG_ORDER: readonly ((turns: readonly LooseTurn[]) => LooseTurn[])[] = [
  ([user, assistant]) => [user!, { ...user!, content: 'And please be quick.' }, assistant!],
  ([user, assistant]) => [
    { ...user!, role: 'Client' },
    { ...assistant!, role: 'chatbot' },
  ],
  ([user, assistant]) => [user!, assistant!, { role: 'user', content: 'Thanks!' }],
  ([user, assistant]) => [assistant!, user!],
  ([user, assistant]) => [user!, { role: 'narrator', content: 'A pause.' }, assistant!],
  ([user]) => [user!],
  ([user, assistant]) => [user!, assistant!, { role: 'system', content: 'Be brief.' }],
  ([user, assistant]) => [user!, assistant!, { ...assistant!, content: 'One more thing.' }],
];

/** Near copies: what editing, typing and exporting do to a text. */
const EDITS: readonly ((text: string, rng: Rng) => string)[] = [
  (text) => text.toUpperCase(),
  (text) => text.replace(/[.,;?]/g, ''),
  (text) => text.replace(/ /g, '  '),
  (text) => `  ${text.replace(/\. /g, ' . ')}\n`,
  (text, rng) => {
    const at = text.indexOf(' ', 10 + rng.below(Math.floor(text.length / 2))) + 1;
    return `${text.slice(0, at)}x${text.slice(at)}`;
  },
  (text) => text.replace(/ the /, ' teh '),
  (text) => `Hi, ${text}`,
];

/** By the code of the check. Copies and conflicts are planted beside their row, not into it. */
export const SPOILS: Readonly<Record<string, Spoil>> = {
  'wrong-roles': (row, _, i) => asChat(row, pick(WRONG_ORDER, i)(row.turns)),
  'empty-answers': (row, _, i) =>
    withAnswer(row, () =>
      pick(['', '   ', '\n', '...', 'null', 'N/A', 'NaN', 'None', 'TODO', '—', 'n/a'], i),
    ),
  'unusable-rows': (row) => withQuestion(row, () => ' '),
  secrets: (row, rng, i) => inserted(row, `Use ${pick(KEYS, i)(rng)} for that`, rng),
  'payment-numbers': (row, rng, i) =>
    inserted(row, `My number is ${i % 2 === 0 ? card(rng, i / 2) : iban(rng, (i - 1) / 2)} as always`, rng),
  'email-addresses': (row, rng, i) =>
    inserted(
      row,
      `Write to ${pick(['', '<', '('], i)}${email(rng, i)}${pick([' ', '>', ')'], i)} today`,
      rng,
    ),
  'phone-numbers': (row, rng, i) =>
    inserted(row, `You reach me at ${pick(PHONES, i)(rng)} in the evening`, rng),
  'template-tokens': (row, _, i) => withAnswer(row, pick(TEMPLATE, i)),
  mojibake: (row, rng, i) =>
    inserted(row, (i % 2 === 0 ? misread : misreadLatin1)(`They said ${pick(BROKEN, i >> 1)} and left`), rng),
  'lost-characters': (row, rng) => inserted(row, 'The caf\ufffd was closed', rng),
  'cut-answers': (row) => withAnswer(row, (text) => text.repeat(40)),
  'control-characters': (row, rng, i) => inserted(row, `It was ${pick(CONTROLS, i)}late again`, rng),
  'one-word-answers': (row, _, i) =>
    withAnswer(row, () => pick(['ok', 'Sure', 'Done.', 'thanks', 'idk', 'correct!', 'Whatever'], i)),
  'mixed-languages': (row, _, i) => withAnswer(row, () => pick(FOREIGN, i)),
  'exact-duplicates': (row) => ({
    ...row,
    turns: row.turns.map((turn) => ({ ...turn, content: ` ${turn.content}\n` })),
  }),
  'near-duplicates': (row, rng, i) => {
    // an answer with other words is another answer
    if (i % 2 === 1) return withAnswer(row, (text) => pick(EDITS.slice(0, 4), i >> 1)(text, rng));
    return withQuestion(row, (text) => pick(EDITS, i >> 1)(text, rng));
  },
  'conflicting-answers': (row, _, i) => {
    const shout = (text: string) => (i % 2 === 0 ? text.toUpperCase() : ` ${text} `);
    return withAnswer(
      withQuestion(row, shout),
      () => `The opposite is true, for a reason that nobody wrote down ${i}.`,
    );
  },
  'wrong-calls': (row, _, i) => {
    const parameters = { type: 'object', properties: { room: { type: 'string' } }, required: ['room'] };
    const tools = [{ type: 'function' as const, function: { name: 'light', parameters } }];
    const calls = [
      { name: 'lamp', arguments: { room: 'hall' } },
      { name: 'light', arguments: {} },
      { name: 'light', arguments: { room: 7 } },
    ].slice(i % 3, (i % 3) + 1);
    const turns = [...row.turns.slice(0, -1), { role: 'assistant', content: '', calls }];
    return { ...row, kind: 'chat', turns, tools };
  },
  'equal-answers': (row) => ({ ...row, rejected: row.turns.slice(-1) }),
};

/** Checks whose faults are a second row beside the one that they are made from. */
export const BESIDE = ['exact-duplicates', 'near-duplicates', 'conflicting-answers'];
