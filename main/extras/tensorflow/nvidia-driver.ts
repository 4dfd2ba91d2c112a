/** What keeps programs of CUDA, such as TensorFlow's library, from a card of NVIDIA. */
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { type Card, type Finding, fails, type Ways, windowsHindrance } from '../../hardware/graphics/card.ts';

/** The oldest drivers and cards, by NVIDIA's tables of compatibility; WSL shows the version of Windows' driver. */
export interface CudaNeeds {
  readonly linux: string;
  readonly wsl: string;
  readonly win32: string;
  readonly computeCapability: number;
}

const MAKERS = { amd: 'AMD', intel: 'Intel', apple: 'Apple', nvidia: 'NVIDIA' };
export const makerOf = ({ vendor }: Card) => (vendor === 'other' ? say`another maker` : MAKERS[vendor]);

/** What keeps every CUDA program from this card; null: nothing that is known. */
export function driverHindrance(card: Card, ways: Ways, needs: CudaNeeds): Finding | null {
  const onWindows = ways.platform === 'win32' ? windowsHindrance(card) : null;
  if (onWindows !== null) return onWindows;
  if (card.kernelDriver === 'nouveau')
    return fails(
      say`The card runs with nouveau, the free driver, which has no CUDA.`,
      say`Install NVIDIA’s own driver, then restart the computer.`,
    );
  if (ways.surroundings.container !== null && !ways.devices.nvidia && !ways.nvidia.works)
    return fails(
      say`The container was started without the card.`,
      say`Install nvidia-container-toolkit, and start the container with access to the card.`,
    );
  if (!ways.nvidia.works)
    return ways.nvidia.problem === null
      ? fails(
          say`NVIDIA’s driver is not installed.`,
          say`Install it with your system’s package manager or from nvidia.com, then restart the computer.`,
        )
      : fails(
          say`NVIDIA’s driver doesn’t work. ${ways.nvidia.problem}`,
          say`Restart the computer. If that doesn’t help, install the driver again.`,
        );
  if (card.parts?.length === 0)
    return fails(
      say`The card is set to be divided (MIG), but has no parts yet, so programs can’t use it.`,
      say`Create a part of the card, or switch MIG off.`,
    );
  return tooOld(card, ways, needs);
}

function tooOld(
  { driverVersion, computeCapability }: Card,
  { platform, surroundings }: Ways,
  needs: CudaNeeds,
): Finding | null {
  const oldest = platform === 'win32' ? needs.win32 : surroundings.wsl === null ? needs.linux : needs.wsl;
  if (computeCapability !== null && computeCapability < needs.computeCapability)
    return fails(
      say`The card is too old: it has compute capability ${computeCapability}, and ${needs.computeCapability} is needed.`,
    );
  if (driverVersion === null)
    return fails(
      say`NVIDIA’s driver doesn’t run this card.`,
      say`Restart the computer. If that doesn’t help, check the card’s power supply and temperature.`,
    );
  return isBelow(driverVersion, oldest)
    ? fails(
        say`Driver ${driverVersion} is too old: ${oldest} is needed.`,
        say`Install a newer NVIDIA driver.`,
      )
    : null;
}

/** 525.105 is newer than 525.60. */
function isBelow(version: string, oldest: string): boolean {
  const [ours, least] = [version, oldest].map((text) => text.split('.').map(Number));
  const at = least!.findIndex((part, i) => ours![i] !== part);
  return at >= 0 && (ours![at] ?? 0) < least![at]!;
}

export function partsText({ parts }: Card): string {
  return parts === null
    ? ''
    : `${marks().gap}${say`The card is divided (MIG): ${parts.join(marks().comma)}. A program gets one part.`}`;
}
