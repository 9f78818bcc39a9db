import { colour, onSchemeChange } from '../dom.js';
import { SIDE } from './rasterise.js';

/** Paints 28 × 28 pixels on a canvas in the page's ink, again when the colour scheme changes. */
export function pictureOn(canvas: HTMLCanvasElement): (pixels: Float32Array) => void {
  canvas.width = canvas.height = SIDE;
  let shown: Float32Array | null = null;
  const paint = () => {
    const context = canvas.getContext('2d');
    if (context === null || shown === null) return;
    const image = context.createImageData(SIDE, SIDE);
    const [red, green, blue] = channels(colour('ink'));
    shown.forEach((value, k) => image.data.set([red, green, blue, Math.round(255 * value)], 4 * k));
    context.putImageData(image, 0, 0);
  };
  onSchemeChange(paint);
  return (pixels) => {
    shown = pixels;
    paint();
  };
}

/** Of a colour written as #rrggbb. */
function channels(hex: string): [number, number, number] {
  const value = parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
