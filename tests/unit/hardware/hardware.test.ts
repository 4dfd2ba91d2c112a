/**
 * Whole machines, replayed through the very probes and parsers of the product. What must be found is written by hand in each
 * machine's expected.json.
 */
import { describe, expect, it } from 'vitest';
import type { Hardware } from '../../../common/api/contract.ts';
import { probeHardware } from '../../../main/hardware/hardware.ts';
import { MACHINES, machine } from '../../helpers/machines.ts';

/** Ways that no extra brings. */
const WAYS: readonly string[] = ['webgpu'];

interface Expected {
  readonly graphics: readonly { readonly says: Readonly<Record<string, string>> }[];
  readonly notes: readonly { readonly probe: string; readonly kind: string; readonly words: string }[];
}

/** The facts as expected.json has them: of each card the ways that can be used, of each note where it is from and its kind. */
function summaryOf(
  { system, inside, processor, memory, disk, power, graphics, notes }: Hardware,
  expected: Expected,
) {
  return {
    system,
    inside,
    processor,
    memory,
    power,
    disk: disk.kind,
    graphics: graphics.map(({ access, ...facts }, i) => ({
      ...facts,
      usable: access
        .filter(({ usable }) => usable)
        .map(({ through }) => through)
        .filter((way) => WAYS.includes(way)),
      says: expected.graphics[i]?.says ?? {},
    })),
    notes: notes.map(({ probe, kind }) => `${probe} ${kind}`).sort(),
  };
}

describe.each(MACHINES)('the machine %s', (name) => {
  it('is found as it is', async () => {
    const { world, folder, expected } = machine(name);
    const hardware = await probeHardware({ folder, world });
    const wanted = expected as Expected;
    expect(summaryOf(hardware, wanted)).toEqual({
      ...wanted,
      notes: wanted.notes.map(({ probe, kind }) => `${probe} ${kind}`).sort(),
    });
    const said = hardware.notes.map(({ message }) => message);
    for (const { words } of wanted.notes) expect(said).toContainEqual(expect.stringContaining(words));
    for (const [i, { says }] of wanted.graphics.entries()) {
      for (const [through, words] of Object.entries(says)) {
        const access = hardware.graphics[i]?.access.find((one) => one.through === through);
        expect(`${access?.reason}`, `${name}, card ${i}, ${through}`).toContain(words);
      }
    }
  });

  it('has a reason for every way, and what to do only where one cannot be used', async () => {
    const { world, folder } = machine(name);
    const { graphics } = await probeHardware({ folder, world });
    for (const { access } of graphics) {
      expect(access.map(({ through }) => through).slice(0, WAYS.length)).toEqual(WAYS);
      for (const { reason, usable, fix } of access) {
        expect(reason).toMatch(/^([A-Z@]|ggml).*\.$/);
        expect(reason).not.toMatch(/undefined|null|NaN| {2}|\.\./);
        // commands are the command line's to name
        expect(`${reason} ${fix}`).not.toMatch(/ --[a-z]|\bnpm |FETTLE_|fettle [a-z]/);
        if (usable)
          expect([fix, reason]).toEqual([
            null,
            expect.stringMatching(
              /Fettle uses it (when it was measured to be faster, or|only) when you choose it\./,
            ),
          ]);
      }
    }
  });
});

it('there are at least 25 machines', () => {
  expect(MACHINES.length).toBeGreaterThanOrEqual(25);
});
