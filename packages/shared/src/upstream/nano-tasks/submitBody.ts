import type { Submission, UpstreamInput } from '../client.ts';

/**
 * The body of a post as the vendor documents it: JSON, or multipart where the references go as files.
 * One reference is `image`, several are `images`; the two are never mixed.
 */
export async function submitBody(
  submission: Submission,
  inputs: 'url' | 'data_uri' | 'multipart',
): Promise<{ contentType: string; body: Uint8Array }> {
  const fields = {
    model: submission.model,
    prompt: submission.prompt,
    task_type: submission.task_type,
    aspect_ratio: submission.aspect_ratio ?? undefined,
    output_format: submission.output_format ?? undefined,
    n: submission.n,
    response_format: 'url',
  };
  if (inputs === 'multipart' && submission.inputs.length > 0) {
    const form = new Response(multipart(fields, submission.inputs));
    return { contentType: form.headers.get('content-type')!, body: await form.bytes() };
  }
  const images = submission.inputs.map(asUrl);
  const references = images.length > 1 ? { images } : { image: images[0] };
  return { contentType: 'application/json', body: Buffer.from(JSON.stringify({ ...fields, ...references })) };
}

function multipart(fields: Record<string, string | number | undefined>, inputs: UpstreamInput[]): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.append(name, String(value));
  for (const [i, input] of inputs.entries()) {
    const name = inputs.length > 1 ? 'images' : 'image';
    if ('url' in input) form.append(name, input.url);
    else {
      const file = new Blob([input.bytes as Uint8Array<ArrayBuffer>], { type: input.media_type });
      form.append(name, file, `reference-${i}.${input.media_type.split('/')[1]}`);
    }
  }
  return form;
}

function asUrl(input: UpstreamInput): string {
  if ('url' in input) return input.url;
  return `data:${input.media_type};base64,${Buffer.from(input.bytes).toString('base64')}`;
}
