import { type EgressSurface, judgeResolved } from '../egress/index.ts';
import { fieldProblem } from '../errors/index.ts';

/** Judges where events are to be sent, by what it says and by where it leads. @throws Problem `url_not_allowed` */
export async function judgeReceiver(url: string, surface: EgressSurface, field = 'webhook_url'): Promise<void> {
  const judged = await judgeResolved(url, surface);
  if (!judged.ok) throw fieldProblem('url_not_allowed', field, `The URL is not allowed: ${judged.reason}.`);
}
