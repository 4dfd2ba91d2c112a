/** The recorder of connections sees what any library does, and strange ones fail a test. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { outward, recordingEnv, requireListed } from '../helpers/sockets.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** Runs `program` in a process whose connections are recorded; gives the file. */
function recorded(name: string, program: string): string {
  const file = path.join(folder, name);
  spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, ...recordingEnv(file) },
  });
  return file;
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
