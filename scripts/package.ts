/**
 * `npm run package`: builds everything and packs the desktop app for this system with electron-builder.yml. `--dir` stops at the
 * unpacked folder, `--target deb` makes that package alone; `--electron-dist FOLDER` uses Electron's program from there instead of
 * downloading it.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build, Platform } from 'electron-builder';

const root = path.resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    dir: { type: 'boolean', default: false },
    target: { type: 'string', multiple: true },
    'electron-dist': { type: 'string' },
    out: { type: 'string', default: path.join(root, 'out') },
    build: { type: 'boolean', default: true },
  },
  allowNegative: true,
});

if (values.build) await import('./build.ts');
const electronDist = values['electron-dist'];
// GitHub's runners name the repository that the release belongs to
const [owner, repo] = (process.env.GITHUB_REPOSITORY ?? '').split('/');
await build({
  projectDir: root,
  ...(values.target ? { targets: Platform.current().createTarget(values.target) } : { dir: values.dir }),
  publish: 'never',
  config: {
    directories: { output: path.resolve(values.out) },
    ...(electronDist !== undefined && { electronDist: path.resolve(electronDist) }),
    ...(owner && repo && { publish: { provider: 'github', owner, repo, releaseType: 'draft' } }),
  },
});
console.log(`Packed into ${path.resolve(values.out)}`);
