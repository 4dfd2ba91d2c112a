import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import { causeIn } from '../../../main/targets/explain.ts';
import { fetchResult } from '../../../main/targets/files.ts';
import { Follower } from '../../../main/targets/follower.ts';
import { newPlace } from '../../../main/targets/place.ts';
import { ShellTarget } from '../../../main/targets/remote.ts';
import { plain, slurm } from '../../../main/targets/schedulers.ts';
import { quoted, type Shell, shellOf } from '../../../main/targets/shell.ts';
import { USUAL_TARGET } from '../../helpers/far-away.ts';
import { openFiles, TELLS_OPEN_FILES } from '../../helpers/open-files.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const at = (...names: string[]) => path.join(folder, ...names);
const shell: Shell = shellOf('far', (script) => ['sh', ['-c', `cd ${quoted(folder)} && ${script}`]]);

describe.skipIf(process.platform === 'win32')('a target', () => {
  it('keeps what arrived of a file before the connection was cut, and continues it', async () => {
    const sent = Buffer.from('what is sent, in two parts');
    writeFileSync(at('file'), sent);
    let received = Buffer.alloc(0);
    const cut: Shell = async (script, io) => {
      if (!io?.input) return await shell(script, io);
      await shell(script, { input: Readable.from([sent.subarray(0, 9)]) }).catch(() => {});
      throw new AppError('target-unreachable', 'it was cut', '');
    };
    const watched: Shell = async (script, io) => {
      if (!io?.input) return await shell(script, io);
      received = Buffer.concat(await io.input.toArray());
      return await shell(script, { input: Readable.from([received]) });
    };
    const files = [{ file: at('file'), name: 'there' }];
    const spec = { ...USUAL_TARGET, folder: 'far' };
    const send = (through: Shell) =>
      new ShellTarget(spec, plain(spec), through).send([{ folder: 'run', files }], { onBytes: () => {} });
    await expect(send(cut)).rejects.toMatchObject({ code: 'target-unreachable' });
    expect(readFileSync(at('far', 'run', 'there.part'))).toEqual(sent.subarray(0, 9));
    await send(watched);
    expect(received).toEqual(sent.subarray(9));
    expect(readFileSync(at('far', 'run', 'there'))).toEqual(sent);
  });
});

describe.skipIf(process.platform === 'win32')('files on their way', () => {
  const spec = { ...USUAL_TARGET, folder: '.' };
  const job = { folder: '.', model: null } as never;
  /** A connection that gives or takes the first bytes, and then nothing. */
  const stuck = shellOf('far', () => ['sh', ['-c', 'echo begun; exec sleep 60']]);

  it.runIf(TELLS_OPEN_FILES)('are closed where the connection is cut', async () => {
    const [file, to] = [at('large'), at('fetched')];
    writeFileSync(file, Buffer.alloc(2_000_000));
    const cut = async (work: (signal: AbortSignal, onBytes: () => void) => Promise<void>) => {
      const stop = new AbortController();
      await expect(work(stop.signal, () => stop.abort())).rejects.toMatchObject({ name: 'AbortError' });
    };
    await cut((signal, onBytes) =>
      new ShellTarget(spec, plain(spec), stuck).fetch(job, 'x', to, { onBytes, signal, bytes: 100 }),
    );
    const asked: Shell = (script, io) => (io?.input ? stuck(script, io) : Promise.resolve('-1 -1'));
    const load = { folder: 'there', files: [{ file, name: 'large' }] };
    await cut((signal, onBytes) =>
      new ShellTarget(spec, plain(spec), asked).send([load], { onBytes, signal }),
    );
    await expect.poll(() => openFiles(folder)).toEqual([]);
  });

  it('say what the disk here refuses, and not that nobody can be reached', async () => {
    writeFileSync(at('no-folder'), 'a file');
    const to = at('no-folder', 'fetched');
    const target = new ShellTarget(spec, plain(spec), shell);
    await expect(target.fetch(job, 'no-folder', to, { onBytes: () => {}, bytes: 100 })).rejects.toMatchObject(
      {
        code: 'path-unusable',
      },
    );
  });
});

describe('a result', () => {
  const spec = { ...USUAL_TARGET, name: 'far', folder: '.' };
  const job = { folder: '.', model: null } as never;
  const target = new ShellTarget(spec, plain(spec), shell);
  const tooMuch = { code: 'target-damaged', message: expect.stringContaining('far sends more') };

  it('of more bytes than were announced is ended, and leaves nothing', async () => {
    // it never ends: who waits for all of it waits for ever
    const endless = shellOf('far', () => ['sh', ['-c', 'exec cat /dev/zero']]);
    const to = at('result', 'adapter.safetensors');
    mkdirSync(at('result'), { recursive: true });
    let most = 0;
    const fetching = new ShellTarget(spec, plain(spec), endless).fetch(job, 'x', to, {
      onBytes: (bytes) => {
        most = Math.max(most, bytes);
      },
      bytes: 200_000,
    });
    await expect(fetching).rejects.toMatchObject(tooMuch);
    expect(most).toBeLessThanOrEqual(200_000);
    expect(readdirSync(at('result'))).toEqual([]);
  });

  it('that is announced is fetched, also after a break', async () => {
    writeFileSync(at('whole'), 'all of it');
    for (const part of ['all', 'a longer one of another run']) {
      writeFileSync(at('fetched.part'), part);
      await target.fetch(job, 'whole', at('fetched'), { onBytes: () => {}, bytes: 9 });
      expect(readFileSync(at('fetched'), 'utf8')).toBe('all of it');
    }
  });

  it('that a run can’t have produced is not begun', async () => {
    const line = { files: { 'adapter.safetensors': { bytes: 5e9, sha256: '0'.repeat(64) } } } as never;
    const asked: string[] = [];
    const fetching = fetchResult(line, at('adapter'), {
      from: 'far',
      most: 300e6,
      fetch: async (name) => void asked.push(name),
      onFraction: () => {},
    });
    await expect(fetching).rejects.toMatchObject(tooMuch);
    expect(asked).toEqual([]);
    expect(existsSync(at('adapter'))).toBe(false);
  });
});

describe('the log of a job', () => {
  it('adds no more than the run has steps, evaluations and prompts', () => {
    const place = { ...newPlace('lab', null), start: { event: 'start', steps: 10 } as never };
    mkdirSync(at('run'), { recursive: true });
    const events: EngineEvent[] = [];
    const follower = new Follower(at('run'), place, (event) => events.push(event));
    const figures = { epoch: 1, gradNorm: 1, learningRate: 1, tokens: 1, tokensPerSecond: 1, stepMs: 1 };
    const tell = (line: object) => follower.read(Buffer.from(`@fettle ${JSON.stringify(line)}\n`));
    for (let step = 1; step <= 200; step++) {
      tell({ event: 'step', step, steps: 10, loss: 1, ...figures, rssBytes: 1, secondsLeft: null });
      tell({ event: 'eval', step, loss: 1, perplexity: 1, labelledTokens: 1, best: true });
      tell({ event: 'checkpoint', step, path: 'x', bytes: 1 });
      tell({ event: 'begin', stepsDone: 0, device: 'x', processes: 1, torch: 'x' });
    }
    for (let i = 0; i < 200; i++) tell({ event: 'sample', step: 10, prompt: `p${i}`, text: 'x' });
    const count = (kind: string) => events.filter(({ event }) => event === kind).length;
    expect(['step', 'eval', 'checkpoint', 'sample'].map(count)).toEqual([10, 10, 10, 12]);
    expect(count('warning')).toBeLessThan(25);
  });
});

describe.skipIf(process.platform === 'win32')('the state of a job of Slurm', () => {
  it.each([
    ['echo RUNNING', 'RUNNING'],
    ['true', ''],
    ['echo "slurm_load_jobs error: Invalid job id specified" >&2; false', ''],
    ['echo "slurm_load_jobs error: Unable to contact slurm controller" >&2; false', 'UNKNOWN'],
  ])('where squeue is %s', async (squeue, expected) => {
    mkdirSync(at('bin'), { recursive: true });
    writeFileSync(at('bin', 'squeue'), `#!/bin/sh\n${squeue}\n`);
    chmodSync(at('bin', 'squeue'), 0o755);
    writeFileSync(at('job'), '7;cluster\n');
    const { state } = slurm({ ...USUAL_TARGET, kind: 'slurm' });
    const asked = await shell(`PATH=${quoted(at('bin'))}:$PATH; s=$(${state}); echo "$s"`);
    expect(asked.trim()).toBe(expected);
  });
});

describe('what is asked of Slurm', () => {
  const asked = (more: object) => slurm({ ...USUAL_TARGET, kind: 'slurm', ...more }).job('python');

  it('has main memory where that is said', () => {
    expect(asked({ memory: 128 })).toContain('#SBATCH --mem=128G\n');
    expect(asked({})).not.toContain('--mem');
    // an older one, which does not say it
    expect(asked({ memory: undefined })).not.toContain('--mem');
  });

  it.each([
    [{}, 1],
    [{ gpus: 4, processes: null }, 4],
    [{ processes: 2 }, 2],
  ])('is a core for each process of %j, which computes with that one', (more, processes) => {
    const job = asked(more);
    expect(job).toContain(`#SBATCH --cpus-per-task=${processes}\n`);
    expect(job).toContain(`--nproc-per-node ${processes} `);
    expect(job).toContain('\nexport OMP_NUM_THREADS=1\n');
  });
});

describe('why Slurm ended a job', () => {
  it.each([
    [
      'slurmstepd-n1: error: *** STEP 1.0 ON n1 CANCELLED AT 2026-11-29T01:19:23 ***\nslurmstepd-n1: error: *** JOB 1 ON n1 CANCELLED AT 2026-11-29T01:19:23 ***\nFettle: told to end',
      'target-cancelled',
    ],
    ['slurmstepd-n1: error: *** STEP 1.0 ON n1 CANCELLED AT 2026-11-29T01:20:53 ***', 'target-preempted'],
    [
      'slurmstepd-n1: error: *** JOB 3 ON n1 CANCELLED AT 2026-11-29T01:23:47 DUE TO PREEMPTION ***',
      'target-preempted',
    ],
    [
      'slurmstepd-n1: error: *** JOB 6 ON n1 CANCELLED AT 2026-11-29T01:45:37 ***\nFettle: told to end',
      'target-time',
    ],
    [
      'slurmstepd-n1: error: *** JOB 4 ON n1 CANCELLED AT 2026-11-29T01:23:47 DUE TO TIME LIMIT ***',
      'target-time',
    ],
    ['a word of a library', undefined],
  ])('is found in %j', (text, code) => {
    expect(causeIn('far', text)?.code).toBe(code);
  });
});
