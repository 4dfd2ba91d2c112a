/** The facts of a computer as rows of a name and a value in words. */
import type { ComputerFacts } from '../../../preload/contract.ts';
import { bytes } from '../../text/format.ts';
import { wizard } from '../../text/wizard.ts';

const text = wizard.computer;

export function factRows(facts: ComputerFacts): (readonly [string, string])[] {
  const { rows } = text;
  const graphics = facts.graphics.map(({ name, memory }) => text.graphicsMemory(name, memory));
  return [
    [rows.processor, `${facts.processor} (${text.cores(facts.cores, facts.threads)})`],
    [rows.speed, facts.speed ? text.speed(facts.speed.flops, facts.speed.measured) : text.notMeasured],
    [rows.memory, text.memory(facts.freeMemory, facts.totalMemory)],
    [rows.disk, facts.freeDisk === null ? text.unknown : bytes(facts.freeDisk)],
    [rows.graphics, graphics.length === 0 ? text.noGraphics : graphics.join('; ')],
    [rows.system, facts.system],
    ...(facts.onBattery === null ? [] : [[rows.power, facts.onBattery ? text.battery : text.mains] as const]),
  ];
}
