import { type Canvas, createCanvas, type Image, type SKRSContext2D } from '@napi-rs/canvas';
import { digestOf, type Random, seededRandom, seedOf } from '../random.ts';
import type { Dimensions } from './dimensions.ts';
import { mono, sans } from './fonts.ts';
import { paintScenery } from './scenery.ts';
import { fitText } from './wrapText.ts';

/** What a picture shows. `details`: the line under the prompt; `seed`: decides everything but the text and the hue. */
export type PictureContent = { prompt: string; details: string; seed: number; references: readonly Image[] };

/** The colour a prompt has, the same wherever it is drawn. @returns degrees, 0 to 359 */
export function hueOf(prompt: string): number {
  return seedOf(digestOf('hue', prompt)) % 360;
}

/** More prints than this get too small to recognise. */
const printsMax = 3;

/** Draws a picture: scenery in the prompt's colour, the references as prints on it, a card with the text. */
export function drawPicture(size: Dimensions, content: PictureContent): Canvas {
  const canvas = createCanvas(size.width, size.height);
  const context = canvas.getContext('2d');
  const random = seededRandom(content.seed);
  const hue = hueOf(content.prompt);
  paintScenery(context, size, hue, random);
  const cardTop = drawCard(context, size, content, hue);
  const prints = content.references.slice(0, printsMax);
  prints.forEach((image, index) => {
    const cell = { x: (size.width / prints.length) * index, width: size.width / prints.length, height: cardTop };
    drawPrint(context, image, cell, hue, random);
  });
  return canvas;
}

/** A picture too small for text: scenery, or the reference under the prompt's tint. */
export function drawTinyPicture(size: Dimensions, content: Omit<PictureContent, 'details'>): Canvas {
  const canvas = createCanvas(size.width, size.height);
  const context = canvas.getContext('2d');
  const random = seededRandom(content.seed);
  const hue = hueOf(content.prompt);
  paintScenery(context, size, hue, random);
  const [image] = content.references;
  if (image) drawPrint(context, image, { x: 0, ...size }, hue, random);
  return canvas;
}

/** Draws the card at the bottom. @returns where it begins, in pixels from the top */
function drawCard(context: SKRSContext2D, size: Dimensions, content: PictureContent, hue: number): number {
  const { width, height } = size;
  const short = Math.min(width, height);
  const margin = short * 0.05;
  const padding = short * 0.04;
  const inner = width - 2 * (margin + padding);
  const promptSizes = [0.062, 0.054, 0.047, 0.04, 0.034, 0.03].map((share) => share * short);
  const tallest = height * 0.4;
  const prompt = fitText(
    context,
    content.prompt,
    { width: inner, maxLines: (at) => Math.max(1, Math.floor(tallest / (at * 1.3))) },
    (at) => `bold ${at}px ${sans}`,
    promptSizes,
  );
  const details = fitText(
    context,
    content.details,
    { width: inner, maxLines: (at) => (at > 0.022 * short ? 1 : 2) },
    (at) => `${at}px ${mono}`,
    [0.027, 0.023, 0.02].map((share) => share * short),
  );
  const textHeight = prompt.lines.length * prompt.size * 1.3 + details.lines.length * details.size * 1.4;
  const cardHeight = textHeight + 2 * padding + short * 0.018;
  const top = height - margin - cardHeight;
  context.save();
  context.shadowColor = 'rgba(0, 0, 0, 0.35)';
  context.shadowBlur = short * 0.03;
  context.shadowOffsetY = short * 0.008;
  context.fillStyle = 'rgba(255, 255, 255, 0.93)';
  context.beginPath();
  context.roundRect(margin, top, width - 2 * margin, cardHeight, short * 0.025);
  context.fill();
  context.restore();
  context.textBaseline = 'top';
  let y = top + padding;
  const write = (lines: string[], font: string, color: string, lineHeight: number) => {
    context.font = font;
    context.fillStyle = color;
    for (const line of lines) {
      context.fillText(line, margin + padding, y);
      y += lineHeight;
    }
  };
  write(prompt.lines, `bold ${prompt.size}px ${sans}`, `hsl(${hue}, 45%, 18%)`, prompt.size * 1.3);
  y += short * 0.018;
  write(details.lines, `${details.size}px ${mono}`, `hsl(${hue}, 18%, 38%)`, details.size * 1.4);
  return top;
}

/** Hangs a reference as a white-framed print, slightly askew, under a tint of the prompt's colour. */
function drawPrint(
  context: SKRSContext2D,
  image: Image,
  cell: { x: number; width: number; height: number },
  hue: number,
  random: Random,
): void {
  const scale = Math.min((cell.width * 0.78) / image.width, (cell.height * 0.78) / image.height);
  const [width, height] = [image.width * scale, image.height * scale];
  const frame = Math.min(cell.width, cell.height) * 0.03;
  context.save();
  context.translate(cell.x + cell.width / 2, cell.height / 2);
  context.rotate((random() - 0.5) * 0.12);
  context.shadowColor = 'rgba(0, 0, 0, 0.45)';
  context.shadowBlur = frame;
  context.shadowOffsetY = frame * 0.4;
  context.fillStyle = 'white';
  context.fillRect(-width / 2 - frame, -height / 2 - frame, width + 2 * frame, height + 2 * frame);
  context.shadowColor = 'transparent';
  context.drawImage(image, -width / 2, -height / 2, width, height);
  context.fillStyle = `hsla(${hue}, 80%, 50%, 0.22)`;
  context.fillRect(-width / 2, -height / 2, width, height);
  context.restore();
}
