/** The benchmark: in 15 to 30 seconds what a training will meet on this computer (docs/benchmark.md). */

import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { BenchProgress, DeviceRates, MeasuredRates } from '../../../common/protocol/protocol.ts';
import { isMeasurable, MEASURABLE, measuredPlace } from '../../../common/settings/executors.ts';
import { say } from '../../../common/words/language.ts';
import { freeBytes } from '../../folders.ts';
import type { DeviceName } from '../exec/executor.ts';
import { openExecutor } from '../exec/registry.ts';
import { DeviceBench, type Item } from './device.ts';

interface BenchRequest {
  readonly threads: number;
  /** Of `MEASURABLE`: measured besides the processor. */
  readonly device?: string;
  /** A temporary file is written here, on the disk whose speed counts, and removed. */
  readonly folder: string;
}

interface BenchIo {
  onProgress(progress: BenchProgress): void;
  readonly stop: AbortSignal;
}

const PROCESSOR = { device: 'cpu', executor: 'ort' } as const;
const DISK_SECONDS = 1.5;
/** So much behind its time, the benchmark repeats everything less often. */
const LATE_SECONDS = 5;
const HURRIED = 0.2;

/** Measures processor, device, memory and disk. Throws the reason of `io.stop` soon after it is aborted. */
export async function bench(
  { threads, folder, device: also }: BenchRequest,
  io: BenchIo,
): Promise<MeasuredRates> {
  if (also !== undefined && !isMeasurable(also)) {
    const message = `There is no device "${also}" to measure.`;
    throw new AppError('bad-usage', message, `There are: ${MEASURABLE.join(', ')}.`);
  }
  const places = [PROCESSOR, ...(also === undefined ? [] : [measuredPlace(also)])];
  const devices: DeviceBench[] = [];
  for (const { device, executor } of places) {
    const opened = await openExecutor(executor, { threads, device: device as DeviceName });
    devices.push(new DeviceBench(opened, { device, threads }, folder));
  }
  let disk: DiskRate | null = null;
  const readDisk: Item = {
    doing: say`Reading from the disk`,
    seconds: DISK_SECONDS,
    async measure({ stop }) {
      disk = await diskRate(folder, stop);
    },
  };
  await measureAll([...devices.flatMap(({ items }) => items), readDisk], io);
  return withDisk(devices, disk);
}

/** One thing after the other; progress goes by the time that each is meant to take. */
async function measureAll(items: readonly Item[], { onProgress, stop }: BenchIo): Promise<void> {
  const all = items.reduce((sum, { seconds }) => sum + seconds, 0);
  const began = performance.now();
  let done = 0;
  for (const { doing, seconds, measure } of items) {
    stop.throwIfAborted();
    onProgress({ fraction: done / all, doing });
    const late = (performance.now() - began) / 1000 - done;
    await measure({ stop, patience: late > LATE_SECONDS ? HURRIED : 1 });
    done += seconds;
  }
  stop.throwIfAborted();
}

function withDisk(devices: readonly DeviceBench[], disk: DiskRate | null): MeasuredRates {
  return {
    devices: devices.map(({ rates }): DeviceRates => rates),
    memoryBytesPerSecond: devices[0]!.memoryBytesPerSecond,
    diskBytesPerSecond: disk?.bytesPerSecond ?? null,
    ...(disk && { diskReadFrom: disk.from, diskWrittenPerSecond: disk.writtenPerSecond }),
  };
}

/**
 * How fast the disk writes and reads a temporary file. Linux reads it past the system's cache (O_DIRECT) where the file system can;
 * elsewhere the figure of reading may be the cache's, and says so.
 */

const MIB = 2 ** 20;
const BLOCK = 8 * MIB;
const FILE_BYTES = 256 * MIB;
/** Below this nothing worth telling comes out. */
const LEAST_BYTES = 32 * MIB;
/** At most this share of what is free. */
const SHARE = 1 / 4;
/** A slow disk is not written and not read for longer than this. */
const WRITE_SECONDS = 3;
const READ_SECONDS = 2;
/** Reading past the cache needs memory aligned to pages: WebAssembly's is, Node's buffers may not be. */
const PAGE = 65_536;

/** Node has it; the types for Node's side of the program leave it out. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
};

const NAME = /^\.fettle-disk-[0-9a-f]{12}\.tmp$/;

interface DiskRate {
  readonly bytesPerSecond: number;
  readonly from: 'disk' | 'cache';
  /** Of writing, until the disk has it. */
  readonly writtenPerSecond: number;
}

/** The speed of the disk of `folder`; null without room for the file, or where it cannot be written. */
export async function diskRate(
  folder: string,
  stop: AbortSignal,
  mostBytes = FILE_BYTES,
): Promise<DiskRate | null> {
  const bytes = Math.min(mostBytes, (await freeBytes(folder).catch(() => 0)) * SHARE);
  if (bytes < Math.min(LEAST_BYTES, mostBytes)) return null;
  await removeOld(folder);
  const file = path.join(folder, `.fettle-disk-${randomBytes(6).toString('hex')}.tmp`);
  const block = Buffer.from(new WebAssembly.Memory({ initial: BLOCK / PAGE }).buffer);
  for (let i = 0; i < block.length; i += 4) block.writeInt32LE(Math.imul(i + 1, 2654435761) | 0, i);
  try {
    const writtenPerSecond = await write(file, block, Math.floor(bytes / BLOCK) * BLOCK, stop);
    const read = (await readPastCache(file, block, stop)) ?? (await readPlainly(file, block, stop));
    return { ...read, writtenPerSecond };
  } catch (error) {
    if (stop.aborted || (error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return null;
  } finally {
    await rm(file, { force: true }).catch(() => {});
  }
}

/** What a process that was killed has left behind. */
async function removeOld(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) if (NAME.test(name)) await rm(path.join(folder, name), { force: true });
}

async function write(file: string, block: Buffer, bytes: number, stop: AbortSignal): Promise<number> {
  const handle = await open(file, 'wx');
  const start = performance.now();
  try {
    const end = start + 1000 * WRITE_SECONDS;
    let done = 0;
    for (; done < bytes && (done === 0 || performance.now() < end); done += BLOCK) {
      stop.throwIfAborted();
      await handle.write(block, 0, BLOCK, done);
      await handle.datasync();
    }
    await handle.sync();
    return done / ((performance.now() - start) / 1000);
  } finally {
    await handle.close();
  }
}

type ReadRate = Omit<DiskRate, 'writtenPerSecond'>;

async function readPastCache(file: string, block: Buffer, stop: AbortSignal): Promise<ReadRate | null> {
  if (constants.O_DIRECT === undefined) return null;
  try {
    const bytesPerSecond = await readSpeed(
      await open(file, constants.O_RDONLY | constants.O_DIRECT),
      block,
      stop,
    );
    return { bytesPerSecond, from: 'disk' };
  } catch (error) {
    // file systems that cannot do it say so with this
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return null;
    throw error;
  }
}

async function readPlainly(file: string, block: Buffer, stop: AbortSignal): Promise<ReadRate> {
  return { bytesPerSecond: await readSpeed(await open(file, 'r'), block, stop), from: 'cache' };
}

async function readSpeed(handle: FileHandle, block: Buffer, stop: AbortSignal): Promise<number> {
  try {
    const start = performance.now();
    let done = 0;
    while (performance.now() - start < 1000 * READ_SECONDS) {
      stop.throwIfAborted();
      const { bytesRead } = await handle.read(block, 0, BLOCK, done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done / ((performance.now() - start) / 1000);
  } finally {
    await handle.close();
  }
}
