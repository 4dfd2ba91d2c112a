/** A target behind a shell: files go through its standard input and output, a job is a folder with a log. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { resourcesFolder } from '../paths.ts';
import { rename } from '../rename.ts';
import { factsOf, factsScript, missingPython } from './facts.ts';
import { contentOf, receive } from './files.ts';
import { Frames } from './frames.ts';
import type { Scheduler } from './schedulers.ts';
import { quoted, type Shell, shellOf, sshCaller } from './shell.ts';
import type {
  Fetching,
  FileToSend,
  Following,
  Job,
  Load,
  Sending,
  Target,
  TargetFacts,
  TargetSpec,
  Wish,
} from './target.ts';

export class ShellTarget implements Target {
  readonly spec: TargetSpec;
  readonly #shell: Shell;
  readonly #scheduler: Scheduler;

  /** The target that `spec` describes, whose jobs `scheduler` starts. */
  constructor(spec: TargetSpec, scheduler: Scheduler, shell: Shell = shellOf(spec.name, sshCaller(spec))) {
    this.spec = spec;
    this.#shell = shell;
    this.#scheduler = scheduler;
  }

  async test(signal?: AbortSignal): Promise<TargetFacts> {
    const python = this.spec.python ?? `${await this.#venv()}/bin/python`;
    const { program } = this.#scheduler;
    const asked = factsScript(quoted(python), quoted(this.spec.folder), program?.name ?? null);
    const printed = await this.#shell(asked, { signal });
    return factsOf(printed, [missingPython(this.spec), ...(program ? [program.missing] : [])]);
  }

  async send(loads: readonly Load[], { onBytes, signal }: Sending): Promise<void> {
    const sizeOf = async ({ file }: FileToSend) => (await stat(file)).size;
    const sizes = await Promise.all(loads.map(({ files }) => Promise.all(files.map(sizeOf))));
    const total = sizes.flat().reduce((sum, size) => sum + size, 0);
    let before = 0;
    for (const [i, load] of loads.entries()) {
      await this.#sendLoad(load, sizes[i]!, { onBytes: (done) => onBytes(before + done, total), signal });
      before += sizes[i]!.reduce((sum, size) => sum + size, 0);
    }
  }

  /** One file that was broken off continues. */
  async #sendLoad(
    { folder, files }: Load,
    sizes: readonly number[],
    { onBytes, signal }: { onBytes(done: number): void; readonly signal: AbortSignal | undefined },
  ): Promise<void> {
    const at = this.#at(folder);
    const names = files.flatMap(({ name }) => [name, `${name}.part`]).map(quoted);
    const folders = [...new Set(files.map(({ name }) => path.posix.dirname(name)))].map(quoted);
    const script = `mkdir -p ${at} && cd ${at} && mkdir -p ${folders.join(' ')} && for f in ${names.join(' ')}; do if [ -f "$f" ]; then wc -c < "$f"; else echo -1; fi; done`;
    const there = (await this.#shell(script, { signal })).trim().split(/\s+/).map(Number);
    let done = 0;
    for (const [i, { file, name }] of files.entries()) {
      const [whole, part] = [there[2 * i]!, there[2 * i + 1]!];
      const size = sizes[i]!;
      if (whole !== size) {
        const from = part > 0 && part <= size ? part : 0;
        const before = done + from;
        const partly = quoted(`${name}.part`);
        // a connection that is cut looks like the end of the file from there
        const write = `cd ${at} && cat ${from > 0 ? '>>' : '>'} ${partly} && [ "$(wc -c < ${partly})" -eq ${size} ] && mv ${partly} ${quoted(name)}`;
        const input = contentOf(file, (bytes) => onBytes(before + bytes), from);
        await this.#shell(write, { input, signal });
      }
      done += size;
      onBytes(done);
    }
  }

  async start({ folder, model }: Job, signal?: AbortSignal): Promise<void> {
    const { start, job, state } = this.#scheduler;
    const python = this.spec.python ?? (await this.#makePython(signal));
    const link = model === null ? ':' : `rm -rf model && ln -s "$HOME_FOLDER"/${quoted(model)} model`;
    const script = [
      `HOME_FOLDER=$(cd ${quoted(this.spec.folder)} && pwd)`,
      `cd ${this.#at(folder)} && mkdir -p out`,
      // where the answer to an earlier start was lost, the job is there
      's=',
      `[ -f exit ] || s=$(${state}) || true`,
      '[ -z "$s" ] || exit 0',
      'rm -f exit out/STOP out/FINISH out/failed',
      // what earlier jobs have said
      '[ ! -f log.txt ] || { cat log.txt >> earlier.txt && rm log.txt; }',
      link,
      `printf '%s\\n' ${quoted(job(python))} > job.sh`,
      start,
    ].join('\n');
    await this.#shell(`set -e\n${script}`, { signal });
  }

  async follow({ folder }: Job, offset: number, on: Following, signal: AbortSignal): Promise<void> {
    const { state, pause } = this.#scheduler;
    const script = [
      `cd ${this.#at(folder)} || exit 3`,
      `o=${offset}`,
      'while :; do',
      `  if [ -f exit ]; then s=; else s=$(${state}); fi`,
      // the last lines may come a moment after the end where disks are shared
      `  [ -n "$s" ] || [ -f exit ] || sleep ${pause}`,
      '  b=0; [ -f log.txt ] && b=$(wc -c < log.txt)',
      '  n=$((b-o))',
      '  [ -n "$s" ] && t=$s || t=ENDED',
      // what fills the disk can't say so in a log on it
      '  [ -n "$s" ] || { head -c 65536 /dev/zero > .room; } 2> /dev/null || t=FULL; rm -f .room',
      '  echo "# $n $t $(cat exit 2> /dev/null)"',
      '  if [ "$n" -gt 0 ]; then tail -c +$((o+1)) log.txt | head -c "$n"; o=$b; fi',
      '  [ -n "$s" ] || exit 0',
      `  sleep ${pause}`,
      'done',
    ].join('\n');
    await this.#shell(script, { output: new Frames(on), signal });
  }

  async ask({ folder }: Job, wish: Wish): Promise<void> {
    await this.#shell(
      `cd ${this.#at(folder)} && mkdir -p out && touch out/${wish} && { ${this.#scheduler.leaveQueue}; }`,
    );
  }

  async fetch({ folder }: Job, name: string, to: string, how: Fetching): Promise<void> {
    const { onBytes, signal, bytes: most } = how;
    const part = `${to}.part`;
    const there = (await stat(part).catch(() => null))?.size ?? 0;
    // one that is longer is of another file
    const start = there <= most ? there : 0;
    const script = `cd ${this.#at(folder)} && tail -c +${start + 1} ${quoted(name)}`;
    const give = (output: Writable) => this.#shell(script, { output, signal });
    const tell = (bytes: number) => onBytes(bytes, 0);
    await receive(part, { onBytes: tell, from: this.spec.name, most, start }, give);
    await rename(part, to);
  }

  #at(folder: string): string {
    return quoted(`${this.spec.folder}/${folder}`);
  }

  /** The folder of the Python that is made there, by what belongs in it. */
  async #venv(): Promise<string> {
    const wanted = createHash('sha256')
      .update(await readFile(requirementsFile()))
      .digest('hex');
    return `${this.spec.folder}/python-${wanted.slice(0, 12)}`;
  }

  /** Makes a Python with what is needed, once; gives its path there. */
  async #makePython(signal?: AbortSignal): Promise<string> {
    const venv = quoted(await this.#venv());
    const script = [
      'set -e',
      `mkdir -p ${quoted(this.spec.folder)}`,
      // where a connection was cut, an earlier try may still be at it
      `if command -v flock > /dev/null; then exec 9> ${venv}.lock; flock 9; fi`,
      `if [ ! -f ${venv}/complete ]; then`,
      `  if command -v uv > /dev/null; then uv venv -q --clear ${venv}; else python3 -m venv --clear ${venv}; fi`,
      '  r=$(mktemp) && cat > "$r"',
      `  if command -v uv > /dev/null; then uv pip install -q --python ${venv}/bin/python -r "$r" >&2;`,
      `  else ${venv}/bin/python -m pip install -q -r "$r" >&2; fi`,
      `  rm -f "$r" && touch ${venv}/complete`,
      'fi',
      `cd ${venv}/bin && echo "$PWD/python"`,
    ].join('\n');
    return (await this.#shell(script, { input: createReadStream(requirementsFile()), signal })).trim();
  }
}

export const requirementsFile = () => path.join(resourcesFolder(), 'cluster', 'requirements.txt');
