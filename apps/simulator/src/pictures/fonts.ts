import { fileURLToPath } from 'node:url';
import { GlobalFonts } from '@napi-rs/canvas';

const files = {
  'Simulator Sans': ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'],
  'Simulator Mono': ['DejaVuSansMono.ttf'],
} as const;

/** What to put behind a size in `font`. Scripts that DejaVu lacks fall to whatever the machine has. */
export const sans = '"Simulator Sans", sans-serif';
export const mono = '"Simulator Mono", monospace';

/** Makes our own fonts known to the canvas, once: a bare machine has none. @throws Error when a file is missing */
export function registerFonts(): void {
  for (const [family, names] of Object.entries(files)) {
    if (GlobalFonts.has(family)) continue;
    for (const name of names) {
      const path = fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${name}`));
      if (!GlobalFonts.registerFromPath(path, family)) throw new Error(`the font ${name} cannot be read`);
    }
  }
}
