import { PgBoss } from 'pg-boss';

export const queueName = 'pictures';

/** Tasks that one worker of pg-boss holds at once; it settles them one by one when the last of them is done. */
export const batchSize = 50;

export type PictureJob = { prompt: string };

/** The upstream's id of each task, noted as soon as it is known: a job's own data does not change while it is worked on. */
export const createNotes = 'CREATE TABLE IF NOT EXISTS orders (id uuid PRIMARY KEY, upstream_id text NOT NULL)';

export async function startBoss(connectionString: string): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString });
  boss.on('error', (error) => process.stderr.write(`${error.message}\n`));
  await boss.start();
  await boss.createQueue(queueName, { retryLimit: 5, retryBackoff: true, retentionSeconds: 24 * 3600 });
  return boss;
}
