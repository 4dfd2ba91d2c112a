/** Each parser on the awkward answers of its tool: old versions, missing values, other tongues, garbage. */
import { describe, expect, it } from 'vitest';
import { bytesIn, extensionsIn, jsonIn, numberIn, pciAddress } from '../../../main/hardware/probe/answer.ts';
import { mountOf, readCpuinfo, readMounts } from '../../../main/hardware/probe/linux.ts';
import { readProfiler, readSysctl, readVmStat } from '../../../main/hardware/probe/macos.ts';
import { nvidiaAdvice, readNvidiaSmi, readParts } from '../../../main/hardware/probe/nvidia-smi.ts';
import { readLspci, readVulkan } from '../../../main/hardware/probe/pci-and-vulkan.ts';
import { inWords, virtualMaker, wslIn } from '../../../main/hardware/probe/surroundings.ts';
import { readSiBattery, readSiGraphics } from '../../../main/hardware/probe/system-information.ts';
import {
  processorScript,
  readWindows,
  readWindowsProcessor,
  windowsScript,
} from '../../../main/hardware/probe/windows.ts';
import { readList, readXpuCard } from '../../../main/hardware/probe/xpu-smi.ts';
import { groupsIn } from '../../../main/processes.ts';

const MIB = 2 ** 20;

describe('values', () => {
  it.each([
    ['55.5 W', 55.5],
    ['170,25 W', 170.25],
    ['-3', -3],
    [7, 7],
    ['[N/A]', null],
    ['[Not Supported]', null],
    ['', null],
    [undefined, null],
    [Number.NaN, null],
  ])('numberIn(%j) is %j', (given, wanted) => expect(numberIn(given)).toBe(wanted));

  it.each([
    ['24564 MiB', 24564 * MIB],
    [{ value: 24560, unit: 'MB' }, 24560 * MIB],
    [{ value: 'N/A', unit: 'MB' }, null],
    ['4 GB', 4 * 2 ** 30],
    ['7 parsecs', null],
    ['-1 MiB', null],
  ])('bytesIn(%j) is %j', (given, wanted) => expect(bytesIn(given)).toBe(wanted));

  it('finds JSON between warnings, and throws where there is none', () => {
    expect(jsonIn('WARNING: [x] is low\n{"a": [1]}\nbye')).toEqual({ a: [1] });
    expect(jsonIn('[\n1]\n')).toEqual([1]);
    expect(() => jsonIn('WARNING: {nothing')).toThrow(SyntaxError);
  });

  it.each([
    ['00000000:0A:00.0', '0000:0a:00.0'],
    ['01:00.0', '0000:01:00.0'],
    ['0000000F:01:00.0', '000f:01:00.0'],
    ['GPU-1', null],
  ])('pciAddress(%j) is %j', (given, wanted) => expect(pciAddress(given)).toBe(wanted));
});

describe('nvidia-smi', () => {
  const head =
    'pci.bus_id, name, driver_version, memory.total [MiB], memory.free [MiB], power.limit [W], display_active';

  it('reads units, missing values and commas as decimal signs', () => {
    const [card] = readNvidiaSmi(
      `${head}\n00000000:01:00.0, RTX A6000, 470.1, 49140 MiB, [N/A], 299,50 W, [Not Supported]\n`,
    )!;
    expect(card).toMatchObject({
      address: '0000:01:00.0',
      name: 'NVIDIA RTX A6000',
      driver: '470.1',
      totalMemory: 49140 * MIB,
      freeMemory: null,
      powerLimitWatts: 299.5,
      drivesScreen: null,
      parts: null,
    });
  });

  it('passes over lines about a card that is lost, and knows an answer without cards', () => {
    const lost = 'Unable to determine the device handle for GPU0000:4A:00.0: Unknown Error';
    expect(
      readNvidiaSmi(`${lost}\n${head}\n00000000:01:00.0, X, 1, 1 MiB, 1 MiB, 1 W, Enabled\n${lost}\n`),
    ).toHaveLength(1);
    expect(readNvidiaSmi('No devices were found\n')).toEqual([]);
    expect(readNvidiaSmi('')).toBeNull();
    expect(
      readNvidiaSmi("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."),
    ).toBeNull();
  });

  it('reads the parts of divided cards', () => {
    expect(
      readParts('GPU 0: A (UUID: G)\n  MIG 1g.5gb      Device  0: (UUID: M)\nGPU 1: B (UUID: H)\n'),
    ).toEqual([['1g.5gb'], []]);
    expect(readParts('nothing')).toBeNull();
  });

  it.each([
    ["couldn't communicate with the NVIDIA driver", 'not loaded'],
    ['Failed to initialize NVML: Driver/library version mismatch', 'Restart the computer'],
    ['Failed to initialize NVML: Insufficient Permissions', 'may not use'],
    ['Unable to determine the device handle for GPU 0000:01:00.0: GPU is lost.', 'no longer answers'],
    ["NVIDIA-SMI couldn't find libnvidia-ml.so library", 'library is missing'],
  ])('knows what to do at "%s"', (said, words) => expect(nvidiaAdvice(said)).toContain(words));

  it('has no advice for what it does not know', () => expect(nvidiaAdvice('Segmentation fault')).toBeNull());
});

describe('xpu-smi', () => {
  it('leaves out virtual functions and takes tiles where there is no figure of the whole', () => {
    expect(
      readList({
        device_list: [
          { device_id: 0, function_type: 'Physical' },
          { device_id: 1, function_type: 'VF' },
        ],
      }),
    ).toHaveLength(1);
    expect(readList({ error: 'no device', errno: 24 })).toBeNull();
    const now = { tile_level: [{ data_list: [{ metrics_type: 'XPUM_STATS_MEMORY_USED', value: 1 }] }] };
    const card = readXpuCard(
      { device_id: 0, device_name: 'Intel(R) Max' },
      { memory_physical_size: '64.00 MiB' },
      now,
    );
    expect(card).toMatchObject({
      name: 'Intel Max',
      totalMemory: 64 * MIB,
      freeMemory: 63 * MIB,
      temperatureCelsius: null,
    });
  });
});

describe('vulkaninfo', () => {
  it('reads the version in its old form', () => {
    const text =
      'Devices:\n========\nGPU0:\n\tapiVersion         = 4206830 (1.3.238)\n\tvendorID           = 0x10de\n\tdeviceType         = PHYSICAL_DEVICE_TYPE_OTHER\n';
    expect(readVulkan(text)).toEqual([
      expect.objectContaining({ version: '1.3', vendorId: 0x10de, kind: 'other', driver: null }),
    ]);
  });

  it('knows an empty list from no list', () => {
    expect(readVulkan('Devices:\n========\n')).toEqual([]);
    expect(readVulkan('Cannot create Vulkan instance.')).toBeNull();
  });
});

describe('lspci', () => {
  it('names displays and nothing else', () => {
    const names = readLspci(
      '0000:01:00.0 "3D controller [0302]" "NVIDIA Corporation [10de]" "TU117M [1f9d]" -ra1 "" ""\n' +
        '0000:02:00.0 "Ethernet controller [0200]" "Realtek [10ec]" "RTL8111 [8168]" "" ""\n',
    );
    expect([...names!]).toEqual([['0000:01:00.0', 'NVIDIA TU117M']]);
    expect(readLspci('lspci: Unable to load libkmod resources')).toBeNull();
  });
});

describe('processor', () => {
  it('counts cores over sockets, and none where they are not told', () => {
    const two = [0, 1]
      .map((socket) => `processor\t: ${socket}\nphysical id\t: ${socket}\ncore id\t\t: 0\nflags\t\t: avx2`)
      .join('\n\n');
    expect(readCpuinfo(two)).toMatchObject({
      physicalCores: 2,
      logicalCores: 2,
      extensions: ['AVX2'],
      isVirtual: false,
    });
    expect(readCpuinfo('processor\t: 0\nFeatures\t: fp asimd sve\n')).toMatchObject({
      physicalCores: null,
      extensions: ['NEON', 'SVE'],
    });
    expect(readCpuinfo('')).toBeNull();
  });

  it('names extensions by the words of each system', () => {
    expect(extensionsIn(['avx512f', 'avx512_vnni', 'amx_int8'])).toEqual(['AVX-512', 'AVX-512 VNNI', 'AMX']);
    expect(extensionsIn(['AVX512F', 'AVX512VNNI'])).toEqual(['AVX-512', 'AVX-512 VNNI']);
    expect(extensionsIn(['hw.optional.arm.FEAT_SME', 'hw.optional.AdvSIMD'])).toEqual(['NEON', 'SME']);
  });
});

describe('limits and disks', () => {
  it('reads the groups of both versions', () => {
    expect([...groupsIn('4:cpu,cpuacct:/a\n0::/b\n')]).toEqual([
      ['cpu', '/a'],
      ['cpuacct', '/a'],
      ['', '/b'],
    ]);
  });

  it('finds the deepest mount of a folder, not one with a similar name', () => {
    const mounts = readMounts(
      '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:2 / /data rw shared:3 - xfs /dev/sdb1 rw\n3 1 0:5 / /my\\040disk rw - cifs //nas/x rw\n',
    );
    expect(mountOf(mounts, '/data/models')?.device).toBe('8:2');
    expect(mountOf(mounts, '/database')?.device).toBe('8:1');
    expect(mountOf(mounts, '/my disk/x')?.fileSystem).toBe('cifs');
    expect(mountOf([], '/')).toBeNull();
  });
});

describe('surroundings', () => {
  it.each([
    ['Linux version 4.4.0-19041-Microsoft (x)', 1],
    ['Linux version 5.15.90.1-microsoft-standard-WSL2 (x)', 2],
    ['Linux version 6.8.0-generic (x)', null],
  ])('%s is WSL %j', (banner, wanted) => expect(wslIn(banner)).toBe(wanted));

  it.each([
    ['Microsoft Corporation\nVirtual Machine', 'Hyper-V'],
    ['Microsoft Corporation\nSurface Laptop 5', null],
    ['innotek GmbH\nVirtualBox', 'VirtualBox'],
    ['Amazon EC2\nm5.metal', null],
    ['Amazon EC2\nm5.large', 'Amazon EC2'],
    ['Dell Inc.\nPowerEdge R650', null],
  ])('%j is a virtual machine of %j', (text, wanted) => expect(virtualMaker(text)).toBe(wanted));

  it('puts layers into words', () => {
    expect(inWords({ container: 'Docker', wsl: 2, virtual: null })).toBe('a container (Docker) in WSL 2');
    expect(inWords({ container: null, wsl: null, virtual: '' })).toBe('a virtual machine');
    expect(inWords({ container: null, wsl: null, virtual: null })).toBeNull();
  });
});

describe('Windows', () => {
  const answer = (cards: unknown, registry: unknown = []) =>
    JSON.stringify({ cards, registry, system: {}, media: '4' });
  const CARD = { Name: 'Card', PNPDeviceID: 'PCI\\VEN_1002&DEV_73BF&X', DriverVersion: '1' };

  it('believes the registry before the capped figure, and notes where the cap does not explain the difference', () => {
    const entry = { MatchingDeviceId: 'PCI\\VEN_1002&DEV_73BF', Memory: 17163091968 };
    expect(readWindows(answer([{ ...CARD, AdapterRAM: 4293918720 }], [entry]))?.cards[0]).toMatchObject({
      totalMemory: 17163091968,
      otherMemory: null,
    });
    const small = { ...entry, Memory: 2 * 2 ** 30 };
    expect(readWindows(answer([{ ...CARD, AdapterRAM: 2 ** 30 }], [small]))?.cards[0]).toMatchObject({
      totalMemory: 2 * 2 ** 30,
      otherMemory: 2 ** 30,
    });
    expect(readWindows(answer([{ ...CARD, AdapterRAM: 4293918720 }]))?.cards[0]).toMatchObject({
      totalMemory: null,
      otherMemory: null,
    });
  });

  it('reads one card that is not in a list, as older PowerShells write it', () => {
    expect(readWindows(answer({ ...CARD, AdapterRAM: 2 ** 30 }))?.cards).toHaveLength(1);
    expect(readWindows(answer([]))).toMatchObject({ cards: [], disk: 'ssd' });
    expect(readWindows('{"other": 1}')).toBeNull();
  });

  it('reads the extensions of the processor by the numbers of Windows', () => {
    const named = (said: object | string) => {
      const flags = readWindowsProcessor(typeof said === 'string' ? said : JSON.stringify(said));
      return flags && extensionsIn(flags);
    };
    expect(named({ features: [39, 40, 41], states: 393447 })).toEqual(['AVX2', 'AVX-512', 'AMX']);
    expect(named({ features: [39, 40], states: 7 })).toEqual(['AVX2']);
    expect(named({ features: [19, 43, 66, 68], states: null })).toEqual([
      'NEON',
      'dot product',
      'I8MM',
      'BF16',
    ]);
    // a processor without any is known to have none
    expect(named({ features: [], states: 3 })).toEqual([]);
    // its registers are there, but this Windows does not know the numbers yet
    expect(named({ features: [], states: 7 })).toBeNull();
    expect(named({ states: 7 })).toBeNull();
    expect(() => readWindowsProcessor('Add-Type : no')).toThrow(SyntaxError);
  });

  it('asks for all numbers that it can read', () => {
    const asked = /@\(([\d, ]+) \|/.exec(processorScript())?.[1]?.split(', ').map(Number) ?? [];
    expect(asked).toEqual(expect.arrayContaining([19, 39, 40, 41, 43, 46, 47, 66, 68, 70]));
    for (const feature of asked)
      expect(readWindowsProcessor(JSON.stringify({ features: [feature] }))).toHaveLength(1);
  });

  it('asks for the disk by its letter', () => expect(windowsScript('D')).toContain('-DriveLetter D |'));
});

describe('macOS', () => {
  it('does not count shared memory as the card’s own', () => {
    const text = JSON.stringify({
      SPDisplaysDataType: [{ sppci_model: 'Iris', spdisplays_vram_shared: '1536 MB' }],
    });
    expect(readProfiler(text)?.cards[0]).toMatchObject({ totalMemory: null, drivesScreen: false });
    expect(readProfiler('{}')).toBeNull();
  });

  it('reads sysctl and vm_stat, and gives nothing for other texts', () => {
    expect(readSysctl('hw.physicalcpu: 8\nsysctl.proc_translated: 1\n')).toMatchObject({
      physicalCores: 8,
      isTranslated: true,
      name: null,
    });
    expect(readSysctl('hw.memsize: 8\n')).toBeNull();
    expect(
      readVmStat(
        '(page size of 4096 bytes)\nPages free:   10.\nPages inactive:  5.\nPages speculative: 1.\n',
      ),
    ).toBe(16 * 4096);
    expect(readVmStat('Pages free: 10.')).toBeNull();
  });
});

describe('systeminformation', () => {
  it('takes empty values as unknown, and no size that Linux guessed', () => {
    expect(readSiBattery({ hasBattery: false })).toEqual({
      hasBattery: false,
      onBattery: null,
      batteryPercent: null,
    });
    expect(readSiBattery(null).hasBattery).toBeNull();
    const controllers = [{ model: 'Navi', vendor: 'AMD', vram: 256, busAddress: '03:00.0' }];
    expect(readSiGraphics({ controllers }, 'linux')[0]).toMatchObject({
      address: '0000:03:00.0',
      totalMemory: null,
    });
    expect(readSiGraphics({ controllers }, 'darwin')[0]?.totalMemory).toBe(256 * MIB);
  });
});
