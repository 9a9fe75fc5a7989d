import pg from 'pg';
import type { Peer } from '../peer.ts';
import type { Picture } from '../work.ts';
import { createNotes, type PictureJob, queueName, startBoss } from './jobs.ts';

export const pgBoss: Peer = {
  name: 'pg-boss',
  how: 'workers that take 50 jobs at a time and settle each of them (`perJobResults`); a job sleeps and asks',
  store: 'postgres',
  program: new URL('./worker.ts', import.meta.url),
  async open(storeUrl) {
    const boss = await startBoss(storeUrl);
    const client = new pg.Client(storeUrl);
    await client.connect();
    await client.query(createNotes);
    return {
      async add({ prompt }) {
        return (await boss.send(queueName, { prompt } satisfies PictureJob))!;
      },
      async finished() {
        const { rows } = await client.query(
          `SELECT count(*) AS count FROM pgboss.job WHERE name = $1 AND state = 'completed'`,
          [queueName],
        );
        return Number(rows[0].count);
      },
      async pictureOf(id) {
        const [job] = await boss.findJobs<PictureJob>(queueName, { id });
        return (job?.output as Picture | null)?.file;
      },
      async close() {
        await client.end();
        await boss.stop({ graceful: false });
      },
    };
  },
};
