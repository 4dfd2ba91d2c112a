import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { openLog, withoutSecrets } from '../../main/log.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

describe('the log', () => {
  it('keeps a failure in full under its reference, with its causes', () => {
    const log = openLog(() => path.join(folder, 'logs'));
    const reference = log.failure('runs.get', new Error('outer', { cause: new Error('inner') }));
    const text = readFileSync(log.file, 'utf8');
    expect(text).toContain(`[${reference}] runs.get: Error: outer`);
    expect(text).toContain('log.test.ts');
    expect(text).toContain('caused by Error: inner');
    expect(statSync(log.file).mode & 0o077).toBe(0);
  });

  it('keeps the details of a problem, and nothing of one without; with FETTLE_DEBUG the terminal has them, too', () => {
    const log = openLog(() => path.join(folder, 'problems'));
    const plain = { code: 'a', message: 'Refused.', hint: '' };
    expect(log.problem('a job', plain)).toBe(plain);
    expect(existsSync(log.file)).toBe(false);
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    log.problem('a job', { message: 'It broke.', details: 'at x.ts:1:2' });
    expect(write).not.toHaveBeenCalled();
    vi.stubEnv('FETTLE_DEBUG', '1');
    log.problem('a job', { message: 'It broke again.', details: 'at x.ts:3:4' });
    log.failure('a call', new Error('outer'));
    const said = write.mock.calls.join('');
    write.mockRestore();
    vi.unstubAllEnvs();
    expect(said).toContain('a job: It broke again.\nat x.ts:3:4');
    expect(said).toContain('a call: Error: outer');
    expect(readFileSync(log.file, 'utf8')).toMatch(/It broke\.\nat x\.ts:1:2[\s\S]*It broke again\./);
  });

  it('is put aside when it is full, and the oldest goes', () => {
    const logs = path.join(folder, 'full');
    const log = openLog(() => logs, { mostBytes: 10 });
    for (let i = 1; i <= 6; i++) log.note(`line ${i} is long enough`);
    expect(readdirSync(logs).sort()).toEqual(['fettle.log', 'fettle.log.1', 'fettle.log.2', 'fettle.log.3']);
    expect(readFileSync(log.file, 'utf8')).toContain('line 6');
    expect(readFileSync(`${log.file}.3`, 'utf8')).toContain('line 3');
  });

  it('does not fail where it cannot write', () => {
    writeFileSync(path.join(folder, 'file'), '');
    const log = openLog(() => path.join(folder, 'file', 'logs'));
    expect(log.failure('anything', new Error('x'))).toMatch(/^[0-9a-f]{6}$/);
  });
});

describe('withoutSecrets', () => {
  it.each([
    ['401 with hf_abcdefghijklmnop', '401 with hf_…'],
    ['authorization: Bearer abcdefgh12345', 'authorization: … …'],
    ['http://me:pass@proxy:80/x', 'http://…@proxy:80/x'],
    ['/#token=abc-DEF_1 opened', '/#token=… opened'],
    ['{"hubToken":"abc"}', '{"hubToken":"…"}'],
    ['cookie: fettle-80=abc; other', 'cookie: …; other'],
    ['2,048 tokens: 31 of them', '2,048 tokens: 31 of them'],
  ])('%s', (text, clean) => {
    expect(withoutSecrets(text)).toBe(clean);
  });
});
