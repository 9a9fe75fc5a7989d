import { makeWorkerUtils } from 'graphile-worker';
import pg from 'pg';
import type { Peer } from '../peer.ts';

/** A finished job is deleted, so results have a table of their own. */
const createTable = `
  CREATE TABLE IF NOT EXISTS pictures (
    id text PRIMARY KEY, upstream_id text NOT NULL, file text, bytes int, sha256 text, finished_at timestamptz
  )`;

export const graphileWorker: Peer = {
  name: 'graphile-worker',
  how: 'the task sleeps and asks; jobs fetched ahead (`localQueue`) and completed in batches',
  store: 'postgres',
  program: new URL('./worker.ts', import.meta.url),
  async open(storeUrl) {
    const pool = new pg.Pool({ connectionString: storeUrl, max: 10 });
    pool.on('error', (error) => process.stderr.write(`${error.message}\n`));
    const utils = await makeWorkerUtils({ pgPool: pool });
    await utils.migrate();
    await pool.query(createTable);
    return {
      async add({ prompt }) {
        return (await utils.addJob('picture', { prompt })).id;
      },
      async finished() {
        const { rows } = await pool.query('SELECT count(*) AS count FROM pictures WHERE finished_at IS NOT NULL');
        return Number(rows[0].count);
      },
      async pictureOf(id) {
        const { rows } = await pool.query('SELECT file FROM pictures WHERE id = $1', [id]);
        return rows[0]?.file ?? undefined;
      },
      async close() {
        await utils.release();
        await pool.end();
      },
    };
  },
};
