/** The command as it is started: exit codes, what goes to which stream, and that nothing else does. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fettle as here } from '../helpers/fettle.ts';

const BIN = fileURLToPath(new URL('../../bin/fettle.js', import.meta.url));
const PACKAGE = new URL('../../package.json', import.meta.url);

function fettle(...argv: string[]): { code: number | null; out: string; err: string } {
  const { NO_COLOR: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...argv], { encoding: 'utf8', env });
  return { code: status, out: stdout, err: stderr };
}

describe('fettle', () => {
  it.each([[[]], [['--help']], [['-h']], [['help']]])('shows the overview for %j', async (argv) => {
    const { code, out, err } = await here(argv);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('Usage: fettle COMMAND [flags]');
  });

  it('writes to the streams of its process what it says here', async () => {
    for (const argv of [['--help'], ['tran']]) {
      const { code, out, err } = await here(argv);
      expect(fettle(...argv)).toEqual({ code, out, err });
    }
  });

  it('shows a command with --help and with help', async () => {
    const { code, out } = await here(['train', '--help']);
    expect(code).toBe(0);
    expect(out).toContain('Usage: fettle train --model PATH --data FILE --out FOLDER [flags]');
    expect((await here(['help', 'train'])).out).toBe(out);
  });

  it('shows the version of package.json', () => {
    const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
    expect(fettle('--version')).toEqual({ code: 0, out: `fettle ${version}\n`, err: '' });
  });

  it('answers as well where its file is run as it is, as built ones may be', () => {
    const file = fileURLToPath(new URL('../../main/cli/cli.ts', import.meta.url));
    const { stdout } = spawnSync(process.execPath, [file, '--version'], { encoding: 'utf8' });
    expect(stdout).toMatch(/^fettle \d/);
  });

  it('says a name from outside on lines of its own message, in its own order and not at any length', async () => {
    const { err } = await here(['inspect', `a\u202eb\nerror: c${'x'.repeat(100_000)}`]);
    expect(err).not.toContain('\u202e');
    expect(err.match(/^error:/gm)).toHaveLength(1);
    expect(err.length).toBeLessThan(6000);
  });

  it('knows the commands that open the application', async () => {
    for (const command of ['start', 'serve']) {
      const { code, out } = await here([command, '--help']);
      expect([code, out.includes('--port'), out.includes('browser')]).toEqual([0, true, true]);
    }
  });

  it.each([
    [['tran'], 'There is no command "tran".\nDid you mean `fettle train`?'],
    [['finetune'], 'Did you mean `fettle train`?'],
    [['help', 'evla'], 'Did you mean `fettle eval`?'],
    [['--rank', 'train'], 'Write: fettle train --rank'],
    [['train', '--rnak', '3'], 'fettle train has no flag --rnak.\nDid you mean --rank?'],
    [['data', 'show', '--data', 'a.csv'], 'has no flag --data.\nWrite: fettle data show FILE… [flags].'],
    [['train', '--model', 'm'], '--data is missing'],
    [['generate', 'hello'], 'fettle generate does not know what to do with "hello".'],
    [['inspect'], 'PATH is missing.\nFor example: fettle inspect'],
  ])('refuses %j with exit code 2 and advice on stderr', async (argv, words) => {
    const { code, out, err } = await here(argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(words);
    expect(err).not.toContain('\u001b');
  });

  it('puts an error on stdout as one JSON line with --json', () => {
    const { code, out } = fettle(
      'train',
      '--json',
      '--rank',
      '0',
      '--model',
      'm',
      '--data',
      'd',
      '--out',
      'o',
    );
    expect(code).toBe(2);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(out)).toEqual({
      event: 'error',
      code: 'bad-config',
      message: '--rank must be a whole number from 1 to 4096; got 0.',
      hint: expect.stringContaining('fettle train --help'),
    });
  });

  it('ends quietly when nobody reads its output', async () => {
    const child = spawn(process.execPath, [BIN, 'train', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let err = '';
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    expect([await once(child, 'close'), err]).toEqual([[0, null], '']);
  });
});
