/** What Linux tells of the processor in /proc/cpuinfo: cores, and the extensions that decide how fast a training is. */

export interface CpuFacts {
  readonly name: string | null;
  /** Null where cores are not told apart from threads, as on ARM and in some virtual machines. */
  readonly physicalCores: number | null;
  readonly logicalCores: number;
  readonly extensions: readonly string[];
  /** Whether the processor says that it is one of a virtual machine. */
  readonly isVirtual: boolean;
}

/** Flags of the kernel, of macOS and of Windows, and the usual name of what they stand for; in the order in which they are shown. */
const EXTENSIONS: readonly (readonly [string, RegExp])[] = [
  ['AVX2', /^avx2$/],
  ['FMA', /^fma$/],
  ['AVX-VNNI', /^avx_vnni$/],
  ['AVX-512', /^avx512_?f$/],
  ['AVX-512 VNNI', /^avx512_?vnni$/],
  ['AVX-512 BF16', /^avx512_?bf16$/],
  ['AVX-512 FP16', /^avx512_?fp16$/],
  ['AMX', /^amx_(int8|bf16)$/],
  ['NEON', /^(asimd|neon|advsimd)$/],
  ['dot product', /^(asimddp|feat_dotprod)$/],
  ['I8MM', /^(i8mm|feat_i8mm)$/],
  ['BF16', /^(bf16|feat_bf16)$/],
  ['SVE', /^sve$/],
  ['SVE2', /^sve2$/],
  ['SME', /^(sme|feat_sme)$/],
];

/** Names of the extensions among `flags` that matter for training. */
export function extensionsIn(flags: readonly string[]): readonly string[] {
  const lower = flags.map((flag) => flag.toLowerCase().replace(/^.*\./, ''));
  return EXTENSIONS.filter(([, pattern]) => lower.some((flag) => pattern.test(flag))).map(([name]) => name);
}

/** Reads /proc/cpuinfo; null where it has no processor in it. */
export function readCpuinfo(text: string): CpuFacts | null {
  const blocks = text
    .split(/\n\s*\n/)
    .map(linesOf)
    .filter((lines) => lines.has('processor'));
  const first = blocks[0];
  if (!first) return null;
  const cores = new Set(
    blocks.map((lines) => lines.get('core id') && `${lines.get('physical id')}/${lines.get('core id')}`),
  );
  const flags = (first.get('flags') ?? first.get('features') ?? '').split(/\s+/);
  return {
    name: first.get('model name') ?? null,
    physicalCores: cores.has(undefined) ? null : cores.size,
    logicalCores: blocks.length,
    extensions: extensionsIn(flags),
    isVirtual: flags.includes('hypervisor'),
  };
}

function linesOf(block: string): ReadonlyMap<string, string> {
  const pairs = [...block.matchAll(/^([\w ]+?)\s*:[ \t]*(.*?)\s*$/gm)];
  return new Map(pairs.map(([, key, value]) => [key!.toLowerCase(), value!]));
}
