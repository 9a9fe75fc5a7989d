import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { checkedKey, type ObjectStore } from './store.ts';

export type S3Settings = {
  bucket: string;
  region: string;
  /** set for S3-compatible stores; unset means AWS */
  endpoint: string | undefined;
  accessKeyId: string | undefined;
  secretAccessKey: string | undefined;
  /** `https://host/bucket/key` instead of `https://bucket.host/key`; most compatible stores want it */
  forcePathStyle: boolean;
};

/** Keeps objects in one bucket of an S3-compatible store. Without keys, the machine's own credentials are used. */
export function s3Store(settings: S3Settings): ObjectStore {
  const { bucket: Bucket, accessKeyId, secretAccessKey, ...rest } = settings;
  const client = new S3Client({
    ...rest,
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
    // Compatible stores refuse the checksum trailers that newer SDKs add by default.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return {
    async put(key, body, mediaType, confirm) {
      const Body = confirm ? Readable.from(confirmed(body, confirm), { objectMode: false }) : body;
      const params = { Bucket, Key: checkedKey(key), Body, ContentType: mediaType };
      await new Upload({ client, params, queueSize: 1 }).done();
    },
    async open(key, range) {
      const Range = range && `bytes=${range.start}-${range.end}`;
      const found = await orNothing(client.send(new GetObjectCommand({ Bucket, Key: checkedKey(key), Range })));
      return found?.Body as Readable | undefined;
    },
    async stat(key) {
      const found = await orNothing(client.send(new HeadObjectCommand({ Bucket, Key: checkedKey(key) })));
      return found && { bytes: found.ContentLength ?? 0 };
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand({ Bucket, Key: checkedKey(key) }));
    },
    async *list(prefix) {
      let ContinuationToken: string | undefined;
      do {
        const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, ContinuationToken }));
        for (const object of page.Contents ?? []) {
          if (object.Key) yield { key: object.Key, bytes: object.Size ?? 0 };
        }
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken);
    },
    async folders(after, limit) {
      const found: string[] = [];
      // '0' comes right behind '/': what is in the folder `after` itself is passed over.
      let StartAfter = after === '' ? undefined : `${after}0`;
      let ContinuationToken: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket, Delimiter: '/', MaxKeys: limit, StartAfter, ContinuationToken }),
        );
        for (const { Prefix } of page.CommonPrefixes ?? []) if (Prefix) found.push(Prefix.slice(0, -1));
        StartAfter = undefined;
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken && found.length < limit);
      return found.filter((name) => name > after).slice(0, limit);
    },
    async removeFolder(folder) {
      const keys = await Array.fromAsync(this.list(`${checkedKey(folder)}/`));
      for (const { key: Key } of keys) await client.send(new DeleteObjectCommand({ Bucket, Key }));
      return keys.length;
    },
    // Uploads in parts that were never completed are no objects; the bucket's lifecycle rule drops them.
    removeHalfWritten: async () => 0,
    async check() {
      await client.send(new HeadBucketCommand({ Bucket }));
    },
  };
}

/** The bytes of a body, its end held back until it is confirmed: an upload appears only when it has ended. */
async function* confirmed(body: Readable | Uint8Array | string, confirm: () => Promise<void>) {
  if (body instanceof Readable) yield* body;
  else yield body;
  await confirm();
}

async function orNothing<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return undefined;
    throw error;
  }
}
