/** Stands for Python with on_ray.py where neither is: the same actions in the home folder, with fake-torchrun.ts as the training. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [, , , action, folder = '', ...rest] = process.argv;
const home = process.env.HOME!;
const at = path.join(home, folder);
const tell = (...values: (string | number)[]) => process.stdout.write(`${values.join('\t')}\n`);

const ACTIONS: Readonly<Record<string, () => void>> = {
  facts() {
    tell('card', 'NVIDIA H100, 81559');
    tell('cores', 8);
    tell('memory', 1024);
    tell('disk', 2048);
    tell('python', '3.12.1');
    tell('gpus', 1);
    tell('cpus', 8);
    tell('apart', 2);
    for (const name of JSON.parse(readFileSync('wanted.json', 'utf8')) as string[])
      if (name !== 'trl') tell('package', name, '1.0');
  },
  has() {
    for (const [name, bytes] of JSON.parse(readFileSync('wanted.json', 'utf8')) as [string, number][]) {
      const file = path.join(at, name);
      if (!existsSync(file) || statSync(file).size !== bytes) tell('missing', name);
    }
  },
  put: () => cpSync('files', at, { recursive: true }),
  ask: () => writeFileSync(path.join(at, 'out', rest[0]!), ''),
  train() {
    const [, id = ''] = rest;
    mkdirSync(path.join(at, 'out'), { recursive: true });
    symlinkSync(at, path.join(home, 'logs', id));
    const training = path.join(import.meta.dirname, '../../helpers/fake-torchrun.ts');
    const { status } = spawnSync(process.execPath, [training], { cwd: at, stdio: 'inherit' });
    process.exitCode = status ?? 1;
  },
};

ACTIONS[action!]!();
