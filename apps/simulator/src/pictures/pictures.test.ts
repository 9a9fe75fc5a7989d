import { createCanvas, type Image, loadImage } from '@napi-rs/canvas';
import { describe, expect } from 'vitest';
import { test as base, type Client } from '../testing/startedSimulator.ts';
import { dimensionsOf } from './dimensions.ts';

const test = base.extend({ options: { picture: 'full', behaviour: { duration: 0 } } });

const magic = { png: /^\x89PNG\r\n/, jpeg: /^\xff\xd8\xff/, webp: /^RIFF....WEBP/s };

/** Submits, waits for the end, downloads: real bytes, really decoded. */
async function pictureOf(client: Client, fields: { prompt: string } & Record<string, unknown>) {
  const id = await client.accepted(fields.prompt, fields);
  return download((await client.query(id)).body.data.result_url!);
}

async function download(url: string) {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { bytes, type: response.headers.get('content-type'), image: await loadImage(bytes) };
}

/** Colour of one pixel. */
function pixel(image: Image, x: number, y: number): number[] {
  const canvas = createCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  return [...context.getImageData(x, y, 1, 1).data.slice(0, 3)];
}

describe('a picture', () => {
  test.for([
    { model: 'NanoBanana', output_format: 'webp', aspect_ratio: '1:1', size: [1024, 1024] },
    { model: 'NanoBananaPro-1K', output_format: 'jpeg', aspect_ratio: '16:9', size: [1024, 576] },
    { model: 'NanoBanana2-0.5K', output_format: 'png', aspect_ratio: '9:16', size: [288, 512] },
    { model: 'NanoBanana2-2K', output_format: 'png', aspect_ratio: '4:3', size: [2048, 1536] },
    { model: 'NanoBanana2-1K', output_format: 'png', aspect_ratio: '21:9', size: [1008, 432] },
  ] as const)('of $model in $aspect_ratio is $output_format of the right size', async (wanted, { client }) => {
    const { size, ...fields } = wanted;
    const { bytes, type, image } = await pictureOf(client, { ...fields, prompt: 'a pear' });
    expect(bytes.toString('latin1', 0, 12)).toMatch(magic[fields.output_format]);
    expect(type).toBe(`image/${fields.output_format}`);
    expect([image.width, image.height]).toEqual(size);
  });

  test('is a square png where nothing was asked', async ({ client }) => {
    const { bytes, image } = await pictureOf(client, { prompt: 'a pear' });
    expect(bytes.toString('latin1', 0, 12)).toMatch(magic.png);
    expect([image.width, image.height]).toEqual([512, 512]);
  });

  test('shows its prompt: another prompt, another colour', async ({ client }) => {
    const [pear, plum] = [await pictureOf(client, { prompt: 'pear' }), await pictureOf(client, { prompt: 'plum' })];
    expect(pixel(pear.image, 2, 2)).not.toEqual(pixel(plum.image, 2, 2));
  });

  test('of each index differs, and comes out the same when asked again', async ({ client, simulator }) => {
    const id = await client.accepted('two pears', { n: 2 });
    const urls = (await client.query(id)).body.data.result_urls as string[];
    expect(urls).toHaveLength(2);
    const [first, second, again] = await Promise.all([urls[0]!, urls[1]!, urls[0]!].map(download));
    expect(first!.bytes.equals(second!.bytes)).toBe(false);
    expect(first!.bytes.equals(again!.bytes)).toBe(true);
    expect(simulator.downloadsOf(id)).toBe(3);
  });

  test('copes with a prompt that no picture can hold', async ({ client }) => {
    const { image } = await pictureOf(client, { prompt: `${'word '.repeat(3000)}${'x'.repeat(9000)}` });
    expect(image.width).toBe(512);
  });
});

describe('a picture made from another', () => {
  /** A red square, as bytes. */
  const red = () => {
    const canvas = createCanvas(200, 200);
    const context = canvas.getContext('2d');
    context.fillStyle = 'rgb(255, 0, 0)';
    context.fillRect(0, 0, 200, 200);
    return canvas.toBuffer('image/png');
  };

  /** Where the print hangs, red outweighs what the tint leaves of the other two. */
  const showsRed = (image: Image) => {
    const [r = 0, g = 0, b = 0] = pixel(image, 256, 150);
    return r > 150 && r > g + 60 && r > b + 60;
  };

  test('shows the data URI it was made from', async ({ client, simulator }) => {
    const image = `data:image/png;base64,${red().toString('base64')}`;
    for (const given of [{ image }, { image: { url: image } }, { images: [image] }]) {
      const prompt = `made of ${Object.keys(given)} ${typeof given.image}`;
      const id = await client.accepted(prompt, given);
      await simulator.until(() => simulator.tasks().at(-1)?.phase === 'succeeded');
      const { data } = (await client.query(id)).body;
      expect(data.metadata.task_type).toBe('image2image');
      expect(showsRed((await download(data.result_url!)).image)).toBe(true);
    }
  });

  test('shows the URL it was made from', async ({ client, simulator }) => {
    const source = await client.accepted('source');
    const url = (await client.query(source)).body.data.result_url!;
    const id = await client.accepted('made from a URL', { image: url, task_type: 'image2image' });
    await simulator.until(() => simulator.tasks().at(-1)?.phase === 'succeeded');
    expect(simulator.downloadsOf(source)).toBe(1);
    const made = await download((await client.query(id)).body.data.result_url!);
    const plain = await pictureOf(client, { prompt: 'made from a URL' });
    expect(pixel(made.image, 256, 150)).not.toEqual(pixel(plain.image, 256, 150));
  });

  test('shows the file that was uploaded', async ({ client, simulator }) => {
    const form = new FormData();
    form.set('model', 'NanoBanana2-0.5K');
    form.set('prompt', 'made from a file');
    form.set('n', '1');
    form.set('image', new Blob([new Uint8Array(red())], { type: 'image/png' }), 'red.png');
    const id = (await client.submit(form)).body.data.task_id;
    await simulator.until(() => simulator.tasks().at(-1)?.phase === 'succeeded');
    expect(showsRed((await download((await client.query(id)).body.data.result_url!)).image)).toBe(true);
    expect(simulator.submissions().at(-1)?.fields).toMatchObject({ n: '1', files: [red().length] });
  });

  test('fails when the reference is not there, or is none', async ({ client, simulator }) => {
    const truncated = red().subarray(0, 40).toString('base64');
    for (const image of [`${simulator.url}/results/none.png`, `data:image/png;base64,${truncated}`]) {
      const id = await client.accepted(`made from ${image.slice(0, 20)}`, { image });
      await simulator.until(() => simulator.tasks().at(-1)?.phase === 'failed');
      expect((await client.query(id)).body.data.error).toMatchObject({ code: 'invalid_input' });
    }
  });
});

base('tiny pictures keep ratio and format', async ({ client, clock }) => {
  const id = await client.accepted('tiny', { aspect_ratio: '16:9', output_format: 'jpeg', model: 'NanoBananaPro-8K' });
  clock.advance(100);
  const { bytes, image } = await download((await client.query(id)).body.data.result_url!);
  expect([image.width, image.height]).toEqual([64, 36]);
  expect(bytes.toString('latin1', 0, 12)).toMatch(magic.jpeg);
});

base('a size has exactly its ratio', () => {
  expect(dimensionsOf('21:9', 1024)).toEqual({ width: 1008, height: 432 });
  expect(dimensionsOf('4:5', 8192)).toEqual({ width: 6552, height: 8190 });
});
