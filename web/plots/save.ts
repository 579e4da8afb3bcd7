import type { Palette } from './options/palette.ts';
import type { Picture } from './options/picture.ts';

/** Pixels of a saved picture for each of the page. */
const SCALE = 2;

/** A picture as it stands in the page. */
export interface Shown {
  readonly picture: Picture;
  readonly palette: Palette;
  readonly width: number;
  /** Name of the file, without what its kind adds. */
  readonly name: string;
}

async function svgBlob({ picture, palette, width }: Shown): Promise<Blob> {
  const { renderSvg } = await import('./render.ts');
  return new Blob([renderSvg(picture, { width, ground: palette('ground') })], {
    type: 'image/svg+xml',
  });
}

function download(blob: Blob, file: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = file;
  link.click();
  // Not at once, as the browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Saves a picture as an SVG file. */
export async function saveSvg(shown: Shown): Promise<void> {
  download(await svgBlob(shown), `${shown.name}.svg`);
}

/** Saves a picture as a PNG file of twice the size. */
export async function savePng(shown: Shown): Promise<void> {
  const url = URL.createObjectURL(await svgBlob(shown));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = SCALE * image.naturalWidth;
    canvas.height = SCALE * image.naturalHeight;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (blob === null) throw new Error('The browser could not draw the picture.');
    download(blob, `${shown.name}.png`);
  } finally {
    URL.revokeObjectURL(url);
  }
}
