/** With what an assessment was made, so that two of them can be compared. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { resourcesFolder } from '../../../paths.ts';

/** Versions of Fettle, Node and the packages that compute and split text. */
export async function versionsOf(): Promise<Record<string, string>> {
  const manifest = await readFile(path.join(resourcesFolder(), '..', 'package.json'), 'utf8').catch(
    () => '{}',
  );
  const { version = 'unknown', dependencies = {} } = JSON.parse(manifest) as {
    version?: string;
    dependencies?: Record<string, string>;
  };
  const used = ['onnxruntime-node', '@huggingface/tokenizers'];
  const packages = used.flatMap((name) => (dependencies[name] ? [[name, dependencies[name]] as const] : []));
  return { fettle: version, node: process.versions.node, ...Object.fromEntries(packages) };
}
