/** What the vendor says of a model: the formats it can make. Source: the vendor's page on the Nano series. */
export type ModelRules = { output_formats: readonly string[] };

/** Every model id the vendor documents, and what is known of it. An account may call fewer: that is configuration. */
export const nanoModels: Readonly<Record<string, ModelRules>> = {
  NanoBanana: { output_formats: ['png', 'jpeg', 'webp'] },
  'NanoBananaPro-1K': { output_formats: ['png', 'jpeg'] },
  'NanoBananaPro-2K': { output_formats: ['png', 'jpeg'] },
  'NanoBananaPro-4K': { output_formats: ['png', 'jpeg'] },
  'NanoBananaPro-8K': { output_formats: ['png', 'jpeg'] },
  'NanoBanana2-0.5K': { output_formats: ['png', 'jpeg'] },
  'NanoBanana2-1K': { output_formats: ['png', 'jpeg'] },
  'NanoBanana2-2K': { output_formats: ['png', 'jpeg'] },
  'NanoBanana2-4K': { output_formats: ['png', 'jpeg'] },
};

/** The width:height ratios the family draws. */
export const aspectRatios = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'] as const;

/** Rules of a model the vendor added after this release: what all of the newer families can do. */
const unknownModel: ModelRules = { output_formats: ['png', 'jpeg'] };

export function rulesOf(model: string): ModelRules {
  return (Object.hasOwn(nanoModels, model) && nanoModels[model]) || unknownModel;
}

/**
 * The ratios that come closest to a size such as `1024x1024`.
 * @returns the nearest two, and whether the first says exactly the same; undefined when `size` is no size
 */
export function ratiosOfSize(size: string): { ratio: string; second: string; exact: boolean } | undefined {
  const match = /^([1-9]\d{0,4})\s*[x×*]\s*([1-9]\d{0,4})$/i.exec(size.trim());
  if (!match) return undefined;
  const wanted = Math.log(Number(match[1]) / Number(match[2]));
  const distance = (ratio: string) => {
    const [width, height] = ratio.split(':').map(Number);
    return Math.abs(Math.log(width! / height!) - wanted);
  };
  const [ratio, second] = aspectRatios.toSorted((a, b) => distance(a) - distance(b));
  return { ratio: ratio!, second: second!, exact: distance(ratio!) < 1e-9 };
}
