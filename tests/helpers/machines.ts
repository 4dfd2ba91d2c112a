/** Replays a machine of tests/fixtures/hardware: its commands, files and packages answer from there instead of from this computer. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { NodeFacts, Ran, SystemSource, World } from '../../main/hardware/probe/world.ts';

const FOLDER = path.resolve(import.meta.dirname, '../fixtures/hardware');

interface Recorded {
  readonly about: string;
  readonly platform: string;
  readonly arch: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly node: NodeFacts;
  readonly freeDisk: number;
  readonly packages: Readonly<Record<string, string>>;
  /** Answers by function; {"throws": message} fails. */
  readonly systeminformation: Readonly<Record<string, unknown>>;
  /** By the beginning of the command with its arguments; what is not here is not installed. */
  readonly commands: Readonly<Record<string, RecordedCommand>>;
  /** Texts by path, or the name of the file beside machine.json that holds it. */
  readonly files: Readonly<Record<string, string | { readonly from: string }>>;
  readonly links: Readonly<Record<string, string>>;
}

interface RecordedCommand {
  /** The name of the file with what it prints. */
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
  readonly hangs?: boolean;
}

/** A machine that answers, the folder whose disk counts on it, and what must be found. */
export interface Machine {
  readonly name: string;
  readonly about: string;
  readonly folder: string;
  readonly world: World;
  /** Commands that were run, in order. */
  readonly asked: readonly string[];
  readonly expected: unknown;
}

/** Names of all recorded machines. */
export const MACHINES: readonly string[] = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

/** The recorded machine called `name`. */
export function machine(name: string): Machine {
  const text = (file: string) => readFileSync(path.join(FOLDER, name, file), 'utf8');
  const recorded = JSON.parse(text('machine.json')) as Recorded;
  const asked: string[] = [];
  const { about, folder, platform, arch, env, node } = recorded;
  const world: World = {
    ...{ platform, arch, env, node },
    system: systemOf(recorded.systeminformation),
    run: async (command, args) => {
      asked.push([command, ...args].join(' '));
      return ranOf(recorded.commands, [command, ...args].join(' '), text);
    },
    read: async (file) => {
      const content = recorded.files[file];
      return content === undefined ? null : typeof content === 'string' ? content : text(content.from);
    },
    list: async (place) => namesIn(Object.keys({ ...recorded.files, ...recorded.links }), place),
    link: async (file) => recorded.links[file] ?? null,
    freeDisk: async () => recorded.freeDisk,
    nodeCommand: 'node',
    packageFolder: (wanted) => recorded.packages[wanted] ?? null,
    platformPack: async () => (`${platform}-${arch}` === 'linux-x64' ? 'absent' : null),
  };
  return { name, about, folder, world, asked, expected: JSON.parse(text('expected.json')) };
}

function systemOf(answers: Recorded['systeminformation']): SystemSource {
  const give = (name: string) => async () => {
    const answer = answers[name] as { throws?: string } | null | undefined;
    if (typeof answer === 'object' && answer?.throws !== undefined) throw new Error(answer.throws);
    return answer ?? {};
  };
  return {
    cpu: give('cpu'),
    mem: give('mem'),
    graphics: give('graphics'),
    battery: give('battery'),
    osInfo: give('osInfo'),
  };
}

function ranOf(commands: Recorded['commands'], line: string, text: (file: string) => string): Ran {
  const keys = Object.keys(commands).filter((key) => line.startsWith(key));
  const best = keys.sort((a, b) => b.length - a.length)[0];
  const found = best === undefined ? undefined : commands[best];
  if (!found) return { kind: 'missing' };
  if (found.hangs) return { kind: 'timed-out' };
  const { stdout, stderr = '', code = 0 } = found;
  return { kind: 'done', code, stdout: stdout === undefined ? '' : text(stdout), stderr };
}

function namesIn(paths: readonly string[], folder: string): string[] {
  const start = folder.endsWith('/') ? folder : `${folder}/`;
  const below = paths.filter((one) => one.startsWith(start));
  return [...new Set(below.map((one) => one.slice(start.length).split('/')[0]!))].filter(
    (name) => name !== '..',
  );
}
