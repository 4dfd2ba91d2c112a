/**
 * A run that another computer trains, in a real browser at the real host: the computer is named and tested, the plan says what goes to
 * where, curves come as they are made, and the result is judged here, saved for llama.cpp and answers. Over a real sshd where there is one,
 * else over a shell. PyTorch trains where FETTLE_TEST_PYTHON names one that can; else its stand-in does.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import OpenAI from 'openai';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourcesFolder } from '../../main/paths.ts';
import { quoted } from '../../main/targets/shell.ts';
import { fakePython, program } from '../helpers/far-away.ts';
import { stopAtFirstFailure } from '../helpers/in-order.ts';
import type { Person } from '../helpers/person.ts';
import { type Sshd, startSshd, torchPython, whyNoSshd } from '../helpers/sshd.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';
import { beginVisit, type Visit } from '../helpers/visit.ts';

const VERDICT = /^(It learned|It didn't learn|It got worse|It could do this before|Not measured)/;
const ROWS = 40;

const torch = torchPython();
const { folder, remove } = temporaryFolder();
let sshd: Sshd | null = null;
let visit: Visit;
let page: Page;
let person: Person;

/** An `ssh` before the system's, whose commands begin in a folder of the test: through a real sshd, or in a shell of this computer. */
function writeSsh(bin: string, far: string): void {
  const begin = `cd ${quoted(far)} && `;
  const call = sshd
    ? `PATH=\${PATH#*:}; exec ssh -F ${quoted(sshd.config)} "$@"`
    : 'shift $(($# - 1)); exec sh -c "$1"';
  const last = `n=$#; i=0; for a; do i=$((i+1)); [ $i -lt $n ] || a=${quoted(begin)}"$a"; set -- "$@" "$a"; done; shift $n`;
  mkdirSync(bin, { recursive: true });
  program(path.join(bin, 'ssh'), `${last}\n${call}\n`);
}

stopAtFirstFailure();
beforeAll(async () => {
  const [bin, far] = ['bin', 'far'].map((name) => path.join(folder, name)) as [string, string];
  mkdirSync(far);
  if (whyNoSshd() === null) sshd = await startSshd(path.join(folder, 'sshd'));
  writeSsh(bin, far);
  visit = await beginVisit({ PATH: `${bin}:${process.env.PATH}` });
  ({ page, person } = visit);
});

afterAll(async () => {
  await visit?.close();
  sshd?.stop();
  remove();
});

const unfold = (title: string) => person.click(page.locator('summary', { hasText: title }));
const fill = (name: string, text: string) => page.getByRole('textbox', { name, exact: true }).fill(text);

describe.skipIf(process.platform === 'win32')('a run that another computer trains', () => {
  test('begins with a computer that is named and tested', async () => {
    const python = 'python' in torch ? torch.python : fakePython(folder, { FAKE_STEP_MS: '400' });
    await person.click(page.getByRole('link', { name: 'Settings' }));
    await unfold('Add a computer');
    await fill('Name', 'lab');
    await fill('Address', 'far');
    await fill('Price per hour', '3600');
    await fill('Python there', python);
    await person.click(person.button('Add').last());
    await person.click(person.button('Test lab'));
    await person.sees(/no graphics card · \d+ cores?/);
  });

  test('says in the plan where the rows go, and trains there with live curves', async () => {
    const file = path.join(folder, 'notes.jsonl');
    const sample = readFileSync(path.join(resourcesFolder(), 'samples', 'formal-tone.jsonl'), 'utf8');
    writeFileSync(file, sample.split('\n').slice(0, ROWS).join('\n'));
    await person.click(page.getByRole('link', { name: 'New run' }));
    await person.click(person.step(/^Model/));
    await person.click(page.getByRole('main').getByRole('button', { name: 'Practice model' }));
    await person.click(person.button('Continue'));
    const choosing = page.waitForEvent('filechooser');
    await person.click(person.button('Choose files'));
    await (await choosing).setFiles(file);
    await person.sees(`${ROWS} usable rows`);
    await person.click(person.button('Continue'));
    // the stand-in for PyTorch gives back what adapters begin with
    await person.click(page.getByRole('button', { name: 'LoRA', exact: true }));
    await unfold('Train elsewhere');
    await person.sees('Your rows go to far. The result returns and is compared here.');
    await person.sees('lab has no graphics card that is known. The first run there shows the time.');
    await person.click(person.button('Start on lab'));
    // before anything is there
    await person.sees(/, computed on lab$/);
    await person.sees(/step [\d,]+ of [\d,]+/);
    await person.sees(page.getByRole('figure').first());
  });

  test('comes back, and is judged here', async () => {
    await person.sees(page.getByRole('region', { name: 'Verdict' }).getByText(VERDICT));
    await person.click(page.getByRole('tab', { name: 'Details' }));
    const facts = page.locator('dl').filter({ hasText: 'Computed on' });
    const said = await facts.first().textContent();
    expect(said).toMatch(/Computed on\s*lab/);
    expect(said).toMatch(/Computed by\s*PyTorch/);
  });

  test('is saved for llama.cpp and answers there', async () => {
    await person.click(page.getByRole('tab', { name: 'Use it' }));
    await person.click(person.button('Save').last());
    await person.sees(page.getByRole('region', { name: 'Saved copies' }).getByText('Checked'));
    const programs = page.getByRole('region', { name: 'Use in other programs' });
    await person.click(programs.getByRole('button', { name: 'Let programs use it' }));
    await person.sees(programs.getByText('No requests yet.'));
    const [baseURL = '', apiKey = '', model = ''] = await programs.locator('dd code').allInnerTexts();
    const client = new OpenAI({ baseURL, apiKey });
    const messages = [{ role: 'user' as const, content: 'Say this formally: see u tmrw' }];
    const { choices } = await client.chat.completions.create({ model, messages, max_tokens: 8 });
    expect(choices[0]?.message.content).not.toBe('');
    await person.click(programs.getByRole('button', { name: 'Stop' }));
  });

  test('tells the next plan how long it takes there', async () => {
    await person.click(person.button('Repeat with changes'));
    await unfold('Train elsewhere');
    await person.sees(/[Tt]here (under a minute|about a minute|about \d+ minutes), about [\d.,]+\sEUR\./);
    await unfold('How this is estimated');
    await person.sees(/^Estimated from 1 run there\./);
    expect(visit.errors).toEqual([]);
  });
});
