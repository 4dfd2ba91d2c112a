/** `fettle teach` as a person runs it: killed in the middle, continued, decided by numbers, and trained on. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourcesFolder } from '../../../main/paths.ts';
import { BIN, fettle, resultOf } from '../../helpers/fettle.ts';
import { mostlyRight, openStandIn, type StandIn } from './stand-in.ts';

let home: string;
let standIn: StandIn;
const truths = new Map<string, string>();
const at = (name: string) => path.join(home, name);

beforeAll(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'fettle-teach-'));
  const rows = readFileSync(path.join(resourcesFolder(), 'samples', 'support-messages.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .slice(0, 150);
  const answered = rows.map((line) => {
    const { messages } = JSON.parse(line) as { messages: { content: string }[] };
    const { class: completion } = JSON.parse(messages[1]!.content) as { class: string };
    return { prompt: messages[0]!.content, completion };
  });
  for (const { prompt, completion } of answered) truths.set(prompt, completion);
  writeFileSync(
    at('examples.jsonl'),
    answered
      .slice(0, 50)
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(''),
  );
  writeFileSync(
    at('raw.jsonl'),
    answered
      .slice(50)
      .map(({ prompt }) => `${JSON.stringify({ text: prompt })}\n`)
      .join(''),
  );
  const say = mostlyRight(truths, [...new Set(truths.values())], { right: 0.85, blind: 0.05 });
  standIn = await openStandIn((text, sample) => {
    const said = say(text, sample);
    // slow enough to be killed in the middle
    return (response) =>
      void setTimeout(() => {
        const choices = [{ message: { content: said } }];
        response.end(JSON.stringify({ choices, usage: { total_tokens: 50 } }));
      }, 15);
  });
});
afterAll(async () => {
  await standIn.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
});

const args = (...more: string[]) => [
  ...['teach', at('raw.jsonl'), '--examples', at('examples.jsonl'), '--out', at('rows.csv')],
  ...['--teacher', standIn.url, '--encoder', '-', ...more],
];

function start(given: readonly string[], input: string | null) {
  const env = { ...process.env, FETTLE_HOME: at('home') };
  const child = spawn(process.execPath, [BIN, ...given], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  if (input !== null) child.stdin.end(input);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, out, err })),
  );
  return { child, ended };
}

const saidLines = () =>
  existsSync(at('rows.csv.teaching'))
    ? readFileSync(at('rows.csv.teaching'), 'utf8')
        .split('\n')
        .filter((line) => line.includes('"said"')).length
    : 0;

describe('fettle teach', () => {
  it('refuses to send texts to another computer unasked', async () => {
    const { code, err } = await fettle([
      ...['teach', at('raw.jsonl'), '--examples', at('examples.jsonl'), '--out', at('x.csv')],
      ...['--teacher', 'https://api.example.com/v1'],
    ]);
    expect(code).toBe(2);
    expect(err).toContain('is not this computer: all of your texts and examples would be sent there');
    expect(err).toContain('--rows-may-leave');
    expect(existsSync(at('x.csv.teaching'))).toBe(false);
  });

  it('keeps what was said when it is killed', async () => {
    const { child, ended } = start(args('--at-once', '2'), null);
    while (saidLines() < 20) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    await ended;
    expect(saidLines()).toBeLessThan(100);
    expect(existsSync(at('rows.csv'))).toBe(false);
  });

  it('continues, says what it takes, and writes what is agreed on', async () => {
    const before = saidLines();
    const asked = standIn.asked;
    const { code, out, err } = await start(args('--price', '2'), null).ended;
    expect(code, err).toBe(0);
    expect(saidLines()).toBe(100);
    // up to two were under way when it was killed
    expect(standIn.asked - asked).toBe(3 * (100 - before));
    expect(err).toContain(
      `100 texts to answer with 2 categories, from 50 examples, ${before} answered before.`,
    );
    expect(err).toMatch(/After 5 texts: .* for the other \d+, [\d,]+ tokens, 0\.\d\d at your price/);
    expect(out).toMatch(/wait for you: the same command continues/);
  });

  it('asks the person, who takes one back, and keeps each decision', async () => {
    const asked = standIn.asked;
    const { code, out, err } = await start(args('--decide', '--json'), '1\n2\nu\n1\nx\nnonsense\nq\n').ended;
    expect(code, err).toBe(0);
    expect(standIn.asked).toBe(asked);
    expect(resultOf({ out, err } as never)).toMatchObject({
      decided: 2,
      leftOut: 1,
      unanswered: 0,
      kind: 'categories',
    });
    expect(err).toContain('That is none of them.');
    expect(err).toMatch(/ {2}1 {2}.+ {2}\(\d of 3\)/);
    const lines = readFileSync(at('rows.csv'), 'utf8').trim().split('\r\n');
    expect(lines.filter((line) => line.includes(',teacher,') && line.endsWith(',person'))).toHaveLength(2);
  });

  it('refuses the file for other rows', async () => {
    const { code, err } = await start(args('--samples', '2'), null).ended;
    expect(code).toBe(2);
    expect(err).toContain('was begun with other rows or settings');
  });

  it('gives rows whose test rows are the person’s own', async () => {
    const sorted = await fettle(
      ['sorter', '--data', at('rows.csv'), '--by', 'words', '--out', at('sorter'), '--json'],
      { env: { FETTLE_HOME: at('home') } },
    );
    const { calibration } = resultOf<{ calibration: { accuracy: { rows: number } } }>(sorted);
    const rows = readFileSync(at('rows.csv'), 'utf8').trim().split('\r\n').length - 1;
    expect(calibration.accuracy.rows).toBe(Math.round(rows / 10));
    const checked = await fettle(['data', 'check', at('rows.csv'), '--json'], {
      env: { FETTLE_HOME: at('home') },
    });
    const { findings } = resultOf<{ findings: { code: string; rows: number }[] }>(checked);
    expect(findings.find(({ code }) => code === 'model-answers')?.rows).toBe(rows - 52);
  });
});
