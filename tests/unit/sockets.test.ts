/** The recorder of connections sees what any library does, and strange ones fail a test. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { READS_ONLY } from '../../main/runs/fork.ts';
import { outward, recordingEnv, requireListed, watchedPrograms } from '../helpers/sockets.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const FORK = path.join(import.meta.dirname, '../../main/runs/fork.ts');

/** Runs `program` in a process whose connections are recorded, to the file of that name. */
function run(name: string, program: string, options: readonly string[] = []) {
  return spawnSync(process.execPath, [...options, '--input-type=module', '-e', program], {
    env: { ...process.env, ...recordingEnv(path.join(folder, name)) },
    encoding: 'utf8',
  });
}

/** The same; gives the file. */
function recorded(name: string, program: string): string {
  run(name, program);
  return path.join(folder, name);
}

it.each([
  [
    'fetch',
    "await fetch('http://192.0.2.1:8080/', { signal: AbortSignal.timeout(50) }).catch(() => {})",
    '192.0.2.1',
  ],
  [
    'net',
    "import net from 'node:net'; net.connect(9, '192.0.2.2').on('error', () => {}).destroy()",
    '192.0.2.2',
  ],
  ['dns', "import dns from 'node:dns'; dns.lookup('evil.invalid', () => {})", 'evil.invalid'],
  [
    'datagrams',
    "import d from 'node:dgram'; const s = d.createSocket('udp4'); s.send('x', 9, '192.0.2.3', () => s.close())",
    '192.0.2.3',
  ],
])('sees %s', (name, program, host) => {
  const file = recorded(name, program);
  expect(outward(file).map((one) => one.host)).toContain(host);
  expect(() => requireListed(file)).toThrow(host);
});

it('takes connections on this computer, and to what is listed', () => {
  const here = recorded(
    'here',
    "import net from 'node:net'; net.connect(9, '127.0.0.1').on('error', () => {})",
  );
  expect(outward(here)).toEqual([]);
  const listed = recorded('listed', "import dns from 'node:dns'; dns.lookup('huggingface.co', () => {})");
  expect(outward(listed)).toHaveLength(1);
  expect(() => requireListed(listed)).not.toThrow();
});

it('watches engines too', () => {
  const file = recorded(
    'engine',
    `import { readFileSync } from 'node:fs';
     import { setTimeout as sleep } from 'node:timers/promises';
     import { forkChild } from ${JSON.stringify(FORK)};
     forkChild();
     while (!readFileSync(process.env.FETTLE_SOCKETS, 'utf8').includes('entry.ts')) await sleep(20);
     process.exit();`,
  );
  expect(watchedPrograms(file)).toContain('entry.ts');
});

it('lets no process connect that cannot record it', () => {
  const program = "import net from 'node:net'; net.connect(9, '192.0.2.4').on('error', () => {})";
  const { status, stderr } = run('reader', program, READS_ONLY);
  expect(status).not.toBe(0);
  expect(stderr).toContain('ERR_ACCESS_DENIED');
});

it('complains where nobody has watched', () => {
  expect(() => requireListed(path.join(folder, 'nothing'))).toThrow('No process');
});
