/** Commands that are missing, fail, hang or print without end, run for real. */
import { describe, expect, it } from 'vitest';
import { collect, timely } from '../../../main/hardware/collect.ts';
import { ask } from '../../../main/hardware/probe/answer.ts';
import { realWorld, runCommand } from '../../../main/hardware/probe/world.ts';
import { machine } from '../../helpers/machines.ts';

const node = (program: string, patienceMs = 20_000) =>
  runCommand(process.execPath, ['-e', program], patienceMs);

describe('runCommand', () => {
  it('gives output, errors and the exit code, in the plain English of programs', async () => {
    const ran = await node('console.log(process.env.LC_ALL); console.error("e"); process.exitCode = 3');
    expect(ran).toEqual({ kind: 'done', code: 3, stdout: 'C\n', stderr: 'e\n' });
  });

  it('says that a command is missing', async () => {
    expect(await runCommand('no-such-command-here', [], 1000)).toEqual({ kind: 'missing' });
  });

  it('ends one that never ends, though its child holds the pipes open', async () => {
    // the child keeps the pipes open, and both ignore a polite end
    const program = `process.on('SIGTERM', () => {}); require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {stdio: 'inherit'}); setInterval(() => {}, 1000)`;
    expect(await node(program, 700)).toEqual({ kind: 'timed-out' });
  });

  it('ends one that prints without end', async () => {
    const ran = await node(
      'const text = "x".repeat(1 << 20); const go = () => process.stdout.write(text, go); go()',
    );
    expect(ran).toMatchObject({ kind: 'failed' });
  });
});

describe('ask', () => {
  const question = {
    probe: 'tool',
    command: process.execPath,
    read: (text: string) => (text === 'ok' ? text : null),
  };

  it('takes what can be read even where the command complains', async () => {
    const args = ['-e', 'process.stdout.write("ok"); process.exitCode = 1'];
    expect(await ask(realWorld(), { ...question, args })).toEqual({ facts: 'ok', notes: [] });
  });

  it('quotes what cannot be read, without colours, and adds advice', async () => {
    const args = [
      '-e',
      'process.stdout.write("\\u001b[31mbad\\u001b[0m thing.\\nmore"); process.exitCode = 4',
    ];
    const answer = await ask(realWorld(), { ...question, args, advice: () => 'Do this.' });
    expect(answer.notes).toEqual([
      { probe: 'tool', kind: 'failed', message: 'tool ended with code 4: “bad thing”. Do this.' },
    ]);
  });
});

describe('collect', () => {
  it('waits for no source that hangs, and keeps what the others said', async () => {
    const { world, folder } = machine('rtx-2080');
    const never = new Promise<never>(() => {});
    const hanging = { ...world, list: () => never, system: { ...world.system, cpu: () => never } };
    const collected = await collect(hanging, folder, 200);
    expect(collected.nvidia.facts).toHaveLength(1);
    expect([collected.linuxCards, collected.siProcessor].map(({ notes }) => notes[0]?.kind)).toEqual([
      'timed-out',
      'timed-out',
    ]);
  });

  it('does not let systeminformation start nvidia-smi where that hangs', async () => {
    const { world, folder } = machine('nvidia-hangs');
    let started = false;
    const graphics = async () => {
      started = true;
    };
    await collect({ ...world, system: { ...world.system, graphics } }, folder);
    expect(started).toBe(false);
  });

  it('asks nvidia-smi again without a column that it does not know', async () => {
    const { world, folder, asked } = machine('gtx-1060');
    await collect(world, folder);
    const columns = asked
      .filter((line) => line.startsWith('nvidia-smi'))
      .map((line) => line.includes('compute_cap'));
    expect(columns).toEqual([true, false]);
  });
});

describe('timely', () => {
  it('makes a note of an error', async () => {
    const answer = await timely('files', () => Promise.reject(new Error('no way')), 1000);
    expect(answer.notes[0]).toMatchObject({ kind: 'failed', message: 'files could not be asked: no way.' });
  });
});
