import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Changes } from '../../../main/changes.ts';
import { TUNING } from '../../../main/hub/connection.ts';
import { Speed } from '../../../main/hub/download/list-entry.ts';
import {
  bytesHere,
  newRecord,
  PartFile,
  RECORD,
  type RecordedFile,
  rangesOf,
  readRecord,
  writeRecord,
} from '../../../main/hub/download/record.ts';
import { inParallel } from '../../../main/hub/download/transfer.ts';
import { Passing, retryAfter, withRetries } from '../../../main/hub/hub-errors.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-part-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const file = (bytes: number, rangeBytes: number): RecordedFile => ({
  path: 'a',
  bytes,
  hash: { kind: 'sha256', value: '0'.repeat(64) },
  checked: false,
  ranges: rangesOf(bytes, rangeBytes),
});

describe('a record', () => {
  const plan = {
    repo: 'a/b',
    revision: '1'.repeat(40),
    licence: null,
    gguf: null,
    files: [file(100, 0.5)].slice(0, 0),
  };

  it('cuts a file without a hole', () => {
    expect(rangesOf(0, 10)).toEqual([]);
    expect(rangesOf(25, 10).map(({ start, end }) => [start, end])).toEqual([
      [0, 10],
      [10, 20],
      [20, 25],
    ]);
  });

  it('comes back as it was written', async () => {
    const record = newRecord({ ...plan, files: [file(100, 40)] }, 40);
    record.files[0]!.ranges[1]!.done = 7;
    await writeRecord(folder, JSON.stringify(record));
    expect(await readRecord(folder)).toEqual(record);
    expect(bytesHere(record)).toBe(7);
    expect(fs.readdirSync(folder)).toEqual([RECORD]);
  });

  it.each([
    ['no JSON', 'oops'],
    ['another version', '{"version": 2}'],
    [
      'a hole',
      JSON.stringify({
        ...newRecord({ ...plan, files: [file(100, 100)] }, 40),
        files: [{ ...file(100, 40), ranges: rangesOf(60, 40) }],
      }),
    ],
    [
      'a path out of the folder',
      JSON.stringify({ version: 1, ...plan, files: [{ ...file(1, 1), path: '../a' }] }),
    ],
  ])('with %s is none', async (_, text) => {
    fs.writeFileSync(path.join(folder, RECORD), text);
    expect(await readRecord(folder)).toBeNull();
  });
});

describe('a part file', () => {
  it('is believed only where its bytes are those of the record', async () => {
    const at = path.join(folder, 'a.part');
    const bytes = Buffer.from('0123456789abcdefghij');
    const described = file(20, 5);
    let part = await PartFile.open(at, described, false);
    for (const [index, range] of described.ranges.entries())
      await part.append(range, bytes.subarray(index * 5, index * 5 + (index === 3 ? 2 : 5)));
    await part.close();
    expect(described.ranges.map(({ done }) => done)).toEqual([5, 5, 5, 2]);
    expect(described.ranges[0]!.crc).toBe(crc32('01234'));
    const handle = fs.openSync(at, 'r+');
    fs.writeSync(handle, 'X', 7);
    fs.closeSync(handle);
    part = await PartFile.open(at, described, false);
    await part.close();
    expect(described.ranges.map(({ done }) => done)).toEqual([5, 0, 5, 2]);
  });

  it('does not follow a link', async () => {
    fs.writeFileSync(path.join(folder, 'other'), 'precious');
    fs.symlinkSync(path.join(folder, 'other'), path.join(folder, 'a.part'));
    const described = file(4, 4);
    const part = await PartFile.open(path.join(folder, 'a.part'), described, false);
    await part.append(described.ranges[0]!, Buffer.from('data'));
    await part.close();
    expect(fs.readFileSync(path.join(folder, 'other'), 'utf8')).toBe('precious');
  });
});

describe('trying again', () => {
  const options = { tuning: { ...TUNING, tries: 3, backOffMs: 0 }, giveUp: () => new Error('given up') };

  it('ends after so many failures in a row', async () => {
    let calls = 0;
    const attempt = async () => {
      calls++;
      throw new Passing('busy');
    };
    await expect(withRetries(attempt, options)).rejects.toThrow('given up');
    expect(calls).toBe(3);
  });

  it('counts anew where something was reached', async () => {
    let calls = 0;
    const attempt = async () => {
      if (++calls < 10) throw new TypeError('terminated');
      return 'done';
    };
    expect(await withRetries(attempt, { ...options, reached: () => calls })).toBe('done');
  });

  it('does not hide what will not pass', async () => {
    let calls = 0;
    const attempt = async () => {
      calls++;
      throw Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' });
    };
    await expect(withRetries(attempt, options)).rejects.toThrow('no space');
    expect(calls).toBe(1);
  });

  it('reads seconds and dates of Retry-After, within reason', () => {
    expect([retryAfter('3'), retryAfter(null), retryAfter('soon'), retryAfter('99999')]).toEqual([
      3000,
      null,
      null,
      600_000,
    ]);
    expect(retryAfter('Wed, 21 Oct 2015 07:28:05 GMT', Date.parse('2015-10-21T07:28:00Z'))).toBe(5000);
  });
});

describe('work side by side', () => {
  it('never has more than so many at once, and does all', async () => {
    let [now, most, done] = [0, 0, 0];
    await inParallel([1, 2, 3, 4, 5, 6, 7], 3, new AbortController().signal, async () => {
      most = Math.max(most, ++now);
      await new Promise(setImmediate);
      now--;
      done++;
    });
    expect([most, done, now]).toEqual([3, 7, 0]);
  });

  it('stops the others at the first failure, which comes out', async () => {
    const seen: number[] = [];
    const work = inParallel([1, 2, 3, 4, 5, 6], 2, new AbortController().signal, async (item, signal) => {
      seen.push(item);
      if (item === 1) throw new Error('first');
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    });
    await expect(work).rejects.toThrow('first');
    expect(seen).toEqual([1, 2]);
  });
});

describe('speed', () => {
  it('is what came in the last seconds', () => {
    const speed = new Speed();
    expect(speed.perSecond(0)).toBeNull();
    for (let second = 0; second <= 20; second++)
      speed.note(second < 10 ? 0 : (second - 10) * 500, second * 1000);
    expect(speed.perSecond(20_000)).toBe(500);
    speed.note(10, 21_000);
    expect(speed.perSecond(21_000)).toBeNull();
  });
});

describe('changes', () => {
  it('that come while someone looks are not missed', async () => {
    const changes = new Changes();
    let value = 0;
    const seen: number[] = [];
    for await (const now of changes.watch(() => value, 0)) {
      seen.push(now);
      if (now === 3) break;
      value++;
      changes.tell();
    }
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  it('end with the signal', async () => {
    const stop = new AbortController();
    const watch = new Changes().watch(() => 1, 0, stop.signal);
    expect((await watch.next()).value).toBe(1);
    const next = watch.next();
    stop.abort();
    expect((await next).done).toBe(true);
  });
});
