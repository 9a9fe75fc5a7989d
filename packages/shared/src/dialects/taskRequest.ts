import type { Webhook } from '../tasks/index.ts';

/** A reference image as a client gave it: a URL, or the bytes themselves. `field` names where it stood. */
export type GivenImage = { field: string } & ({ url: string } | { base64: string } | { bytes: Buffer });

/** A request for pictures as every dialect parses it, before it meets the models' rules. */
export type TaskRequest = {
  model: string;
  prompt: string;
  task_type: 'text2image' | 'image2image';
  images: GivenImage[];
  aspect_ratio: string | null;
  output_format: string | null;
  n: number;
  webhook: Webhook | null;
  priority: 'interactive' | 'batch';
  deadline_seconds: number | null;
  labels: Record<string, string>;
};

/** A file of a form, wholly in memory. `field` is its name without brackets: `image[]` is `image`. */
export type UploadedFile = { field: string; bytes: Buffer };
