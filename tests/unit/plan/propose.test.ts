import { describe, expect, it } from 'vitest';
import type { MethodPlan, PlanMethod, Proposal, Why } from '../../../common/api/contract.ts';
import { whyWords } from '../../../common/settings/reasons.ts';
import { COMFORTABLE_SHARE } from '../../../main/plan/peak-memory.ts';
import { METHODS, propose, proposeFor } from '../../../main/plan/propose.ts';
import type { Situation } from '../../../main/plan/situation.ts';
import { FAKE_CARD_TIMES, fakePeaks, fakePrice, profileOf, situationOf } from '../../helpers/fake-price.ts';

const MEMORIES = [4e9, 6e9, 8e9, 12e9, 16e9, 24e9, 32e9, 48e9, 64e9, 96e9, 128e9];
const MODELS = [4.2e6, 135e6, 600e6, 1.5e9, 3e9, 8e9];
const ROWS = [20, 300, 3_000, 100_000];
const GRADE: Readonly<Record<PlanMethod, number>> = { qlora: 1, lora: 2, full: 3 };

/** Rows of 40 to 340 tokens and a single one of 1,000, whatever the number of rows: the shape is what matters. */
const PROFILE = profileOf(Array.from({ length: 300 }, (_, i) => (i === 299 ? 1000 : 40 + i)));

async function proposed(
  parameters: number,
  change: Partial<Situation> & { readonly freeBytes?: number } = {},
  flops: number | null = 3e11,
): Promise<Proposal & { calls: number }> {
  const situation = situationOf({
    model: { parameters, contextLength: parameters < 20e6 ? 256 : 8192 },
    profile: PROFILE,
    ...change,
  });
  const { price, asked } = fakePrice(parameters, { flops, tokens: situation.rows * 300 });
  const proposal = await propose(situation, price, fakePeaks);
  return { ...proposal, calls: asked.length };
}

const plan = (proposal: Proposal, method: PlanMethod): MethodPlan =>
  proposal.methods.find((one) => one.method === method)!;
const planned = (proposal: Proposal, method: PlanMethod) => plan(proposal, method).planned!;

describe.each(MODELS)('a model of %d weights', (parameters) => {
  it('is planned within the memory, with few questions', async () => {
    for (const freeBytes of MEMORIES)
      for (const rows of ROWS) {
        const proposal = await proposed(parameters, { freeBytes, rows });
        expect(proposal.calls).toBeLessThanOrEqual(25);
        expect(proposal.methods.map(({ method }) => method)).toEqual(METHODS);
        expect(proposal.methods.filter(({ recommended }) => recommended)).toHaveLength(
          proposal.recommended ? 1 : 0,
        );
        for (const { planned: one } of proposal.methods) {
          if (!one) continue;
          const { value } = one.price.peakBytes;
          if (one.fit === 'comfortable') expect(value).toBeLessThanOrEqual(COMFORTABLE_SHARE * freeBytes);
          expect(value <= freeBytes).toBe(one.fit !== 'too-big');
          expect(one.settings.maxLength).toBeLessThanOrEqual(one.settings.tokensPerMicroBatch);
        }
        const isAnyComfortable = proposal.methods.some((one) => one.planned?.fit === 'comfortable');
        if (isAnyComfortable) expect(planned(proposal, proposal.recommended!).fit).toBe('comfortable');
        if (!proposal.recommended)
          expect(proposal.methods.every(({ planned: one }) => one === null || one.fit === 'too-big')).toBe(
            true,
          );
      }
  });

  it('never gets a worse method or a worse fit with more memory', async () => {
    const fits = ['too-big', 'tight', 'comfortable'];
    for (const rows of [300, 100_000]) {
      let before: Proposal | null = null;
      for (const freeBytes of MEMORIES) {
        const now: Proposal = await proposed(parameters, { freeBytes, rows });
        if (before?.recommended)
          expect(GRADE[now.recommended!]).toBeGreaterThanOrEqual(GRADE[before.recommended]);
        for (const method of METHODS) {
          const [one, other] = [before && plan(before, method).planned, plan(now, method).planned];
          if (one && other) expect(fits.indexOf(other.fit)).toBeGreaterThanOrEqual(fits.indexOf(one.fit));
        }
        before = now;
      }
    }
  });
});

describe('a proposal for one method', () => {
  it('is the one beside the others, and once it is late something that fits as well', async () => {
    let [best, soon, other] = [0, 0, 0];
    for (const parameters of MODELS)
      for (const freeBytes of MEMORIES) {
        const situation = situationOf({
          model: { parameters, contextLength: 8192 },
          profile: PROFILE,
          freeBytes,
        });
        const prices = () => fakePrice(parameters, { tokens: situation.rows * 300 });
        const all = await propose(situation, prices().price, fakePeaks);
        for (const method of METHODS) {
          const [whole, late] = [prices(), prices()];
          const proven = await proposeFor(method, situation, whole.price);
          expect(proven.isProven).toBe(true);
          expect(proven.planned.settings).toEqual(planned(all, method).settings);
          const found = await proposeFor(method, situation, late.price, {}, () => true);
          expect(found.planned.fit).toBe(proven.planned.fit);
          best += whole.asked.length;
          soon += late.asked.length;
          if (found.isProven) expect(found.planned.settings).toEqual(proven.planned.settings);
          else if (found.planned.settings.recompute !== proven.planned.settings.recompute) other++;
        }
      }
    expect(soon).toBeLessThan(best);
    // so that it matters that it is told what is not proven
    expect(other).toBeGreaterThan(0);
  });
});

describe('a proposal', () => {
  it('is the same for the same question, and stays when it is taken over', async () => {
    for (const parameters of MODELS) {
      const first = await proposed(parameters, { freeBytes: 6e9 });
      expect(await proposed(parameters, { freeBytes: 6e9 })).toEqual(first);
      for (const { method, planned: one } of first.methods) {
        if (!one) continue;
        const { method: _, rank, ...rest } = one.settings;
        const own = { ...rest, ...(rank !== null && { rank }) };
        const again = await proposed(parameters, { freeBytes: 6e9, own });
        expect(planned(again, method).settings).toEqual(one.settings);
        expect(planned(again, method).fit).toBe(one.fit);
      }
    }
  });

  it('recommends all weights for a tiny model, adapters for others, and says why', async () => {
    const tiny = await proposed(4.2e6);
    expect([tiny.recommended, plan(tiny, 'full').why.key]).toEqual(['full', 'tiny-model']);
    expect(plan(tiny, 'lora').why.key).toBe('adapter-learned-less');
    const usual = await proposed(135e6);
    expect([usual.recommended, plan(usual, 'lora').why.key]).toEqual(['lora', 'adapter-enough']);
    expect(plan(usual, 'full').why.key).toBe('forgets-more');
  });

  it('recommends all weights for rows that adapters cannot hold', async () => {
    const profile = profileOf([500], 480);
    const many = { ...profile, labelled: profile.labelled.map((one) => one * 500_000) };
    const found = await proposed(135e6, { rows: 500_000, profile: many });
    expect([found.recommended, plan(found, 'full').why.key]).toEqual(['full', 'much-data']);
    expect(plan(found, 'lora').why.key).toBe('holds-less');
  });

  it('proposes weights of fewer bits where nothing else fits', async () => {
    const found = await proposed(8e9, { freeBytes: 16e9 });
    expect([found.recommended, plan(found, 'qlora').why.key]).toEqual(['qlora', 'smaller-weights']);
    expect(plan(found, 'lora').why.key).toBe('too-big');
  });

  it('gives up micro-batches first, and keeps the batch', async () => {
    const profile = profileOf(Array.from({ length: 300 }, (_, i) => 40 + i));
    const change = { profile, rows: 3_000 };
    const most = planned(await proposed(1.5e9, { ...change, freeBytes: 64e9 }), 'lora');
    const freeBytes = (most.price.peakBytes.value / COMFORTABLE_SHARE) * 0.98;
    const less = planned(await proposed(1.5e9, { ...change, freeBytes }), 'lora');
    expect([less.fit, less.whys.tokensPerMicroBatch.key]).toEqual(['comfortable', 'micro-memory']);
    expect(less.settings).toMatchObject({ maxLength: most.settings.maxLength, rank: 16, recompute: 'none' });
    const batch = ({ settings }: typeof less) => settings.tokensPerMicroBatch * settings.gradientAccumulation;
    expect(batch(less)).toBe(batch(most));
  });

  it('then computes values again, no more of them than it has to; then cuts rows, then lowers the rank', async () => {
    const most = planned(await proposed(1.5e9, { freeBytes: 64e9 }), 'lora');
    const sizes = Array.from({ length: 160 }, (_, i) => most.price.peakBytes.value * (1.4 - i * 0.005));
    const found: string[] = [];
    for (const freeBytes of sizes) {
      const { fit, settings, whys } = planned(await proposed(1.5e9, { freeBytes }), 'lora');
      if (fit !== 'comfortable') continue;
      const cut = settings.maxLength < most.settings.maxLength;
      if (settings.recompute !== 'none') expect(whys.recompute.key).toBe(`recompute-${settings.recompute}`);
      if (cut) expect(settings).toMatchObject({ recompute: 'block', maxLength: 384 });
      if (cut) expect(whys.maxLength).toMatchObject({ key: 'length-memory', numbers: { usual: 1024 } });
      found.push(settings.rank! < 16 ? 'rank' : cut ? 'cut' : settings.recompute);
    }
    expect(found.filter((one, i) => one !== found[i - 1])).toEqual([
      ...['none', 'attention', 'third', 'half', 'block', 'cut', 'rank'],
    ]);
  });

  it('lets weights stay in the 16 bits of their files before it computes values again', async () => {
    const model = { parameters: 1.5e9, contextLength: 8192, isHalved: true };
    const most = planned(await proposed(1.5e9, { model, freeBytes: 64e9 }), 'lora');
    expect([most.settings.bits, most.whys.bits.key]).toEqual([null, 'bits-not-needed']);
    expect(most.runSettings).not.toHaveProperty('bits');
    const needed = (share: number) => ({
      freeBytes: (most.price.peakBytes.value * share) / COMFORTABLE_SHARE,
    });
    const less = planned(await proposed(1.5e9, { model, ...needed(0.75) }), 'lora');
    expect([less.fit, less.settings.bits, less.whys.bits.key]).toEqual(['comfortable', 16, 'bits-memory']);
    expect(less.settings.recompute).toBe('none');
    expect(less.runSettings).toMatchObject({ method: 'lora', bits: 16 });
    // it is no rounding, so it comes before QLoRA
    const both = await proposed(1.5e9, { model, ...needed(0.75) });
    expect(both.recommended).toBe('lora');
    expect(planned(both, 'qlora').settings.bits).toBe(4);
    const whole = await proposed(1.5e9, { ...needed(0.75) });
    expect(planned(whole, 'lora').settings.bits).toBeNull();
    expect(planned(whole, 'lora').whys.bits.key).toBe('bits-none');
  });

  it('multiplies in 8 bits where that is quick, beside weights that may have 8 bits', async () => {
    const precisions = async (change: Partial<Situation>) => {
      const proposal = await proposed(135e6, { int8Gain: 1.7, ...change });
      return METHODS.map((method) => planned(proposal, method).settings.precision).join(' ');
    };
    expect(await precisions({})).toBe('int8 int8 f32');
    expect(await precisions({ int8Gain: null })).toBe('f32 f32 f32');
    expect(await precisions({ own: { bits: 8 } })).toBe('int8 int8 int8');
    expect(await precisions({ own: { precision: 'f32', bits: 8 } })).toBe('f32 f32 f32');
    expect(await precisions({ own: { device: 'webgpu' } })).toBe('f32 f32 f32');
    const lora = planned(await proposed(135e6, { int8Gain: 1.7 }), 'lora');
    expect(lora.whys.precision.key).toBe('precision-int8');
    // small products gain nothing where all weights are quantised in each micro-batch
    expect(planned(await proposed(4e6, { int8Gain: 1.7 }), 'full').settings.precision).toBe('f32');
    expect(lora.runSettings).toMatchObject({ precision: 'int8' });
  });

  it('takes NF4 for a file that is not quantised, before all blocks are computed again', async () => {
    const model = { parameters: 8e9, contextLength: 8192, isWhole: true };
    const most = planned(await proposed(8e9, { model, freeBytes: 64e9 }), 'qlora');
    expect([most.settings.quant, most.whys.quant.key]).toEqual(['int', 'quant-usual']);
    expect(most.runSettings).not.toHaveProperty('quant');
    expect([most.settings.recompute, most.whys.recompute.key]).toEqual(['half', 'recompute-qlora']);
    expect(most.runSettings).not.toHaveProperty('recompute');
    const all = planned(await proposed(8e9, { model, freeBytes: 64e9, own: { recompute: 'none' } }), 'qlora');
    expect(all.runSettings).toMatchObject({ recompute: 'none' });
    const found: string[] = [];
    for (let share = 1.4; share > 0.8; share -= 0.005) {
      const freeBytes = most.price.peakBytes.value * share;
      const { fit, settings, whys, runSettings } = planned(
        await proposed(8e9, { model, freeBytes }),
        'qlora',
      );
      if (fit !== 'comfortable') continue;
      if (settings.quant === 'nf4') {
        expect(whys.quant.key).toBe('quant-memory');
        expect(runSettings).toMatchObject({ quant: 'nf4' });
      }
      found.push(`${settings.recompute} ${settings.quant}`);
      const quantised = { ...model, isWhole: false };
      const kept = planned(await proposed(8e9, { model: quantised, freeBytes }), 'qlora');
      expect([kept.settings.quant, kept.whys.quant.key]).toEqual(['int', 'quant-kept']);
      const own = planned(await proposed(8e9, { model, freeBytes, own: { quant: 'int' } }), 'qlora');
      expect([own.settings.quant, own.whys.quant.key]).toEqual(['int', 'own']);
    }
    expect(found.filter((one, i) => one !== found[i - 1]).slice(0, 3)).toEqual([
      ...['half int', 'half nf4', 'block nf4'],
    ]);
    // even steps have no other price on a card, where there are no kernels for the words of NF4
    const onCard = planned(
      await proposed(8e9, {
        ...{ model, own: { device: 'webgpu' } },
        executors: [{ name: 'ort', device: 'webgpu', freeBytes: most.price.peakBytes.value * 0.9 }],
      }),
      'qlora',
    );
    expect(onCard.settings.quant).toBe('int');
  });

  it('rounds to 8 bits, takes NF4 and computes in 16 bits where the person says so, each where it has a meaning', async () => {
    const found = await proposed(135e6, { own: { bits: 8, precision: 'f16' } });
    expect(planned(found, 'qlora')).toMatchObject({
      settings: { bits: 8, quant: null, precision: 'f16' },
      whys: { bits: { key: 'own' }, quant: { key: 'quant-none' }, precision: { key: 'own' } },
      runSettings: { bits: 8, precision: 'f16' },
    });
    expect(planned(found, 'lora').settings).toMatchObject({ bits: null, quant: null });
    const nf4 = await proposed(135e6, { own: { quant: 'nf4' } });
    expect(planned(nf4, 'qlora')).toMatchObject({
      ...{ settings: { bits: 4, quant: 'nf4' }, runSettings: { quant: 'nf4' } },
    });
    expect(planned(nf4, 'lora').runSettings).not.toHaveProperty('quant');
  });

  it('prices a model in 16 bits that would be hopeless in float32', async () => {
    const change = { freeBytes: 20e9, model: { parameters: 7e9, contextLength: 8192, isHalved: true } };
    const found = planned(await proposed(7e9, change), 'lora');
    expect([found.fit, found.settings.bits]).toEqual(['tight', 16]);
    const set = planned(await proposed(135e6, { own: { bits: 16 } }), 'lora');
    expect([set.settings.bits, set.whys.bits.key]).toEqual([16, 'own']);
  });

  it('leaves alone what the person has set to be computed again', async () => {
    const ample = planned(await proposed(135e6, { own: { recompute: 'block' } }), 'lora');
    expect(ample.settings.recompute).toBe('block');
    expect(ample.whys.recompute.key).toBe('own');
    expect(ample.runSettings).toMatchObject({ recompute: 'block' });
    const most = planned(await proposed(1.5e9, { freeBytes: 64e9 }), 'lora');
    const short = await proposed(1.5e9, {
      ...{ freeBytes: (most.price.peakBytes.value / COMFORTABLE_SHARE) * 0.98, own: { recompute: 'none' } },
    });
    expect(planned(short, 'lora').settings.recompute).toBe('none');
    expect(planned(short, 'lora').runSettings).not.toHaveProperty('recompute');
  });

  it('keeps the moments of all weights in 8 bits before it computes whole blocks again, and those of adapters never', async () => {
    const own = { method: 'full' } as const;
    const most = planned(await proposed(135e6, { freeBytes: 64e9, own }), 'full');
    expect([most.settings.optimizer, most.whys.optimizer.key]).toEqual(['adamw', 'optimizer-usual']);
    const found: string[] = [];
    for (let share = 1.4; share > 0.35; share -= 0.01) {
      const { fit, settings, whys, runSettings } = planned(
        await proposed(135e6, { freeBytes: most.price.peakBytes.value * share, own }),
        'full',
      );
      if (fit !== 'comfortable') continue;
      if (settings.optimizer === 'adamw-8bit') {
        expect(whys.optimizer.key).toBe('optimizer-memory');
        expect(runSettings).toMatchObject({ optimizer: 'adamw-8bit' });
      }
      if (settings.masterBits === 16) {
        expect(whys.masterBits.key).toBe('masters-memory');
        expect(runSettings).toMatchObject({ masterBits: 16 });
      } else expect(runSettings).not.toHaveProperty('masterBits');
      found.push(`${settings.recompute} ${settings.optimizer}${settings.masterBits === 16 ? ' 16' : ''}`);
    }
    expect(found.filter((one, i) => one !== found[i - 1])).toEqual([
      ...['none adamw', 'attention adamw', 'attention adamw-8bit'],
      ...['third adamw-8bit', 'half adamw-8bit', 'block adamw-8bit'],
      'block adamw-8bit 16',
    ]);
    const adapters = planned(await proposed(1.5e9, { freeBytes: 11e9 }), 'lora');
    expect([adapters.settings.optimizer, adapters.whys.optimizer.key]).toEqual([
      'adamw',
      'optimizer-adapters',
    ]);
    expect([adapters.settings.masterBits, adapters.whys.masterBits.key]).toEqual([null, 'masters-adapters']);
  });

  it('takes a graphics card where it was measured to be faster and the run fits there, each method for itself', async () => {
    const card = { name: 'Radeon', freeBytes: 8e9, isShared: false };
    const executors = [
      { name: 'ort', device: 'cpu', freeBytes: 32e9 },
      { name: 'ort', device: 'webgpu', freeBytes: 32e9, card },
    ] as const;
    const devices = [
      { device: 'cpu', executor: 'ort', card: null, obstacle: null, measured: 'benchmark' },
      { device: 'webgpu', executor: 'ort', card, obstacle: null, measured: 'benchmark' },
    ] as const;
    const found = await proposed(600e6, { executors, devices });
    const [lora, full] = [planned(found, 'lora'), planned(found, 'full')];
    expect(lora.settings).toMatchObject({ device: 'webgpu', executor: 'ort' });
    expect(lora.whys.device).toMatchObject({ key: 'device-choice' });
    expect(lora.runSettings).toMatchObject({
      ...{ device: 'webgpu', deviceWhy: expect.stringContaining('Radeon through WebGPU is 5.') },
    });
    // all weights with their moments are more than the card has
    expect(full.settings.device).toBe('cpu');
    expect(full.devices.find(({ device }) => device === 'webgpu')!.reason).toMatch(
      /needs? (about )?[\d.]+\sGB, and/,
    );
    // nothing of what is learned is given up for the speed of a card
    for (let bytes = 1e9; bytes < 8e9; bytes += 0.05e9) {
      const lean = { ...card, freeBytes: bytes };
      const on = await proposed(600e6, {
        executors: [executors[0], { ...executors[1], card: lean }],
        devices: [devices[0], { ...devices[1], card: lean }],
      });
      expect(planned(on, 'lora').settings.rank).toBe(lora.settings.rank);
    }
    const own = await proposed(600e6, { executors: [executors[0]], devices, own: { device: 'cpu' } });
    expect(planned(own, 'lora')).toMatchObject({
      ...{ settings: { device: 'cpu' }, whys: { device: { key: 'own' } } },
    });
    expect(planned(own, 'lora').runSettings).not.toHaveProperty('deviceWhy');
  });
});

describe('ready by tonight', () => {
  const tonight = (hours: number) => ({ wish: { kind: 'tonight', hours } as const, freeBytes: 64e9 });

  it('changes nothing that ends in time', async () => {
    const [best, wished] = [
      await proposed(135e6),
      await proposed(135e6, { ...tonight(12), freeBytes: 16e9 }),
    ];
    expect(planned(wished, 'lora').settings).toEqual(planned(best, 'lora').settings);
    expect([planned(best, 'lora').inTime, planned(wished, 'lora').inTime]).toEqual([null, true]);
  });

  it('takes fewer passes, then shorter rows, then a part of the rows', async () => {
    for (const hours of [0.1, 0.5, 1, 2, 4, 8, 16]) {
      const found = await proposed(600e6, { ...tonight(hours), rows: 2_000 });
      expect(found.calls).toBeLessThanOrEqual(25);
      const { settings, whys, price, inTime } = planned(found, 'lora');
      expect(inTime).toBe(price.totalSeconds!.high <= hours * 3600);
      if (settings.epochs < 3)
        expect(whys.epochs).toMatchObject({
          ...{ key: inTime ? 'epochs-time' : 'epochs-late', numbers: { usual: 3 } },
        });
      if (settings.epochs < 1) expect(whys.maxLength.key).toBe('length-time');
    }
  });

  it('never asks for more passes in less time', async () => {
    let before = 0;
    for (const hours of [0.25, 0.5, 1, 2, 4, 8, 16, 32]) {
      const { settings } = planned(await proposed(600e6, { ...tonight(hours), rows: 2_000 }), 'lora');
      expect(settings.epochs).toBeGreaterThanOrEqual(before);
      before = settings.epochs;
    }
    expect(before).toBe(3);
  });

  it('takes the fastest where none ends in time, and says so', async () => {
    const found = await proposed(3e9, { ...tonight(0.2), freeBytes: 128e9, rows: 100_000 });
    expect([found.recommended, plan(found, 'lora').why.key]).toEqual(['lora', 'fastest-here']);
    expect(plan(found, 'full').why.key).toBe('too-slow');
  });

  it('promises nothing while the speed is not known', async () => {
    const found = await proposed(135e6, tonight(1), null);
    expect([planned(found, 'lora').inTime, found.recommended]).toEqual([null, 'lora']);
  });

  it('leaves epochs alone that the person has set', async () => {
    const found = await proposed(600e6, { ...tonight(0.2), rows: 2_000, own: { epochs: 9 } });
    expect(planned(found, 'lora')).toMatchObject({ inTime: false, settings: { epochs: 9 } });
  });
});

describe('a leaner method that a card makes very much quicker', () => {
  const CARD = { name: 'A card', freeBytes: 25e9, isShared: false };
  const facts = { executor: 'ort', obstacle: null, measured: 'benchmark' } as const;
  /** A card of 25 GB, `times` as fast as a processor with 128 GB: QLoRA of 8B fits into it, LoRA and all weights do not. */
  async function on(change: Partial<Situation>, times: number, flops = 3e11) {
    const executors = [
      { name: 'ort', freeBytes: 128e9 },
      { name: 'ort', device: 'webgpu', freeBytes: 128e9, card: CARD },
    ] as const;
    const devices = [
      { ...facts, device: 'cpu', card: null },
      { ...facts, device: 'webgpu', card: CARD },
    ] as const;
    const situation = situationOf({
      ...{ model: { parameters: 8e9, contextLength: 8192 }, profile: PROFILE, totalBytes: 128e9 },
      ...{ executors, devices, ...change },
    });
    const { price } = fakePrice(8e9, { flops, tokens: situation.rows * 300 });
    const faster: typeof price = async (settings, part) => {
      const found = await price(settings, part);
      const { totalSeconds } = found;
      const share = settings.device === 'cpu' ? 1 : FAKE_CARD_TIMES / times;
      if (!totalSeconds) return found;
      const scaled = Object.entries(totalSeconds).map(([name, value]) =>
        typeof value === 'number' ? [name, value * share] : [name, value],
      );
      return { ...found, totalSeconds: Object.fromEntries(scaled) };
    };
    return await propose(situation, faster, fakePeaks);
  }
  const whys = (found: Proposal) => METHODS.map((method) => plan(found, method).why.key).join(' ');

  it('takes its place where that saves hours, and both say so', async () => {
    const found = await on({ rows: 1000 }, 20);
    expect([planned(found, 'lora').settings.device, planned(found, 'qlora').settings.device]).toEqual([
      ...['cpu', 'webgpu'],
    ]);
    expect([found.recommended, whys(found)]).toEqual(['qlora', 'forgets-more much-slower much-quicker']);
    const { numbers } = plan(found, 'qlora').why as Extract<Why, { key: 'much-quicker' }>;
    expect(numbers.seconds).toBe(planned(found, 'qlora').price.totalSeconds!.value);
    expect(numbers.otherSeconds).toBe(planned(found, 'lora').price.totalSeconds!.value);
    expect(numbers.otherSeconds / numbers.seconds).toBeGreaterThan(3);
    expect(whyWords(plan(found, 'qlora').why)).toMatch(
      /^Takes about .*LoRA would take about .* little more\.$/,
    );
    expect(whyWords(plan(found, 'lora').why)).toMatch(/^Takes about .*, and learns little more\.$/);
  });

  it('does not where it is little quicker, or where the wait is short anyway', async () => {
    for (const found of [await on({ rows: 1000 }, 2.5), await on({ rows: 1000 }, 20, 6e13)]) {
      expect(planned(found, 'qlora').settings.device).toBe('webgpu');
      expect([found.recommended, whys(found)]).toEqual(['lora', 'forgets-more adapter-enough not-needed']);
    }
  });

  it('takes it where the other ends in time only when it is cut short', async () => {
    const seconds = (found: Proposal) => planned(found, 'qlora').price.totalSeconds!.high;
    const hours = Math.ceil(seconds(await on({ rows: 1000 }, 2.5)) / 3600);
    const found = await on({ rows: 1000, wish: { kind: 'tonight', hours } }, 2.5);
    expect(planned(found, 'lora')).toMatchObject({ inTime: true, settings: { epochs: expect.any(Number) } });
    expect(planned(found, 'lora').settings.epochs).toBeLessThan(planned(found, 'qlora').settings.epochs);
    expect([found.recommended, plan(found, 'qlora').why.key]).toEqual(['qlora', 'whole-in-time']);
    expect(plan(found, 'lora').why.key).toBe('would-be-shortened');
  });

  it('is not taken for rows that need all weights before that saves days', async () => {
    const profile = profileOf([500], 480);
    const many = { ...profile, labelled: profile.labelled.map((one) => one * 1_000_000) };
    const rows = { rows: 1_000_000, profile: many };
    const few = await on(rows, 3);
    expect([few.recommended, plan(few, 'full').why.key]).toEqual(['full', 'much-data']);
    const found = await on(rows, 30);
    expect([found.recommended, whys(found)]).toEqual(['qlora', 'full-slower much-slower quicker-than-full']);
  });
});

describe('where nothing fits', () => {
  it('the nearest things that do are named, and each is true', async () => {
    const { nearest, recommended } = await proposed(3e9, { freeBytes: 1.5e9, totalBytes: 32e9 });
    expect(recommended).toBeNull();
    const kinds = nearest.map(({ kind }) => kind);
    expect(kinds).toContain('close-programs');
    expect(kinds).toContain('model');
    for (const one of nearest) {
      if (one.kind === 'model') expect(one.peakBytes).toBeLessThanOrEqual(COMFORTABLE_SHARE * 1.5e9);
      else if (one.kind !== 'close-programs') expect(one.peakBytes).toBeLessThanOrEqual(1.5e9);
    }
  });

  it('the largest model that is comfortable is named, none where even the smallest is too big', async () => {
    const model = (found: Proposal) => found.nearest.find(({ kind }) => kind === 'model');
    expect(model(await proposed(8e9, { freeBytes: 4.5e9 }))).toMatchObject({ repo: 'l/1b' });
    expect(model(await proposed(8e9, { freeBytes: 0.1e9 }))).toBeUndefined();
  });

  describe('on a graphics card', () => {
    const on = (freeBytes: number, ofCard: number | null) =>
      proposed(8e9, {
        own: { device: 'webgpu' },
        executors: [
          {
            ...{ name: 'ort', device: 'webgpu', freeBytes },
            card: { name: 'A card', freeBytes: ofCard, isShared: ofCard === null },
          },
        ],
        totalBytes: 64e9,
      });
    const modelOf = ({ nearest }: Proposal) => nearest.find(({ kind }) => kind === 'model');

    it('a smaller model is one that fits there, and not only into the memory of the computer', async () => {
      const small = await on(60e9, 3e9);
      expect(small.recommended).toBeNull();
      expect(modelOf(small)).toMatchObject({ repo: 'q/0.6b' });
      expect(modelOf(await on(60e9, 4.5e9))).toMatchObject({ repo: 'l/1b' });
      // nor is it enough to fit there
      expect(modelOf(await on(3e9, 60e9))).toMatchObject({ repo: 'q/0.6b' });
      // one that shares the memory needs both from it
      expect(modelOf(await on(6e9, null))).toMatchObject({ repo: 'q/0.6b' });
    });

    it('closing programs helps only where the memory of the computer is what is lacking', async () => {
      const closing = ({ nearest }: Proposal) => nearest.find(({ kind }) => kind === 'close-programs');
      expect(closing(await on(60e9, 3e9))).toBeUndefined();
      expect(closing(await on(3e9, 60e9))).toMatchObject({ bytes: expect.any(Number) });
    });
  });

  it('memory that the computer does not have cannot be freed', async () => {
    const { nearest } = await proposed(8e9, { freeBytes: 12e9, totalBytes: 16e9 });
    expect(nearest.some(({ kind }) => kind === 'close-programs')).toBe(false);
  });

  it('a size that the person has set is named, and a method that would fit', async () => {
    const own = { tokensPerMicroBatch: 65_536 };
    const found = await proposed(135e6, { own, freeBytes: 6e9 });
    expect(found.recommended).toBeNull();
    expect(found.nearest.find(({ kind }) => kind === 'micro-batch')).toBeDefined();
    const full = await proposed(1.2e9, { own: { method: 'full', recompute: 'none' }, freeBytes: 10e9 });
    expect(full.recommended).toBe('lora');
    expect(full.nearest[0]).toMatchObject({ kind: 'method', method: 'lora' });
  });
});

describe('a run that is repeated', () => {
  it('keeps its settings, and is compared all the same', async () => {
    const settings = {
      ...{ executor: 'ort', rank: 4, maxLength: 77, tokensPerMicroBatch: 300, gradientAccumulation: 3 },
      ...{ epochs: 2.5, learningRate: 1e-3, weightDecay: 0.2, warmupRatio: 0, heldOut: 0.3 },
      ...{ recompute: 'attention' as const, optimizer: 'adamw-8bit' as const },
    };
    const { rank: _, ...full } = settings;
    const found = await proposed(135e6, { repeats: { lora: settings, full } });
    expect(planned(found, 'lora').settings).toMatchObject(settings);
    expect(planned(found, 'lora').whys.epochs.key).toBe('of-run');
    expect(planned(found, 'lora').runSettings).toMatchObject({ method: 'lora', device: 'cpu' });
    expect(planned(found, 'lora').runSettings).not.toHaveProperty('epochs');
    expect(found.calls).toBe(3);
  });
});

describe('a model whose weights alone are too large', () => {
  it('asks for one price a method, and for those of other models only where they may fit', async () => {
    const { price, asked } = fakePrice(8e9, { tokens: 300_000 });
    const peaks: string[] = [];
    const situation = situationOf({
      ...{ model: { parameters: 8e9, contextLength: 8192 }, profile: PROFILE, freeBytes: 2.2e9 },
      own: { maxLength: 512, rank: 64 },
    });
    const found = await propose(situation, price, (repos, settings) => {
      peaks.push(...repos);
      return fakePeaks(repos, settings);
    });
    expect(asked.map(({ method }) => method)).toEqual(['full', 'lora', 'qlora']);
    expect(found.recommended).toBe(null);
    // 4 billion weights take 2.4 GB in 4 bits; the first that fits ends the search, so that the practice model is not asked for
    expect(peaks).toEqual(['l/1b', 'q/0.6b', 'h/135m']);
    expect(found.nearest.at(-1)).toMatchObject({ kind: 'model', repo: 'h/135m' });
  });

  it('asks for those that fit in the 16 bits of their files, where that is how weights are kept', async () => {
    const { price } = fakePrice(8e9, { tokens: 300_000 });
    const peaks: string[] = [];
    const situation = situationOf({
      ...{ model: { parameters: 8e9, contextLength: 8192, isHalved: true }, profile: PROFILE },
      ...{ freeBytes: 12e9, own: { method: 'lora' } },
    });
    await propose(situation, price, async (repos) => {
      peaks.push(...repos);
      return repos.map(() => null);
    });
    expect(peaks[0]).toBe('q/4b');
  });
});
