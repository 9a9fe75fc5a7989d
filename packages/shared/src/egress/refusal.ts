/** Said of a name that does not resolve and of one that resolves badly, so that no caller can map our inner names. */
export const badName = 'the host name does not lead to an address that may be called';

/**
 * Thrown instead of connecting. `reason` holds nothing the giver of the URL did not know; `cause` (a resolver's error)
 * is for our logs.
 */
export class EgressRefused extends Error {
  override readonly name = 'EgressRefused';
  readonly code = 'EGRESS_REFUSED';
  readonly reason: string;
  /** The name could not be looked up, which may pass. Any other refusal stands until the name or the settings change. */
  readonly unresolved: boolean;

  constructor(reason: string, { unresolved = false, cause }: { unresolved?: boolean; cause?: unknown } = {}) {
    super(`refused to connect: ${reason}`, { cause });
    this.reason = reason;
    this.unresolved = unresolved;
  }
}
