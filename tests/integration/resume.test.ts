/**
 * The promise that a run killed at any moment goes on to the same numbers: every loss, every gradient norm and every
 * byte of the adapter of a resumed run is compared with those of a run that nobody disturbed. Where it is not about the kill itself, the
 * folder is copied while the run goes on: at that moment it holds what a kill would have left.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../common/protocol/protocol.ts';
import { BIN, doneOf, fettle, type Started, startFettle } from '../helpers/fettle.ts';
import { KILLED } from '../helpers/killed.ts';
import { seeded } from '../helpers/random.ts';
import { tinyRows, writeRows } from '../helpers/tiny-model.ts';
import { adapterOf, goingOn, numbersOf, openWorkspace, trainArgs, type Workspace } from './workspace.ts';

/** Everything that draws random numbers or counts: dropout, accumulation, several epochs, evaluations between steps. */
const HARD = [
  ...['--epochs', '3', '--dropout', '0.1', '--gradient-accumulation', '2', '--learning-rate', '5e-3'],
  ...['--eval-every', '5', '--save-every-steps', '1', '--keep-checkpoints', '3'],
];

/** Elsewhere there are no process groups, and no signals that a process could answer. */
const onPosix = describe.skipIf(process.platform === 'win32');

let workspace: Workspace;
let whole: { numbers: unknown[]; adapter: Buffer; steps: number };

beforeAll(async () => {
  workspace = await openWorkspace();
  const out = workspace.at('whole');
  const { steps } = doneOf(await goingOn(trainArgs(workspace, out, ...HARD), out, 9, workspace.at('left')));
  whole = { numbers: numbersOf(out), adapter: adapterOf(out), steps };
});
afterAll(() => workspace.remove());

const isStep = (step: number) => (event: EngineEvent) => event.event === 'step' && event.step >= step;
const isPhase = (phase: string) => (event: EngineEvent) => event.event === 'phase' && event.phase === phase;

async function killed(run: Started): Promise<void> {
  run.signalAll('SIGKILL');
  expect((await run.ended).signal).toBe('SIGKILL');
}

async function resume(out: string, ...more: string[]) {
  return fettle(['train', '--out', out, '--resume', '--json', ...more]);
}

function expectTheSame(out: string): void {
  expect(numbersOf(out)).toEqual(whole.numbers);
  expect(adapterOf(out).equals(whole.adapter)).toBe(true);
}

onPosix('a run that was killed', () => {
  it('has enough in it to go wrong', () => {
    expect(whole.steps).toBeGreaterThan(22);
    expect(whole.numbers.length).toBeGreaterThan(whole.steps + 4);
  });

  it('repeats to the bit when nothing happens to it, in a process of its own', async () => {
    const out = workspace.at('again');
    doneOf(await fettle(trainArgs(workspace, out, ...HARD), { ownEngine: true }));
    expectTheSame(out);
  });

  // with a checkpoint after every step, most of the time goes by writing one
  const random = seeded(7);
  it.each([1, 20].map((step) => [step, Math.floor(random() * 12)]))(
    'goes on to the same numbers when it is killed after step %i and %i ms',
    async (step, delay) => {
      const out = workspace.at(`killed-${step}`);
      const run = startFettle(trainArgs(workspace, out, ...HARD));
      await run.event(isStep(step));
      await sleep(delay);
      await killed(run);
      const done = doneOf(await resume(out));
      expect(done.steps).toBe(whole.steps);
      expectTheSame(out);
    },
  );

  it('goes on to the same numbers when it computes values again from then on', async () => {
    const out = workspace.at('recomputed');
    const args = trainArgs(workspace, workspace.at('attention'), ...HARD, '--recompute', 'attention');
    doneOf(await goingOn(args, workspace.at('attention'), 9, out));
    expectTheSame(workspace.at('attention'));
    doneOf(await resume(out, '--recompute', 'block'));
    expectTheSame(out);
  });

  it('goes on to the same numbers when it is killed while it writes checkpoints', async () => {
    const out = workspace.at('writing');
    let halves = 0;
    for (const kill of [3, 10, 16, 18, 20, 22]) {
      // a machine under load may hear of a file after it has its name: then try again
      if (kill > 10 && halves > 0) break;
      const run = startFettle(
        kill === 3 ? trainArgs(workspace, out, ...HARD) : ['train', '--out', out, '--resume', '--json'],
      );
      await run.event(isStep(kill));
      const written = watch(workspace.at('writing', 'checkpoints'), (_, name) => {
        if (name?.endsWith('.tmp')) run.signalAll('SIGKILL');
      });
      expect((await run.ended).signal).toBe('SIGKILL');
      written.close();
      halves += readdirSync(workspace.at('writing', 'checkpoints')).filter((name) =>
        name.endsWith('.tmp'),
      ).length;
    }
    expect(halves).toBeGreaterThan(0);
    doneOf(await resume(out));
    expectTheSame(out);
    expect(readdirSync(workspace.at('writing', 'checkpoints')).join()).not.toContain('.tmp');
  });

  it.each<[string, (file: string) => void]>([
    ['cut off', (file) => truncateSync(file, 5000)],
    [
      'changed by a bit',
      (file) => {
        const bytes = readFileSync(file);
        bytes[bytes.length >> 1]! ^= 64;
        writeFileSync(file, bytes);
      },
    ],
  ])('passes over a checkpoint that was %s, and a half-written one', async (what, damage) => {
    const name = `damaged ${what}`;
    const out = workspace.at(name);
    cpSync(workspace.at('left'), out, { recursive: true });
    const folder = workspace.at(name, 'checkpoints');
    const newest = readdirSync(folder)
      .filter((name) => name.startsWith('step-'))
      .sort()
      .at(-1)!;
    damage(`${folder}/${newest}`);
    writeFileSync(`${folder}/.${newest}.99999999.0123456789ab.tmp`, 'half a checkpoint');
    writeFileSync(workspace.at(name, 'metrics.jsonl'), '{"event":"step","st', { flag: 'a' });
    const ended = await resume(out);
    const warning = ended.events.find((event) => event.event === 'warning');
    expect(warning).toMatchObject({ code: 'checkpoint-damaged', message: expect.stringContaining(newest) });
    doneOf(ended);
    expectTheSame(out);
    expect(readdirSync(folder)).toContain(`${newest}.damaged`);
  });

  it('goes on to the same numbers when it is killed while it writes its result', async () => {
    const out = workspace.at('result');
    const run = startFettle(trainArgs(workspace, out, ...HARD));
    await run.event(isPhase('save'));
    // where the signal comes late, it has written everything and ended
    run.signalAll('SIGKILL');
    await run.ended;
    rmSync(workspace.at('result', 'adapter'), { recursive: true, force: true });
    mkdirSync(workspace.at('result', 'adapter'));
    const half = workspace.at('result', 'adapter', '.adapter_model.safetensors.99999999.0123456789ab.tmp');
    writeFileSync(half, 'half an adapter');
    doneOf(await resume(out));
    expectTheSame(out);
    expect(readdirSync(workspace.at('result', 'adapter')).sort()).toEqual([
      'adapter_config.json',
      'adapter_model.safetensors',
    ]);
  });

  it.each(['load', 'tokenize'])(
    'before its first step, in %s, begins anew by the same command',
    async (phase) => {
      const out = workspace.at(`killed-in-${phase}`);
      const run = startFettle(trainArgs(workspace, out, ...HARD));
      await run.event(isPhase(phase));
      await killed(run);
      // as if it had been killed a little later, in the middle of its first file
      writeFileSync(`${out}/.run.json.99999999.0123456789ab.tmp`, '{"mod');
      writeFileSync(`${out}/.tokens-01234567-89ab-4cde-8f01-23456789abcd.tmp`, '');
      // where the signal comes late, it is a run already
      const isRun = existsSync(`${out}/run.json`);
      doneOf(await (isRun ? resume(out) : fettle(trainArgs(workspace, out, ...HARD))));
      expectTheSame(out);
    },
  );

  it('says so when no checkpoint can be read', async () => {
    const out = workspace.at('all-damaged');
    doneOf(await fettle(trainArgs(workspace, out, '--max-steps', '2')));
    const folder = workspace.at('all-damaged', 'checkpoints');
    for (const name of readdirSync(folder)) truncateSync(`${folder}/${name}`, 100);
    const { code, events } = await resume(out);
    expect(code).not.toBe(0);
    expect(events.at(-1)).toMatchObject({ event: 'error', code: 'checkpoint-damaged' });
  });

  it('begins again when it has no checkpoint yet', async () => {
    const out = workspace.at('young');
    const args = HARD.with(HARD.indexOf('--save-every-steps') + 1, '1000');
    const run = startFettle(trainArgs(workspace, out, ...args));
    await run.event(isStep(6));
    await killed(run);
    expect(readdirSync(workspace.at('young', 'checkpoints')).join()).not.toContain('step-');
    doneOf(await resume(out));
    expectTheSame(out);
  });

  it('ends its engine when only the command is killed, and can go on at once', async () => {
    // on a busy computer a run may have ended, and given its folder away, before its eighth step is heard of here
    const begun = async (trial: number): Promise<{ out: string; engine: number }> => {
      const out = workspace.at(`orphan-${trial}`);
      const run = startFettle(trainArgs(workspace, out, ...HARD));
      await run.event(isStep(8));
      const lock = workspace.at(`orphan-${trial}`, '.lock');
      const [engine] = existsSync(lock) ? readFileSync(lock, 'utf8').split(' ') : [];
      if (engine === undefined && trial < 5) return await begun(trial + 1);
      expect(Number(engine)).not.toBe(run.child.pid);
      run.child.kill('SIGKILL');
      return { out, engine: Number(engine) };
    };
    const { out, engine } = await begun(1);
    const ended = await resume(out);
    doneOf(ended);
    expectTheSame(out);
    // the orphan has not quietly trained to the end before it gave the folder away
    const start = ended.events.find((event) => event.event === 'start');
    expect(start?.event === 'start' && start.stepsDone).toBeLessThan(whole.steps);
    expect(isRunning(engine)).toBe(false);
  });
});

onPosix('a run with moments in 8 bits', () => {
  it('goes on to the same numbers, and only with moments like them', async () => {
    const usual = [...HARD, '--max-steps', '24'];
    const packed = [...usual, '--optimizer', 'adamw-8bit'];
    const calm = workspace.at('packed-calm');
    const out = workspace.at('packed');
    const { heldOutLoss } = doneOf(await goingOn(trainArgs(workspace, calm, ...packed), calm, 13, out));
    const plain = workspace.at('packed-plain');
    const { heldOutLoss: expected } = doneOf(await fettle(trainArgs(workspace, plain, ...usual)));
    expect(numbersOf(calm)).not.toEqual(numbersOf(plain));
    expect(Math.abs(heldOutLoss! / expected! - 1)).toBeLessThan(0.05);

    const other = await resume(out, '--optimizer', 'adamw');
    expect(other.events.at(-1)).toMatchObject({ event: 'error', code: 'resume-mismatch' });
    doneOf(await resume(out));
    expect(numbersOf(out)).toEqual(numbersOf(calm));
    expect(adapterOf(out).equals(adapterOf(calm))).toBe(true);
  });
});

onPosix('a run with all weights in 16 bits', () => {
  it('goes on to the same numbers, and only with weights like them', async () => {
    const usual = [
      '--method',
      'full',
      '--learning-rate',
      '1e-3',
      '--max-steps',
      '12',
      '--save-every-steps',
      '1',
    ];
    const halved = [...usual, '--master-bits', '16', '--optimizer', 'adamw-8bit', '--stay-close', '1'];
    const fullArgs = (out: string, ...more: string[]) => {
      const args = trainArgs(workspace, out, ...more);
      return args.toSpliced(args.indexOf('--rank'), 2);
    };
    const calm = workspace.at('halved-calm');
    const out = workspace.at('halved');
    const { heldOutLoss } = doneOf(await goingOn(fullArgs(calm, ...halved), calm, 6, out));
    const plain = workspace.at('halved-plain');
    const { heldOutLoss: expected } = doneOf(await fettle(fullArgs(plain, ...usual)));
    expect(numbersOf(calm)).not.toEqual(numbersOf(plain));
    expect(Math.abs(heldOutLoss! / expected! - 1)).toBeLessThan(0.05);

    const other = await resume(out, '--master-bits', '32');
    expect(other.events.at(-1)).toMatchObject({ event: 'error', code: 'resume-mismatch' });
    doneOf(await resume(out));
    expect(numbersOf(out)).toEqual(numbersOf(calm));
    const model = (run: string) => readFileSync(`${run}/model/model.safetensors`);
    expect(model(out).equals(model(calm))).toBe(true);
  });
});

onPosix('a run with general rows and a pull back to its beginning', () => {
  it('goes on to the same numbers from its checkpoint, wherever the general rows lie by then', async () => {
    const general = writeRows(workspace.at('general.jsonl'), tinyRows(20, 9));
    const remedies = [...HARD, '--replay', '0.25', '--stay-close', '20'];
    const calm = workspace.at('calm');
    const out = workspace.at('remedies');
    const args = trainArgs(workspace, calm, ...remedies, '--replay-data', general);
    doneOf(await goingOn(args, calm, 15, out));
    expect(numbersOf(calm)).not.toEqual(whole.numbers);

    const moved = workspace.at('moved.jsonl');
    renameSync(general, moved);
    doneOf(await resume(out, '--replay-data', moved));
    expect(numbersOf(out)).toEqual(numbersOf(calm));
    expect(adapterOf(out).equals(adapterOf(calm))).toBe(true);

    // the same file with other rows is another run
    writeRows(moved, tinyRows(20, 10));
    const other = await resume(out, '--replay-data', moved, '--epochs', '5');
    expect(other.events.at(-1)).toMatchObject({ event: 'error', code: 'resume-mismatch' });
  });
});

onPosix('a run that an older Node has handed to the Node beside Fettle', () => {
  it('ends, engine included, when that older one is killed', async () => {
    const out = workspace.at('handed');
    const child = spawn(process.execPath, [BIN, ...trainArgs(workspace, out, ...HARD)], {
      env: { ...process.env, FETTLE_NODE_CHECKED: '1' },
      stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    });
    while (!String((await once(child.stdout!, 'data'))[0]).includes('"step"'));
    const engine = Number.parseInt(readFileSync(workspace.at('handed', '.lock'), 'utf8'), 10);
    child.disconnect();
    await once(child, 'exit');
    await expect.poll(() => isRunning(engine)).toBe(false);
    doneOf(await resume(out));
    expectTheSame(out);
  });
});

onPosix('a run whose engine is ended by the system', () => {
  it('says what that usually means, and goes on to the same numbers', async () => {
    const out = workspace.at('no-memory');
    const run = startFettle(trainArgs(workspace, out, ...HARD, '--no-rescue'));
    await run.event(isStep(4));
    process.kill(Number.parseInt(readFileSync(workspace.at('no-memory', '.lock'), 'utf8'), 10), 'SIGKILL');
    const { code, events } = await run.ended;
    expect(code).toBe(KILLED === 'out-of-memory' ? 5 : 1);
    expect(events.at(-1)).toMatchObject({
      event: 'error',
      code: KILLED,
      hint: expect.stringContaining('--resume'),
    });
    doneOf(await resume(out));
    expectTheSame(out);
  });
});

onPosix('a run that was asked to stop', () => {
  // that any step will do, the first one included, stop-points.test.ts shows
  it('saves, ends with 130 and goes on to the same numbers', async () => {
    const out = workspace.at('stopped');
    const run = startFettle(trainArgs(workspace, out, ...HARD));
    await run.event(isStep(5));
    run.signalAll('SIGINT');
    const { code, events, err } = await run.ended;
    expect(code).toBe(130);
    expect(err).toContain('Finishing this step');
    const stopped = events.at(-1)!;
    expect(stopped).toMatchObject({ event: 'stopped', steps: whole.steps });
    if (stopped.event !== 'stopped') return;
    expect(stopped.resume).toBe(`fettle train --out ${out} --resume`);
    expect(readFileSync(stopped.checkpoint).length).toBeGreaterThan(1000);
    doneOf(await fettle([...stopped.resume.split(' ').slice(1), '--json']));
    expectTheSame(out);
  });

  it('ends at once at the second interrupt, and its engine with it', async () => {
    const out = workspace.at('twice');
    // one step of 3,000 rows on the slow executor takes minutes, so the first interrupt cannot end it within the test
    const rows = writeRows(workspace.at('many.jsonl'), tinyRows(3000));
    const long = ['--executor', 'reference', '--gradient-accumulation', '3000'];
    const run = startFettle(trainArgs({ ...workspace, data: rows }, out, ...long));
    await run.event(isPhase('compile'));
    const engine = Number.parseInt(readFileSync(workspace.at('twice', '.lock'), 'utf8'), 10);
    // an impatient person, since a press that is heard right after the first one counts as the same
    const presses = setInterval(() => run.signalAll('SIGINT'), 100);
    const { code, events } = await run.ended.finally(() => clearInterval(presses));
    expect(code).toBe(130);
    expect(events.map(({ event }) => event)).not.toContain('stopped');
    await expect.poll(() => isRunning(engine)).toBe(false);
  });

  it.each(['load', 'tokenize'])(
    'leaves a folder that can be used again when it is stopped in %s',
    async (phase) => {
      const out = workspace.at(`early-${phase}`);
      const run = startFettle(trainArgs(workspace, out, '--max-steps', '5000'));
      await run.event(isPhase(phase));
      run.signalAll('SIGINT');
      const { code, events } = await run.ended;
      expect(code).toBe(130);
      const end = events.at(-1)!;
      // where the signal comes late, a first step may have been taken
      if (end.event === 'stopped') doneOf(await resume(out, '--max-steps', String(end.step + 1)));
      else {
        expect(end).toMatchObject({ event: 'error', code: 'stopped' });
        doneOf(await fettle(trainArgs(workspace, out, '--max-steps', '2')));
      }
    },
  );
});

function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z';
  } catch {
    return false;
  }
}
