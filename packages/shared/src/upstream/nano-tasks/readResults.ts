import type { UpstreamResult } from '../client.ts';
import { asMembers, type Members, taskOf } from './readAnswer.ts';

/** More results than this are not one task's: an upstream that sends them is broken or hostile. */
const resultsMax = 100;

/**
 * The pictures an answer names, wherever this market puts them. The place that names most speaks for the task, so that
 * `result_url` beside `result_urls` does not count a picture twice.
 * @param baseUrl  against which a relative URL is read
 */
export function resultsOf(answer: Members, baseUrl: string): UpstreamResult[] {
  const task = taskOf(answer);
  const metadata = asMembers(task.metadata);
  const output = asMembers(task.output) ?? asMembers(task.result);
  const nested = asMembers(task.data);
  const places: unknown[] = [
    task.result_urls,
    task.results,
    task.images,
    task.urls,
    task.image_urls,
    metadata?.result_urls,
    metadata?.images,
    output?.images,
    output?.result_urls,
    output?.results,
    output?.urls,
    task.output,
    task.result,
    task.data,
    nested?.data,
    nested?.images,
    nested?.results,
    nested?.result_urls,
    nested?.result_url,
    // OpenAI's shape: the list itself is `data`.
    Array.isArray(answer.data) ? answer.data : undefined,
    task.result_url,
    task.image_url,
    task.url,
    task.b64_json,
    answer.results,
    answer.images,
    answer.result_urls,
    answer.result_url,
  ];
  let best: UpstreamResult[] = [];
  for (const place of places) {
    const found = unique(resultsIn(place, baseUrl));
    if (found.length > best.length) best = found;
  }
  return best.slice(0, resultsMax);
}

/** Lists within lists deeper than this hold no pictures; they would only exhaust the stack. */
const depthMax = 5;

function resultsIn(place: unknown, baseUrl: string, depth = 0): UpstreamResult[] {
  if (depth > depthMax) return [];
  if (Array.isArray(place)) return place.flatMap((one) => resultsIn(one, baseUrl, depth + 1));
  if (typeof place === 'string') {
    const list = /^\s*\[/.test(place) ? listOf(place) : undefined;
    if (list) return resultsIn(list, baseUrl, depth + 1);
    return splitList(place).flatMap((text) => resultOf(text, baseUrl));
  }
  const members = asMembers(place);
  if (!members) return [];
  for (const name of ['b64_json', 'base64', 'b64']) {
    const value = members[name];
    if (typeof value === 'string' && value !== '') return [{ base64: withoutDataPrefix(value) }];
  }
  return ['url', 'image_url', 'result_url', 'image', 'src']
    .map((name) => members[name])
    .filter((value) => value !== undefined && value !== null)
    .slice(0, 1)
    .flatMap((value) => resultsIn(value, baseUrl, depth + 1));
}

/** A list that was packed into text: `"[\"https://…\"]"`. */
function listOf(text: string): unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}

/** `"https://a,https://b"` is two; a comma within one URL or data URI is part of it. */
const splitList = (text: string) => text.split(/,(?=\s*(?:https?:|data:))/);

function resultOf(text: string, baseUrl: string): UpstreamResult[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  if (/^data:[^,]*;base64,/i.test(trimmed)) return [{ base64: withoutDataPrefix(trimmed) }];
  if (/^https?:/i.test(trimmed)) return [{ url: trimmed }];
  // Bare base64 of a picture: what PNG, JPEG and WebP begin with. A JPEG's begins like a path.
  if (/^(iVBOR|\/9j\/|UklGR)[A-Za-z0-9+/=\s]+$/.test(trimmed)) return [{ base64: trimmed }];
  if (trimmed.startsWith('/') && trimmed.length < 2048 && URL.canParse(trimmed, baseUrl)) {
    return [{ url: new URL(trimmed, baseUrl).href }];
  }
  return [];
}

const withoutDataPrefix = (text: string) => text.replace(/^data:[^,]*,/i, '');

function unique(results: UpstreamResult[]): UpstreamResult[] {
  const seen = new Set<string>();
  return results.filter((result) => {
    const name = 'url' in result ? result.url : result.base64;
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}
