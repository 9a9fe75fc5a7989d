/** What Redis replies when it cannot do what it could do a moment earlier or later. */
const passingReplies = /^(OOM|READONLY|LOADING|MISCONF|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|MASTERDOWN|BUSY|NOREPLICA)\b/;

/** What ioredis says when there is no connection to send on, or no answer in time. */
const noConnection =
  /^(Connection is closed|Stream isn't writeable|Command timed out|Reached the max retries|Failed to refresh slots|None of startup nodes|Cluster isn't ready|connect E|read E|write E|getaddrinfo)/;

const names = new Set(['MaxRetriesPerRequestError', 'ClusterAllFailedError', 'AbortError', 'NotOnDisk']);

/** Whether an error says that Redis cannot serve now: away, full, read-only, loading. Anything else is a defect. */
export function isRedisUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return names.has(error.name) || passingReplies.test(error.message) || noConnection.test(error.message);
}
