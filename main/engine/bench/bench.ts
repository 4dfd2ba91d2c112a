/** The benchmark: in 10 to 20 seconds what a training will meet on this computer (docs/benchmark.md). */
import { AppError } from '../../../common/errors.ts';
import type { BenchProgress, DeviceRates, MeasuredRates } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { DEVICES, openExecutor } from '../exec/registry.ts';
import { DeviceBench, type Item } from './device.ts';
import { type DiskRate, diskRate } from './disk.ts';

interface BenchRequest {
  readonly threads: number;
  /** A device that is measured besides the processor. */
  readonly device?: string;
  /** A temporary file is written here, on the disk whose speed counts, and removed. */
  readonly folder: string;
}

interface BenchIo {
  onProgress(progress: BenchProgress): void;
  readonly stop: AbortSignal;
}

const DISK_SECONDS = 1.5;
/** So much behind its time, the benchmark repeats everything less often. */
const LATE_SECONDS = 5;
const HURRIED = 0.2;

/** Measures processor, device, memory and disk. Throws the reason of `io.stop` soon after it is aborted. */
export async function bench(
  { threads, folder, device: also = 'cpu' }: BenchRequest,
  io: BenchIo,
): Promise<MeasuredRates> {
  const known = DEVICES.map(({ device }): string => device);
  if (!known.includes(also)) {
    const message = `There is no device "${also}" to measure.`;
    throw new AppError('bad-usage', message, `There are: ${known.join(', ')}.`);
  }
  const devices: DeviceBench[] = [];
  for (const { device, executor } of DEVICES.filter((row) => row.device === 'cpu' || row.device === also))
    devices.push(
      new DeviceBench(await openExecutor(executor, { threads, device }), { device, threads }, folder),
    );
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
