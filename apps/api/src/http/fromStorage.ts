import { Problem } from '@darkroom/shared/errors';

/** What storage answers. @throws Problem `storage_unavailable` when it does not */
export async function fromStorage<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Problem) throw error;
    const message = 'Storage cannot be reached. Try again.';
    throw new Problem('storage_unavailable', message, { retryAfterSeconds: 5, cause: error });
  }
}
