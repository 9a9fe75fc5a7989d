/** The tiers of the two families that have them, by Google's name of a size. Source: the vendor's Gemini page. */
const families = [
  { alias: 'gemini-3-pro-image', model: 'NanoBananaPro', sizes: { '1K': '1K', '2K': '2K', '4K': '4K', '8K': '8K' } },
  {
    alias: 'gemini-3.1-flash-image',
    model: 'NanoBanana2',
    sizes: { '512': '0.5K', '512PX': '0.5K', '0.5K': '0.5K', '1K': '1K', '2K': '2K', '4K': '4K' },
  },
] as const;

/** Google's name of the base model. */
const base = { alias: 'gemini-2.5-flash-image', model: 'NanoBanana' };

/** A model of a family without its size, and the size its name says. */
type Named = { family: (typeof families)[number]; size: string | undefined };

/**
 * The Nano model that a name and an `imageSize` mean. A name may be ours or Google's, with or without its size; what
 * `imageSize` says wins over the name.
 * @returns undefined when the family has no such size; the name itself when it is of no family
 */
export function modelOf(name: string, imageSize: string | undefined): string | undefined {
  const named = familyOf(name);
  if (!named) return /^gemini-2\.5-flash-image(-preview)?$/i.test(name) ? base.model : name;
  const size = (imageSize ?? named.size ?? '1K').toUpperCase();
  const tier = Object.hasOwn(named.family.sizes, size) && named.family.sizes[size as never];
  return tier ? `${named.family.model}-${tier}` : undefined;
}

/** The sizes that a model's family draws, in Google's words; empty for a model of no family. */
export function sizesOf(name: string): string[] {
  return Object.keys(familyOf(name)?.family.sizes ?? {}).filter((size) => size !== '512PX' && size !== '0.5K');
}

/** Google's name of one of our models. */
export function aliasOf(model: string): string | undefined {
  if (model === base.model) return base.alias;
  for (const family of families) {
    if (!model.startsWith(`${family.model}-`)) continue;
    const size = Object.entries(family.sizes).find(([, tier]) => model === `${family.model}-${tier}`)?.[0];
    if (size) return `${family.alias}-preview-${size.toLowerCase()}`;
  }
  return undefined;
}

function familyOf(name: string): Named | undefined {
  for (const family of families) {
    const ours = new RegExp(`^${family.model}(?:-(\\d+(?:\\.\\d+)?K))?$`, 'i').exec(name);
    const googles = new RegExp(`^${family.alias.replace('.', '\\.')}(?:-preview)?(?:-(512|\\d+k))?$`, 'i').exec(name);
    const found = ours ?? googles;
    if (found) return { family, size: found[1]?.toUpperCase() };
  }
  return undefined;
}
