/**
 * Which index of Python packages this computer uses: many reach the Python Package Index only through a mirror, and pip is where
 * that is written down. pip itself need not be there.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const PYPI = 'https://pypi.org/simple';

type Env = Readonly<Record<string, string | undefined>>;

/** The address of the index, without a slash at its end: what the environment says, else pip's files, else the Python Package Index. */
export function pipIndex(env: Env = process.env, files: readonly string[] = pipFiles(env)): string {
  const said = env.PIP_INDEX_URL ?? files.map(indexIn).find((address) => address !== null) ?? PYPI;
  return said.trim().replace(/\/+$/, '');
}

/** pip's configuration files under Linux, the strongest first. */
function pipFiles(env: Env): string[] {
  const home = env.HOME ?? os.homedir();
  return [
    env.PIP_CONFIG_FILE,
    env.VIRTUAL_ENV && path.join(env.VIRTUAL_ENV, 'pip.conf'),
    path.join(env.XDG_CONFIG_HOME ?? path.join(home, '.config'), 'pip', 'pip.conf'),
    path.join(home, '.pip', 'pip.conf'),
    ...(env.XDG_CONFIG_DIRS ?? '/etc/xdg').split(':').map((folder) => path.join(folder, 'pip', 'pip.conf')),
    '/etc/pip.conf',
  ].filter((file): file is string => Boolean(file));
}

/** What a file says for downloads, else for everything; null where it says nothing or is not there. */
function indexIn(file: string): string | null {
  const found: Record<string, string> = {};
  let section = '';
  for (const line of textOf(file).split('\n')) {
    section = /^\s*\[(\w+)\]/.exec(line)?.[1] ?? section;
    const value = /^\s*index[-_]url\s*[=:]\s*(\S+)/.exec(line)?.[1];
    if (value !== undefined) found[section] = value;
  }
  return found.download ?? found.install ?? found.global ?? null;
}

function textOf(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
