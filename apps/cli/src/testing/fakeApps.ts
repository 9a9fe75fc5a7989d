import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const say = (msg: string) =>
  `process.stdout.write(JSON.stringify({ level: 30, time: Date.now(), msg: '${msg}' }) + '\\n');`;

/** The least that a start needs of each app. */
const apps = {
  simulator: `setInterval(() => {}, 1000); ${say('listening')}`,
  worker: `setInterval(() => {}, 1000); ${say('ready')}`,
  api: `import { fakeApi } from '${import.meta.resolve('./fakeApi.ts')}';
    const { PORT, API_KEYS, PUBLIC_BASE_URL } = process['env'];
    await fakeApi({ enabled: () => true, port: Number(PORT), apiKey: API_KEYS.split(':')[1], publicBaseUrl: PUBLIC_BASE_URL });
    ${say('listening')}`,
};

/** For tests: a folder that looks like the workspace, with stand-ins for its apps. `broken` ends with 1 at once. */
export async function fakeWorkspace(broken?: keyof typeof apps): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'darkroom-root-'));
  await writeFile(join(root, 'package.json'), '{"type": "module"}');
  for (const [name, source] of Object.entries(apps)) {
    await mkdir(join(root, 'apps', name, 'src'), { recursive: true });
    await writeFile(join(root, 'apps', name, 'src', 'main.ts'), name === broken ? 'process.exit(1);' : source);
  }
  await mkdir(join(root, 'packages'));
  return root;
}
