/** `fettle teach --vary`: a teacher writes texts like the person's examples, and answers them; what was said is kept, and is never a test row. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isUnconfirmed } from '../../../main/rows/about.ts';
import { fettle, resultOf } from '../../helpers/fettle.ts';
import { townRows } from '../../helpers/town-rows.ts';
import { openStandIn, type StandIn } from './stand-in.ts';

const EACH = 2;
const EXAMPLES = townRows().slice(0, 30);

let home: string;
let standIn: StandIn;
/** Requests for variations that are answered before the teacher is silent. */
let speaks = 4;
/** An example of which the teacher makes none. */
let refused: string | undefined = EXAMPLES[9]!.message;
const at = (name: string) => path.join(home, name);

beforeAll(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'fettle-vary-'));
  const rows = EXAMPLES.map(({ message, office }) => ({ prompt: message, completion: office }));
  writeFileSync(at('examples.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const offices = new Map(EXAMPLES.map(({ message, office }) => [message, office]));
  standIn = await openStandIn((text, sample) => {
    const [of = '', copy] = text.split(' Again, ');
    if (copy !== undefined) return offices.get(of)!;
    if (sample % EACH === 0 && (text === refused || speaks-- <= 0))
      return (response) => void response.end('{"choices":"none"}');
    return sample % EACH === 1 ? '' : `${text} Again, ${sample}`;
  });
});
afterAll(async () => {
  await standIn.close();
  rmSync(home, { recursive: true, force: true });
});

const teach = (...more: string[]) =>
  fettle(
    [
      ...['teach', '--vary', String(EACH), '--examples', at('examples.jsonl'), '--out', at('rows.jsonl')],
      ...['--teacher', standIn.url, '--encoder', '-', ...more],
    ],
    { env: { FETTLE_HOME: at('home') } },
  );
type Line = Record<string, unknown>;
const linesOf = (name: string) =>
  readFileSync(at(name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const kept = () => linesOf('rows.jsonl.teaching').filter((line) => 'varied' in line);

it('keeps what was written until the teacher fell silent', async () => {
  const { code, err } = await teach();
  expect(code, err).not.toBe(0);
  expect(err).toContain('The model failed on 5 texts in a row.');
  expect(kept()).toHaveLength(4);
});

it('continues, says what it takes, has each answered, and writes rows that say what they vary', async () => {
  speaks = Number.POSITIVE_INFINITY;
  const before = standIn.asked;
  const done = await teach('--price', '2');
  expect(done.code, done.err).toBe(0);
  expect(done.err).toMatch(/After \d+ examples: .* for the other \d+, [\d,]+ tokens, 0\.\d\d at your price/);
  const texts = EXAMPLES.length - 1;
  expect(kept()).toHaveLength(texts);
  // the second of two was empty
  expect(standIn.asked - before).toBe(EXAMPLES.length - 4 + texts);
  expect(done.out).toContain(`Written    ${texts} variations of your examples`);
  expect(done.out).toContain('Not varied 1 example: the same command asks again');
  const varied = linesOf('rows.jsonl').filter((row) => row.fettle_varies);
  expect(varied.length).toBeGreaterThan(0);
  for (const row of varied) {
    expect(EXAMPLES).toContainEqual({ message: row.fettle_varies, office: row.completion });
    expect(row).toMatchObject({ fettle_model: 'large', fettle_varies_model: 'large' });
    const told = linesOf('rows.jsonl.teaching').find(
      ({ lesson, messages }) => lesson === row.fettle_varies_lesson && messages,
    );
    expect(JSON.stringify(told)).toContain(JSON.stringify(row.fettle_varies));
  }
});

it('asks again for what was refused before and for nothing else, and never measures with a variation, whoever confirmed it', async () => {
  refused = undefined;
  const before = standIn.asked;
  const done = await teach('--json');
  expect(done.code, done.err).toBe(0);
  const result = resultOf<{ taken: number; open: number }>(done);
  expect(result).toMatchObject({ written: EXAMPLES.length, unvaried: 0, unanswered: 0 });
  expect(result.taken + result.open).toBe(EXAMPLES.length);
  expect(standIn.asked - before).toBe(2);
  expect(kept()).toHaveLength(EXAMPLES.length);
  const about = { fettle_origin: 'teacher', fettle_confirmed: 'person' };
  expect(isUnconfirmed({ about })).toBe(false);
  expect(isUnconfirmed({ about: { ...about, fettle_varies: 'Where is my dog?' } })).toBe(true);
});

it('gives up on a teacher that never answers', async () => {
  const silent = await openStandIn(() => () => {});
  const { code, err } = await fettle(
    [
      ...['teach', '--vary', '1', '--examples', at('examples.jsonl'), '--out', at('none.jsonl')],
      ...['--teacher', silent.url, '--encoder', '-', '--timeout', '1'],
    ],
    { env: { FETTLE_HOME: at('home') } },
  );
  await silent.close();
  expect(code).toBe(1);
  expect(err).toContain('The last time: It did not answer within 1 seconds.');
  expect(linesOf('none.jsonl')).toHaveLength(EXAMPLES.length);
});

it('refuses other examples', async () => {
  writeFileSync(
    at('examples.jsonl'),
    readFileSync(at('examples.jsonl'), 'utf8').split('\n').slice(1).join('\n'),
  );
  const { code, err } = await teach();
  expect(code).toBe(2);
  expect(err).toContain('was begun with other rows or settings');
});
