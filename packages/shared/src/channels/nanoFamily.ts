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
 * The ratio that says the same as a size such as `1024x1024`.
 * @returns the exact ratio when the family has it; the nearest one otherwise; undefined when `size` is no size
 */
export function ratioOfSize(size: string): { ratio: string; exact: boolean } | undefined {
  const match = /^([1-9]\d{0,4})\s*[x×*]\s*([1-9]\d{0,4})$/i.exec(size.trim());
  if (!match) return undefined;
  const wanted = Math.log(Number(match[1]) / Number(match[2]));
  const distance = (ratio: string) => {
    const [width, height] = ratio.split(':').map(Number);
    return Math.abs(Math.log(width! / height!) - wanted);
  };
  const ratio = aspectRatios.reduce((best, one) => (distance(one) < distance(best) ? one : best));
  return { ratio, exact: distance(ratio) < 1e-9 };
}
