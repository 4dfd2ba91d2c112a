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
    if (sample === 0 && (text === refused || speaks-- <= 0))
      return (response) => void response.end('{"choices":"none"}');
    return sample === 1 ? '' : `${text} Again, ${sample}`;
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
      ...['--teacher', standIn.url, '--encoder', '-', '--json', ...more],
    ],
    { env: { FETTLE_HOME: at('home') } },
  );
const kept = () => readFileSync(at('rows.jsonl.variations'), 'utf8').trim().split('\n').slice(1);

it('keeps what was written until the teacher fell silent', async () => {
  const { code, err } = await teach();
  expect(code, err).not.toBe(0);
  expect(err).toContain('The model failed on 5 texts in a row.');
  expect(kept()).toHaveLength(4);
});

it('continues, has each answered, and writes rows that say what they vary', async () => {
  speaks = Number.POSITIVE_INFINITY;
  const before = standIn.asked;
  const done = await teach();
  expect(done.code, done.err).toBe(0);
  const texts = EXAMPLES.length - 1;
  expect(kept()).toHaveLength(texts);
  // the second of two was empty
  expect(standIn.asked - before).toBe(EXAMPLES.length - 4 + texts);
  const { taken, open } = resultOf<{ taken: number; open: number }>(done);
  expect([taken > 0, taken + open]).toEqual([true, texts]);
  const rows = readFileSync(at('rows.jsonl'), 'utf8').trim().split('\n');
  const varied = rows
    .map((row) => JSON.parse(row) as Record<string, string>)
    .filter((row) => row.fettle_varies);
  expect(varied).toHaveLength(taken);
  for (const row of varied)
    expect(EXAMPLES).toContainEqual({ message: row.fettle_varies, office: row.completion });
});

it('asks nothing twice, nor for what was refused before, and never measures with a variation, whoever confirmed it', async () => {
  refused = undefined;
  const before = standIn.asked;
  const { code, err } = await teach();
  expect(code, err).toBe(0);
  expect(standIn.asked).toBe(before);
  const about = { fettle_origin: 'teacher', fettle_confirmed: 'person' };
  expect(isUnconfirmed({ about })).toBe(false);
  expect(isUnconfirmed({ about: { ...about, fettle_varies: 'Where is my dog?' } })).toBe(true);
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
