/**
 * Preloaded (`node --import`) into every Node child of `darkroom start`: ends it, as SIGTERM would, when the supervisor
 * is gone without having been able to say so (SIGKILL, out of memory). The channel carries no message.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// A listener for 'disconnect' does not hold the process, an open channel would.
process.channel?.unref();
