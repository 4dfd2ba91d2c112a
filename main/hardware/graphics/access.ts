/**
 * Through what each card can be used, and where not, why and what to do. `usable` is said of the way: its driver, its library and its
 * package are there. Whether Fettle computes there is another question, answered by COMPUTES_THROUGH and told in the reason.
 */
import type { Access } from '../../../preload/contract.ts';
import { type Card, isConsoleChip } from './card.ts';
import { cudaAccess, tfjsAccess } from './cuda.ts';
import { kindOf } from './kind.ts';
import { type Finding, fails, type Ways, windowsHindrance, works } from './ways.ts';
import { webgpuAccess } from './webgpu.ts';

/** The ways on which Fettle's engine trains today; a test compares it with the executors. */
export const COMPUTES_THROUGH: readonly Access['through'][] = ['webgpu', 'cuda', 'directml'];

/** What --device calls it, where that is another name. */
const DEVICE: Readonly<Partial<Record<Access['through'], string>>> = { directml: 'dml' };

/** All four ways of a card, usable or not. */
export function accessOf(card: Card, ways: Ways): readonly Access[] {
  const found: Readonly<Record<Access['through'], Finding>> = {
    webgpu: drawsOnly(card) ?? webgpuAccess(card, ways),
    cuda: drawsOnly(card) ?? cudaAccess(card, ways),
    directml: drawsOnly(card) ?? directmlAccess(card, ways),
    'tfjs-cuda': drawsOnly(card) ?? tfjsAccess(card, ways),
  };
  return (Object.keys(found) as Access['through'][]).map((through) => ({
    through,
    ...withFettle(found[through], through),
  }));
}

function withFettle(finding: Finding, through: Access['through']): Finding {
  if (!finding.usable) return finding;
  const what = COMPUTES_THROUGH.includes(through)
    ? `Fettle trains there once it was measured to be faster here, or when it is asked to: --device ${DEVICE[through] ?? through}.`
    : 'Fettle computes there when it is asked to: --executor tfjs.';
  return { ...finding, reason: `${finding.reason} ${what}` };
}

function drawsOnly(card: Card): Finding | null {
  if (isConsoleChip(card)) return fails('This chip draws the screen of a server and cannot compute.');
  if (kindOf(card) === 'virtual')
    return fails(
      'This card exists only in a virtual machine or as a remote screen, and cannot compute.',
      'In a virtual machine: hand a real card through to it, or run Fettle on the computer itself.',
    );
  return null;
}

function directmlAccess(card: Card, { platform }: Ways): Finding {
  if (platform !== 'win32') return fails('DirectML is a part of Windows.');
  const version = card.driverVersion === null ? '' : ` (${card.driverVersion})`;
  return (
    windowsHindrance(card) ??
    works(`DirectML comes with onnxruntime, and Windows has a driver for the card${version}.`)
  );
}
