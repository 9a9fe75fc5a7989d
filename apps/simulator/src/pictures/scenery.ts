import type { SKRSContext2D } from '@napi-rs/canvas';
import type { Random } from '../random.ts';
import type { Dimensions } from './dimensions.ts';

const color = (hue: number, saturation: number, lightness: number, alpha = 1) =>
  `hsla(${((hue % 360) + 360) % 360}, ${saturation}%, ${lightness}%, ${alpha})`;

/** Paints a sky, a sun and hills over the whole canvas. `hue`: degrees, the prompt's own colour. */
export function paintScenery(context: SKRSContext2D, { width, height }: Dimensions, hue: number, random: Random): void {
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, color(hue, 58, 46));
  sky.addColorStop(0.6, color(hue + 28, 66, 76));
  sky.addColorStop(1, color(hue + 46, 72, 86));
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  paintSun(context, { width, height }, hue, random);
  const layers = 4;
  for (let layer = 0; layer < layers; layer++) {
    const depth = layer / (layers - 1);
    context.fillStyle = color(hue + 20 - 30 * depth, 40 + 8 * depth, 62 - 38 * depth);
    paintHill(context, { width, height }, height * (0.5 + 0.13 * layer), random);
  }
}

function paintSun(context: SKRSContext2D, { width, height }: Dimensions, hue: number, random: Random): void {
  const radius = Math.min(width, height) * (0.09 + 0.05 * random());
  const x = width * (0.15 + 0.7 * random());
  const y = height * (0.14 + 0.2 * random());
  const glow = context.createRadialGradient(x, y, radius * 0.6, x, y, radius * 3.2);
  glow.addColorStop(0, color(hue + 60, 90, 92, 0.75));
  glow.addColorStop(1, color(hue + 60, 90, 92, 0));
  context.fillStyle = glow;
  context.fillRect(0, 0, width, height);
  context.fillStyle = color(hue + 60, 95, 94);
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function paintHill(context: SKRSContext2D, { width, height }: Dimensions, level: number, random: Random): void {
  const swell = height * (0.04 + 0.05 * random());
  const waves = 1.2 + 1.6 * random();
  const shift = 2 * Math.PI * random();
  const ripple = 2 * Math.PI * random();
  const step = Math.max(1, Math.round(width / 128));
  context.beginPath();
  context.moveTo(0, height);
  for (let x = 0; x <= width + step; x += step) {
    const along = (x / width) * 2 * Math.PI;
    const rise = Math.sin(along * waves * 0.5 + shift) + 0.35 * Math.sin(along * waves * 1.7 + ripple);
    context.lineTo(x, level - swell * rise);
  }
  context.lineTo(width, height);
  context.closePath();
  context.fill();
}
