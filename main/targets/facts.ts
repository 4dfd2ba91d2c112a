/** What a target has, as its test tells: cards, memory, disk, and the packages that a training needs. */

import { say } from '../../common/words/language.ts';
import { marks } from '../../common/words/marks.ts';
import type { TargetFacts, TargetSpec } from './target.ts';

export const NEEDED = [
  'torch',
  'transformers',
  'trl',
  'peft',
  'accelerate',
  'datasets',
  'safetensors',
  'bitsandbytes',
];
/** Without it QLoRA alone is missing. */
const OPTIONAL = 'bitsandbytes';

/** Prints a line `name<TAB>value` for each fact; nothing is changed there. `program`: one that has to be there, too. */
export const factsScript = (python: string, folder: string, program: string | null): string =>
  [
    'nvidia-smi --query-gpu=name,memory.total --format=csv,noheader,nounits 2> /dev/null | awk \'{ print "card\\t" $0 }\'',
    'printf "cores\\t%s\\n" "$(getconf _NPROCESSORS_ONLN)"',
    `[ -r /proc/meminfo ] && awk '/^MemTotal/ { printf "memory\\t%s\\n", $2 }' /proc/meminfo`,
    // of the nearest folder above it that exists
    `d=${folder}; while [ ! -d "$d" ]; do d=$(dirname "$d"); done; df -Pk "$d" | awk 'NR == 2 { printf "disk\\t%s\\n", $4 }'`,
    `command -v ${python} > /dev/null && printf "python\\t%s\\n" "$(${python} -c 'import platform; print(platform.python_version())')"`,
    'command -v uv > /dev/null && printf "uv\\tyes\\n"',
    `python3 -c 'import venv, ensurepip, platform; print("venv\\t" + platform.python_version())' 2> /dev/null`,
    program ? `command -v ${program} > /dev/null && printf "program\\tyes\\n"` : ':',
    `command -v ${python} > /dev/null && ${python} -c '
from importlib.metadata import PackageNotFoundError, version
for name in ${JSON.stringify(NEEDED).replaceAll("'", '')}:
    try:
        print("package\\t" + name + "\\t" + version(name))
    except PackageNotFoundError:
        pass'`,
    ':',
  ].join('\n');

/** What has to be known to say what is missing. */
export interface ProbeOutput {
  readonly packages: TargetFacts['packages'];
  /** What the script told of something else; null where it told nothing. */
  readonly lineOf: (name: string) => string | null;
}

/** Says what is missing and how to get it; null where it is there. */
export type ProbeCheck = (found: ProbeOutput) => string | null;

export function factsOf(
  printed: string,
  checks: readonly ProbeCheck[],
  needed: readonly string[] = NEEDED,
): TargetFacts {
  const lines = printed.split('\n').map((line) => line.split('\t'));
  const lineOf = (name: string) => lines.find(([key]) => key === name)?.[1] ?? null;
  const numberOf = (name: string) => figureOf(lineOf(name));
  const versions = new Map(
    lines.flatMap(([key, name, version]) => (key === 'package' ? [[name!, version!]] : [])),
  );
  const packages = Object.fromEntries(needed.map((name) => [name, versions.get(name) ?? null]));
  const cards = lines.flatMap(([key, card = '']) => {
    const [name, megabytes] = card.split(',').map((part) => part.trim());
    return key === 'card' ? [{ name: name!, bytes: (figureOf(megabytes) ?? 0) * 2 ** 20 }] : [];
  });
  const kilobytes = (name: string) => (numberOf(name) === null ? null : numberOf(name)! * 1024);
  return {
    cards,
    cores: numberOf('cores') ?? 0,
    memoryBytes: kilobytes('memory'),
    freeDiskBytes: kilobytes('disk'),
    python: lineOf('python'),
    packages,
    missing: checks.flatMap((check) => check({ packages, lineOf }) ?? []),
  };
}

/** A count, or null where something else was printed. */
function figureOf(text: string | null | undefined): number | null {
  return /^\d{1,15}$/.test(text ?? '') ? Number(text) : null;
}

/** Packages that are needed and not there. */
export const lacking = ({ packages }: ProbeOutput): string[] =>
  NEEDED.filter((name) => name !== OPTIONAL && packages[name] === null);

/** The Python that the person names has to have everything; another one is made there. */
export const missingPython =
  ({ python }: TargetSpec): ProbeCheck =>
  (found) => {
    const names = lacking(found).join(marks().comma);
    if (names === '' || (python === null && (found.lineOf('uv') ?? found.lineOf('venv')))) return null;
    return python === null
      ? say`There is no Python that can make an environment. Install uv, or Python 3.11 with venv.`
      : say`The Python there lacks ${names}. Install them, or let Fettle make a Python of its own.`;
  };
