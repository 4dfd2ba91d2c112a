/** The pictures of the app, for tray and window. */
import path from 'node:path';
import { type NativeImage, nativeImage } from 'electron';
import { resourcesFolder } from '../paths.ts';

/** `tray` has a sharper copy `tray@2x` beside it, which Electron finds by its name. */
export function icon(name: 'icon' | 'tray'): NativeImage {
  return nativeImage.createFromPath(path.join(resourcesFolder(), 'icons', `${name}.png`));
}
