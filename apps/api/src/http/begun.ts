/**
 * Has the first item of a stream of items made before any of it is sent: what fails at once is then still answered with
 * an error, not with a connection that breaks off.
 * @throws whatever making the first one throws
 */
export async function begun<T>(items: AsyncGenerator<T>): Promise<AsyncGenerator<T>> {
  const first = await items.next();
  return (async function* () {
    try {
      if (first.done) return;
      yield first.value;
      yield* items;
    } finally {
      await items.return(undefined);
    }
  })();
}
