/** What worker and client must agree on. */
export const application = 'bench';
export const applicationVersion = '1';
export const queueName = 'pictures';
export const workflowName = 'picture';
