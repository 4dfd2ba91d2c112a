import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { quoted, type Shell, shellOf, sshCaller } from '../../../main/targets/shell.ts';
import { USUAL_TARGET } from '../../helpers/far-away.ts';

const here: Shell = shellOf('far', (script) => ['sh', ['-c', script]]);
const failing = (code: number, words: string) =>
  shellOf('far', () => ['sh', ['-c', `printf %s ${quoted(words)} >&2; exit ${code}`]])('true');

describe.skipIf(process.platform === 'win32')('a shell elsewhere', () => {
  it('keeps a word one word', async () => {
    const word = `it's "one" $HOME \\ word;\n&`;
    expect(await here(`printf %s ${quoted(word)}`)).toBe(word);
  });

  it('passes bytes on in both directions', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 0]);
    const output = new PassThrough();
    await here('cat', { input: Readable.from([bytes]), output });
    expect(Buffer.from(output.read())).toEqual(bytes);
  });

  it('asks nothing, trusts known hosts alone, and takes a host for no option', () => {
    const [program, args] = sshCaller({ ...USUAL_TARGET, port: 2222 })('echo it');
    expect(program).toBe('ssh');
    expect(args).toEqual(expect.arrayContaining(['BatchMode=yes', 'StrictHostKeyChecking=yes', '2222']));
    expect(args.slice(-3)).toEqual(['--', 'far.example', "sh -c 'echo it'"]);
  });

  it.each([
    [255, 'Host key verification failed.', 'target-unknown'],
    [255, 'me@far: Permission denied (publickey).', 'target-refused'],
    [255, 'ssh: connect to host far port 22: Connection refused', 'target-unreachable'],
    [255, 'something new', 'target-unreachable'],
    [1, 'cat: write error: No space left on device', 'target-disk-full'],
    [1, 'sbatch: error: Unable to contact slurm controller (connect failure)', 'target-unreachable'],
    [1, 'python3: not found', 'target-failed'],
  ])('explains what ended with %i and %s', async (code, words, expected) => {
    await expect(failing(code, words)).rejects.toMatchObject({ code: expected });
  });

  it('ends with the wish for it', async () => {
    const stop = new AbortController();
    const asked = here('sleep 60', { signal: stop.signal });
    stop.abort();
    await expect(asked).rejects.toThrow(/abort/i);
  });
});
