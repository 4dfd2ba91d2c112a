/** Files that clients upload: kept in a folder, each under a number of its own, with what is known of it beside. */
import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync, type ReadStream } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parsedJson } from '../../../common/values.ts';
import { makeFolder } from '../../folders.ts';
import { Refusal } from './wire.ts';

export interface FileObject {
  readonly id: string;
  readonly object: 'file';
  readonly bytes: number;
  readonly created_at: number;
  readonly filename: string;
  readonly purpose: string;
  readonly status: 'processed';
}

/** An upload is held in memory for a moment. */
export const MOST_UPLOAD = 200e6;

export const seconds = () => Math.floor(Date.now() / 1000);

export class Uploads {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    makeFolder(folder);
  }

  async add(file: File, purpose: string): Promise<FileObject> {
    if (purpose !== 'fine-tune')
      throw new Refusal(400, 'invalid_purpose', 'Files are for tuning here. Set purpose to fine-tune.');
    const id = `file-${randomBytes(12).toString('hex')}`;
    const known: FileObject = {
      id,
      object: 'file',
      bytes: file.size,
      created_at: seconds(),
      filename: path.basename(file.name).slice(0, 200),
      purpose,
      status: 'processed',
    };
    await writeFile(this.pathOf(id), Buffer.from(await file.arrayBuffer()), { flag: 'wx' });
    await writeFile(this.#about(id), JSON.stringify(known), { flag: 'wx' });
    return known;
  }

  async list(): Promise<FileObject[]> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith('.json'));
    const all = await Promise.all(names.map((name) => this.find(name.slice(0, -'.json'.length))));
    return all.sort((a, b) => b.created_at - a.created_at);
  }

  async find(id: string): Promise<FileObject> {
    const known = ID.test(id) && existsSync(this.#about(id));
    if (known) return parsedJson(await readFile(this.#about(id), 'utf8')) as FileObject;
    throw new Refusal(404, 'not_found', `There is no file ${id.slice(0, 60)}.`);
  }

  async content(id: string): Promise<ReadStream> {
    return createReadStream(this.pathOf((await this.find(id)).id));
  }

  async remove(id: string): Promise<void> {
    await this.find(id);
    await rm(this.#about(id));
    await rm(this.pathOf(id), { force: true });
  }

  /** Where the rows are; only of an id that was found. */
  pathOf(id: string): string {
    return path.join(this.#folder, `${id}.jsonl`);
  }

  #about(id: string): string {
    return path.join(this.#folder, `${id}.json`);
  }
}

const ID = /^file-[0-9a-f]{24}$/;
